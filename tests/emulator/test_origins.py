"""Pages of other origins on the emulator: which may call, and what they may read."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.conftest import NAME, ORIGIN, of_any_language
from tests.emulator.service import Service

FOREIGN = "https://evil.example.com"
ALLOWED, EXPOSED = "access-control-allow-origin", "access-control-expose-headers"
LAMP = {"name": "lamp", "quantity": 2}
PATHS = {"ApiUrl": "/items", "CatalogUrl": "", "IntakeUrl": ""}


def asked(
    service: Service, output: str, method: str, origin: str, *, body: Any = None, sign: bool = False
) -> tuple[int, dict[str, str]]:
    """Send what a browser sends for a page of an origin; return status and headers."""
    url = service.output(output)
    host, _, path = url.removeprefix("https://").partition("/")
    path = f"/{path}{PATHS[output]}"
    name = "lambda" if ".lambda-url." in host else "execute-api"
    headers = {"Host": host, "Content-Type": "application/json", "Idempotency-Key": output}
    if method == "OPTIONS":
        headers |= {"Access-Control-Request-Method": "POST"}
        headers |= {"Access-Control-Request-Headers": "authorization, content-type"}
    content = b"" if body is None else json.dumps(body).encode()
    request = AWSRequest(method, f"http://127.0.0.1:{service.port}{path}", headers, data=content)
    if sign:
        SigV4Auth(Credentials("test", "test"), name, "eu-west-1").add_auth(request)
    connection = HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request(method, path, content, dict(request.headers) | {"Origin": origin})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {key.lower(): value for key, value in answer.getheaders()}


@of_any_language
@pytest.mark.parametrize("output", PATHS)
def test_a_browser_is_answered_before_it_signs(deployed: Service, output: str) -> None:
    status, headers = asked(deployed, output, "OPTIONS", ORIGIN)
    assert status < 300
    assert headers[ALLOWED] == ORIGIN
    assert "POST" in headers["access-control-allow-methods"]
    wanted = {"authorization", "content-type", "idempotency-key", "x-amz-security-token"}
    allowed = headers["access-control-allow-headers"].replace(" ", "").split(",")
    assert wanted <= set(allowed)
    assert "access-control-allow-credentials" not in headers


@of_any_language
@pytest.mark.parametrize("output", PATHS)
def test_a_page_of_a_foreign_origin_is_let_do_nothing(deployed: Service, output: str) -> None:
    for method in ("OPTIONS", "POST"):
        _status, headers = asked(deployed, output, method, FOREIGN)
        assert headers.get(ALLOWED) in (None, ORIGIN), f"it may {method}"


@of_any_language
@pytest.mark.parametrize("output", PATHS)
@pytest.mark.parametrize(
    ("body", "sign", "status"),
    [(LAMP, True, 201), (LAMP | {"quantity": 0}, True, 400), ({}, True, 400), (LAMP, False, 403)],
    ids=["made", "refused by the handler", "refused before", "unsigned"],
)
def test_a_page_reads_what_it_is_answered_and_why_it_is_refused(
    deployed: Service, output: str, body: Any, sign: bool, status: int
) -> None:
    answered, headers = asked(deployed, output, "POST", ORIGIN, body=body, sign=sign)
    assert (answered, headers.get(ALLOWED)) == (status, ORIGIN)
    assert headers[EXPOSED] in headers, "the id of the request cannot be read"


@of_any_language
def test_a_page_reads_that_a_rest_api_failed(deployed: Service) -> None:
    with deployed.with_rights("CatalogRole", "dynamodb:", "sqs:"):
        unkept = LAMP | {"name": "unkept"}
        status, headers = asked(deployed, "CatalogUrl", "POST", ORIGIN, body=unkept, sign=True)
    assert (status, headers.get(ALLOWED)) == (502, ORIGIN)


@of_any_language
@pytest.mark.parametrize("output", ["ApiUrl", "CatalogUrl"])
def test_an_api_is_called_by_its_own_name_and_lies_below_its_path(
    deployed: Service, output: str
) -> None:
    assert deployed.output(output).startswith(f"https://{NAME}/shop")
    (domain,) = deployed.client("apigatewayv2").get_domain_names()["Items"]
    (served,) = domain["DomainNameConfigurations"]
    assert (domain["DomainName"], served["SecurityPolicy"]) == (NAME, "TLS_1_2")
    assert asked(deployed, output, "POST", ORIGIN, body=LAMP, sign=True)[0] < 300
