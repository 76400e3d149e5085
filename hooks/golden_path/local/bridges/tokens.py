"""Tokens: what API Gateway asks of a JWT before a caller is let in.

Each check names the page of AWS that documents it. What no page says is judged strictly: a token
without `exp`, one whose times are no numbers, and the status of headers that are too large.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from ministack.services import apigateway as gateway
from ministack.services import apigateway_v1 as rest

from golden_path.local.bridges.cloudformation import Record

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
OF_JWT = GUIDE + "http-api-jwt-authorizer.html"
OF_STATUS = GUIDE + "http-api-troubleshooting-jwt.html"
OF_QUOTAS = GUIDE + "http-api-quotas.html"
OF_POOLS = GUIDE + "apigateway-enable-cognito-user-pool.html"

LARGEST = 10_240  # bytes of headers
RSA_BASED = {"RS256": hashes.SHA256, "RS384": hashes.SHA384, "RS512": hashes.SHA512}
UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 401, 403, 431
Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Token:
    """A token that could be read, and what it is held against."""

    text: str
    header: Record
    claims: Record
    keys: dict[str, Record]  # the issuer's, by their ids
    issuer: str
    audience: list[str]
    wanted: list[str]  # scopes of the route
    now: float

    def time(self, claim: str) -> float:
        given = self.claims[claim]
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise TypeError(claim)
        return float(given)

    @property
    def scopes(self) -> set[str]:
        found: set[str] = set()
        for name in ("scope", "scp"):
            given = self.claims.get(name) or []
            found |= set(given.split() if isinstance(given, str) else map(str, given))
        return found


@dataclass(frozen=True)
class Check:
    """What must hold, where AWS says so, and what is answered where it does not."""

    what: str
    page: str
    holds: Callable[[Token], bool]
    status: int = UNAUTHORIZED


def _meant_for(token: Token) -> bool:
    given = token.claims.get("aud", token.claims.get("client_id"))
    return bool({*(given if isinstance(given, list) else [given])} & {*token.audience})


def _signed(token: Token) -> bool:
    key = token.keys[token.header["kid"]]
    number, exponent = (int.from_bytes(gateway._b64url_decode(key[one]), "big") for one in "ne")
    signed, _, signature = token.text.rpartition(".")
    by = RSA_BASED[token.header["alg"]]()
    try:
        rsa.RSAPublicNumbers(exponent, number).public_key().verify(
            gateway._b64url_decode(signature), signed.encode(), padding.PKCS1v15(), by
        )
    except InvalidSignature:
        return False
    return True


CHECKS = (
    Check("an algorithm based on RSA", OF_JWT, lambda token: token.header.get("alg") in RSA_BASED),
    Check("a key of the issuer", OF_JWT, lambda token: token.header.get("kid") in token.keys),
    Check("a valid signature", OF_JWT, _signed),
    Check("the issuer", OF_JWT, lambda token: token.claims.get("iss") == token.issuer),
    Check("a valid audience", OF_JWT, _meant_for),
    Check("exp is to come", OF_JWT, lambda token: token.time("exp") > token.now),
    Check(
        "nbf is past",
        OF_JWT,
        lambda token: "nbf" not in token.claims or token.time("nbf") <= token.now,
    ),
    Check(
        "iat is past",
        OF_JWT,
        lambda token: "iat" not in token.claims or token.time("iat") <= token.now,
    ),
    Check(
        "a scope of the route",
        OF_STATUS,
        lambda token: not token.wanted or bool(token.scopes & {*token.wanted}),
        FORBIDDEN,
    ),
)


def _refused(status: int) -> Answer:
    names = {UNAUTHORIZED: "Unauthorized", FORBIDDEN: "Forbidden"}
    body = json.dumps({"message": names.get(status, "Request Header Fields Too Large")})
    return status, {"Content-Type": "application/json"}, body.encode()


def _too_large(headers: dict[str, str]) -> bool:
    return sum(len(f"{name}{value}".encode()) for name, value in headers.items()) > LARGEST


async def _keys(authorizer: Record, kid: object) -> dict[str, Record]:
    """The issuer's keys, by their ids; kept for two hours, unless one is not among them."""
    address = await gateway._resolve_jwks_url(authorizer)
    for fresh in (False, True):
        if fresh:
            gateway._jwks_cache.pop(address, None)
        listed = (await gateway._fetch_jwks(address)).get("keys") or []
        keys = {key["kid"]: key for key in listed if key.get("kty") == "RSA" and "kid" in key}
        if kid in keys:
            break
    return keys


def _read(part: str) -> Record:
    found = json.loads(gateway._b64url_decode(part))
    if not isinstance(found, dict):
        raise TypeError(part)
    return found


async def judged(authorizer: Record, wanted: list[str], text: str) -> tuple[Record, set[str], int]:
    """Return the claims of a token, its scopes, and 0, or the status by which it is refused."""
    config = authorizer["jwtConfiguration"]
    try:
        header, claims, _signature = text.split(".")
        token = Token(
            text,
            _read(header),
            _read(claims),
            await _keys(authorizer, _read(header).get("kid")),
            config["issuer"],
            config["audience"],
            wanted,
            time.time(),
        )
        failed = next((check for check in CHECKS if not check.holds(token)), None)
    except (KeyError, OSError, TypeError, ValueError):  # what cannot be read is no token
        return {}, set(), UNAUTHORIZED
    return token.claims, token.scopes, failed.status if failed else 0


def tokens_are_judged() -> None:
    """Bridge: a JWT authorizer of an HTTP API asks of a token what AWS documents, see CHECKS.

    The emulator takes whichever algorithm a header names, and a token without an end; it does not
    look again for a key that it does not know, and takes headers of any size.
    """

    async def judge(
        route: Record, authorizer: Record, headers: dict[str, str], query: Any
    ) -> tuple[Record | None, list[str] | None, Answer | None]:
        if _too_large(headers):
            return None, None, _refused(TOO_LARGE)
        source = authorizer["identitySource"]
        text = gateway._extract_token_from_identity_source(source, headers, query) or ""
        wanted = route.get("authorizationScopes") or []
        claims, scopes, status = await judged(authorizer, wanted, text)
        if status:
            return None, None, _refused(status)
        return claims, sorted(scopes), None

    gateway._validate_jwt_authorizer = judge


def tokens_of_pools_are_judged() -> None:
    """Bridge: a REST API takes access tokens where its method names scopes, else identity tokens.

    The emulator takes either, and asks less of both; see CHECKS.
    """
    validate = rest._validate_cognito_authorizer

    async def judge(
        authorizer: Record, method: Record, headers: dict[str, str], query: Any, stage: Any
    ) -> tuple[Record | None, Answer | None]:
        if _too_large(headers):
            return None, _refused(TOO_LARGE)
        claims, refused = await validate(authorizer, method, headers, query, stage)
        if refused:
            return claims, refused
        text = rest._cognito_token_from_request(authorizer, headers, query, stage)
        wanted = method.get("authorizationScopes") or []
        audience = [claims.get("aud", claims.get("client_id"))]  # any client of the pool
        of = {"jwtConfiguration": {"issuer": claims["iss"], "audience": audience}}
        _claims, _scopes, status = await judged(of, wanted, text)
        if status or claims.get("token_use") != ("access" if wanted else "id"):  # OF_POOLS
            return None, rest._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, None

    rest._validate_cognito_authorizer = judge
