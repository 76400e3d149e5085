"""Callers who bring tokens, on the emulator: whom API Gateway lets in, and who is refused."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from tests.emulator.conftest import OwnService, of_any_language
from tests.emulator.service import Service
from tests.languages import Language

LAMP = {"name": "lamp", "quantity": 2}
SCOPE = "aws.cognito.signin.user.admin"
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
MAKE_KEY = """
from cryptography.hazmat.primitives.asymmetric import rsa
numbers = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_numbers()
print(numbers.public_numbers.n, numbers.d)
"""


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Issuer:
    """An identity provider on this machine, whose keys can be changed for others."""

    def __init__(self, python: Path) -> None:
        """Make keys by the emulator's Python, which can: no key stands in a file."""
        self.python = python
        self.rotate()
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys = self.path == "/keys"
                found = {"keys": [issuer.public]} if keys else {"jwks_uri": f"{issuer.url}/keys"}
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def rotate(self) -> None:
        done = subprocess.run([self.python, "-c", MAKE_KEY], capture_output=True, check=True)
        self.key = tuple(map(int, done.stdout.split()))
        self.kid = str(uuid4())
        n, e = (b64(one.to_bytes(size, "big")) for one, size in ((self.key[0], 256), (65537, 3)))
        self.public = {"kty": "RSA", "kid": self.kid, "n": n, "e": e, "alg": "RS256"}

    def token(self, alg: str = "RS256", kid: str | None = None, **claims: Any) -> str:
        """A token that is good but for what is given; what is None is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": "own", "sub": "she", "iat": now - 1, "exp": now + 600}
        all_claims = good | {"scope": SCOPE} | claims
        parts = (
            {"alg": alg, "kid": kid or self.kid},
            {name: value for name, value in all_claims.items() if value is not None},
        )
        signed = ".".join(b64(json.dumps(part).encode()) for part in parts)
        # RSASSA-PKCS1-v1_5, RFC 8017
        digest = SHA256 + sha256(signed.encode()).digest()
        padded = b"\x00\x01" + b"\xff" * (253 - len(digest)) + b"\x00" + digest
        modulus, private = self.key
        proof = pow(int.from_bytes(padded, "big"), private, modulus).to_bytes(256, "big")
        return f"{signed}.{b64(proof) if alg != 'none' else ''}"


@pytest.fixture(scope="module")
def service(own_service: OwnService, language: Language) -> Iterator[Service]:
    """A service with a user pool of its own."""
    functions = {
        "items": {"trigger": "http_api", "scopes": [SCOPE]},
        "machines": {"trigger": "http_api", "scopes": ["items-service/write"]},
        "catalog": "rest_api",
    }
    service = own_service(functions, language, api_auth="jwt", environments=["dev"])
    service.deploy("start")
    yield service
    service.stop()


@pytest.fixture(scope="module")
def issuer(service: Service) -> Iterator[Issuer]:
    """The issuer to whose tokens the HTTP API listens, where no test asks for the pool's."""
    issuer = Issuer(service.folder / ".tools/emulator/bin/python")
    gateway, api = service.client("apigatewayv2"), service.resource("HttpApi")
    (found,) = gateway.get_authorizers(ApiId=api)["Items"]
    config = found["JwtConfiguration"]
    key = {"ApiId": api, "AuthorizerId": found["AuthorizerId"]}
    gateway.update_authorizer(**key, JwtConfiguration={"Issuer": issuer.url, "Audience": ["own"]})
    yield issuer
    gateway.update_authorizer(**key, JwtConfiguration=config)
    issuer.server.shutdown()


def sent(
    service: Service, token: str, body: object = LAMP, key: str = "k", path: str = "/items"
) -> tuple[int, Any]:
    """Call the HTTP API, or the REST API by a path of its stage: POST with a body, else GET."""
    api = service.resource("RestApi" if path.startswith("/live") else "HttpApi")
    headers = {
        "Host": f"{api}.execute-api.localhost:{service.port}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    } | ({"Authorization": token} if token else {})
    content = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{service.port}{path}", content, headers)
    try:
        with urlopen(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


@of_any_language
def test_the_service_passes_its_own_integration_tests(service: Service) -> None:
    service.passes("items", "machines", "catalog")
    smoke = ("tools/smoke.py", "items-service-dev", "eu-west-1")
    done = service.local_aws("run", ".tools/sam/bin/python", *smoke)
    assert done.returncode == 0, done.stdout + done.stderr
    for route in ("POST /items", "GET /items/{item_id}", "POST /live/catalog"):
        assert f"{route} refuses an unsigned call" in done.stdout


@of_any_language
def test_a_rest_api_takes_access_tokens_of_the_pool_alone(service: Service, issuer: Issuer) -> None:
    idp, pool = service.client("cognito-idp"), {"UserPoolId": service.resource("CallerPool")}
    user, password = {"Username": "she@example.com"}, f"Aa1-{uuid4()}"
    idp.admin_create_user(**pool, **user, MessageAction="SUPPRESS")
    idp.admin_set_user_password(**pool, **user, Password=password, Permanent=True)
    tokens = idp.admin_initiate_auth(
        **pool,
        ClientId=service.resource("CallerClient"),
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user["Username"], "PASSWORD": password},
    )["AuthenticationResult"]
    path = "/live/catalog"
    assert sent(service, issuer.token(), path="/machines")[0] == 403
    assert sent(service, tokens["AccessToken"], path=path)[0] == 201
    assert sent(service, tokens["IdToken"], path=path)[0] == 401
    head, claims, proof = tokens["AccessToken"].split(".")
    assert sent(service, f"{head}.{claims[:-4]}AAAA.{proof}", path=path)[0] == 401
    assert sent(service, issuer.token(), path=path)[0] == 401


NOW = int(time.time())
HOSTILE = {
    "expired": ({"exp": NOW - 60}, 401),
    "without an end": ({"exp": None}, 401),
    "whose end is no time": ({"exp": "never"}, 401),
    "early": ({"nbf": NOW + 3600}, 401),
    "issued in the future": ({"iat": NOW + 3600}, 401),
    "foreign audience": ({"aud": "other"}, 401),
    "no audience": ({"aud": None}, 401),
    "foreign client beside an audience": ({"aud": "other", "client_id": "own"}, 401),
    "foreign issuer": ({"iss": "https://id.example.com"}, 401),
    "algorithm none": ({"alg": "none"}, 401),
    "algorithm of secrets": ({"alg": "HS256"}, 401),
    "unknown key": ({"kid": "unknown"}, 401),
    "other scopes": ({"scope": "openid"}, 403),
    "oversized": ({"note": "x" * 9000}, 431),
    "of nobody": ({"sub": None}, 400),
    "good": ({}, 201),
    "good, of a client": ({"aud": None, "client_id": "own"}, 201),
    "good, by scp": ({"scope": None, "scp": [SCOPE]}, 201),
}


@of_any_language
def test_hostile_tokens_are_refused_and_none_is_logged(service: Service, issuer: Issuer) -> None:
    seen, tokens, before = {}, {}, service.logged("ItemsLogs").count('"Answered"')
    for name, (changes, _) in HOSTILE.items():
        tokens[name] = issuer.token(**changes)
        seen[name] = sent(service, f"Bearer {tokens[name]}", key=name)[0]
    head, claims, proof = issuer.token().split(".")
    forged = b64(json.dumps({"sub": "he", "aud": "own", "iss": issuer.url}).encode())
    for name, text in {
        "missing": "",
        "no token": "Bearer x",
        "three parts of nothing": "Bearer a.b.c",
        "tampered": f"Bearer {head}.{forged}.{proof}",
        "of another scheme": f"Basic {head}.{claims}.{proof}",
    }.items():
        seen[name] = sent(service, text)[0]
    wanted = {name: status for name, (_, status) in HOSTILE.items()}
    assert {name: status for name, status in seen.items() if status != wanted.get(name, 401)} == {}
    logged = service.logged("ItemsLogs")
    answered = sum(status in (201, 400) for status in wanted.values())
    assert logged.count('"Answered"') - before == answered
    emulator = (service.folder / ".build/local/emulator.log").read_text()
    for token in tokens.values():
        for part in token.split(".")[1:]:
            assert not part or part not in logged + emulator


@of_any_language
def test_a_rotated_key_is_found_and_the_one_before_opens_nothing(
    service: Service, issuer: Issuer
) -> None:
    before, key, kid = issuer.token(), issuer.key, issuer.kid
    assert sent(service, f"Bearer {before}")[0] in (200, 201)
    issuer.rotate()
    assert sent(service, f"Bearer {issuer.token()}")[0] in (200, 201)
    issuer.key = key
    assert sent(service, f"Bearer {issuer.token(kid=kid)}")[0] == 401


@of_any_language
def test_neither_of_two_callers_sees_or_repeats_the_others(
    service: Service, issuer: Issuer
) -> None:
    issuer.rotate()
    she, he = (f"Bearer {issuer.token(sub=name)}" for name in ("she", "he"))
    status, hers = sent(service, she, key="same")
    assert (status, hers["made_by"]) == (201, "she")
    assert sent(service, she, key="same") == (200, hers)
    status, his = sent(service, he, key="same")
    assert status == 201
    assert his["item_id"] != hers["item_id"]
    of = "/items/{}".format
    assert sent(service, she, None, path=of(hers["item_id"])) == (200, hers)
    assert sent(service, he, None, path=of(hers["item_id"]))[0] == 404
    assert sent(service, she, None, path=of(his["item_id"]))[0] == 404
