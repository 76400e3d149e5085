"""A REST API on the emulator: what it refuses by itself, and what it tells of a failure."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service

LAMP = {"name": "lamp", "quantity": 2}
FAILED = {"message": "Internal server error"}


def sent(service: Service, path: str, body: object, **headers: str) -> tuple[int, Any]:
    """Send a signed request to the REST API, and return what it answers."""
    host = f"{service.resource('RestApi')}.execute-api.localhost:{service.port}"
    address = f"http://127.0.0.1:{service.port}/live{path}"
    headers |= {"Host": host, "Content-Type": "application/json", "Idempotency-Key": path}
    request = AWSRequest("POST", address, headers, data=json.dumps(body).encode())
    SigV4Auth(Credentials("test", "test"), "execute-api", "eu-west-1").add_auth(request)
    try:
        with urlopen(Request(address, request.data, dict(request.headers))) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def key_of(service: Service) -> str:
    key = service.resource("RestApiApiKey")
    return str(service.client("apigateway").get_api_key(apiKey=key, includeValue=True)["value"])


@of_any_language
def test_a_key_is_asked_for_where_a_function_says_so(deployed: Service) -> None:
    assert sent(deployed, "/partners", LAMP) == (403, {"message": "Forbidden"})
    key = {"x-api-key": key_of(deployed)}
    assert sent(deployed, "/partners", LAMP, **key)[0] == 201
    assert sent(deployed, "/catalog", LAMP)[0] == 201


@of_any_language
@pytest.mark.parametrize(
    "body",
    [{"nam": "x"}, {"name": 1, "quantity": 2}, [], None],
    ids=["field", "type", "list", "null"],
)
def test_a_body_that_the_model_does_not_allow_reaches_no_function(
    deployed: Service, body: object
) -> None:
    refused = {"errors": ["Invalid request body"]}
    assert sent(deployed, "/catalog", body) == (400, refused)


@of_any_language
def test_what_the_model_lets_through_the_handler_judges(deployed: Service) -> None:
    status, answer = sent(deployed, "/catalog", LAMP | {"quantity": 0, "colour": "red"})
    assert status == 400
    assert [error.partition(":")[0] for error in answer["errors"]] == ["colour", "quantity"]


@of_any_language
def test_a_failure_tells_its_caller_nothing(deployed: Service) -> None:
    with deployed.with_rights("CatalogRole", "dynamodb:", "sqs:"):
        answer = sent(deployed, "/catalog", LAMP | {"name": "unkept"})
    assert answer == (502, FAILED)


@of_any_language
def test_a_rest_api_may_call_what_lets_it_in(deployed: Service) -> None:
    with deployed.without_permission("CatalogFunction", "/POST/catalog"):
        answer = sent(deployed, "/catalog", LAMP)
    assert answer == (500, FAILED)
