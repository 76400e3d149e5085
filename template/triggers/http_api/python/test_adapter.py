"""HTTP API: requests are read, answers are written, errors are told apart."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from service.adapters import http_api


class Parcel(Struct):
    label: str


@http_api.handler
def echo(request: http_api.Request) -> http_api.Response:
    key = request.idempotency_key
    return http_api.Response(201, {"label": request.body(Parcel).label, "key": key})


def request(body: str, **changes: Any) -> dict[str, Any]:
    return {
        "requestContext": {"requestId": "request-1", "http": {"method": "POST"}},
        "headers": {"idempotency-key": "k"},
        "body": body,
    } | changes


def test_a_request_is_answered_as_json(context: Any) -> None:
    answer = echo(request('{"label": "A"}'), context)
    assert answer["statusCode"] == 201
    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"]) == {"label": "A", "key": "k"}


def test_a_body_in_base64_is_read(context: Any) -> None:
    body = base64.b64encode(b'{"label": "A"}').decode()
    answer = echo(request(body, isBase64Encoded=True), context)
    assert json.loads(answer["body"])["label"] == "A"


@pytest.mark.parametrize("key", ["", "x" * 129])
def test_a_key_must_be_given_and_be_of_sensible_length(context: Any, key: str) -> None:
    answer = echo(request('{"label": "A"}', headers={"idempotency-key": key}), context)
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"][0].startswith("header Idempotency-Key")


def test_a_missing_body_is_told_and_no_failure(context: Any) -> None:
    event = request("")
    del event["body"]
    assert echo(event, context)["statusCode"] == 400


def test_an_error_of_ours_fails_the_invocation(context: Any) -> None:
    @http_api.handler
    def broken(_request: http_api.Request) -> http_api.Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken(request("{}"), context)


def test_logs_carry_the_id_that_the_caller_sees(
    context: Any, logs: Callable[[str], list[dict[str, Any]]]
) -> None:
    echo(request('{"label": "A"}'), context)
    (answered,) = logs("Answered")
    assert answered["correlation_id"] == "request-1"
    assert answered["status"] == 201
