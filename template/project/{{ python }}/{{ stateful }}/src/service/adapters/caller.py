"""Whose request is being answered: an idempotency key is its caller's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Literal

import msgspec

from service.adapters.validation import Invalid

_served = SimpleNamespace(caller="")  # one: Lambda hands over a request at a time


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, in whichever way it was proved; what it was not proved by is empty."""

    id: str = ""  # alike in every session; "" where nobody is known
    proof: Literal["", "signature", "token"] = ""
    scopes: frozenset[str] = frozenset()  # of a token
    claims: dict[str, str] = {}  # of a token, as API Gateway writes them


def by_signature(user: str, pooled: str | None = None) -> Principal:
    """Return who has signed by IAM; all users of an identity pool share a role."""
    # The id of a role, AROA and more, is followed by the name of its session.
    own = user.partition(":")[0] if user.startswith("AROA") else user
    return Principal(id=found, proof="signature") if (found := pooled or own) else Principal()


def by_token(claims: dict[str, Any]) -> Principal:
    """Return whom a token is of that API Gateway has judged; one that names nobody is refused."""
    found = claims.get("sub") or claims.get("client_id")
    if not found:
        raise Invalid(["header Authorization: the token has neither sub nor client_id"])
    granted = f"{claims.get('scope', '')} {str(claims.get('scp', '')).strip('[]')}".split()
    return Principal(id=found, proof="token", scopes=frozenset(granted), claims=claims)


@contextmanager
def serving(caller: str) -> Iterator[None]:
    """Answer a request of this caller, in all threads."""
    _served.caller = caller
    try:
        yield
    finally:
        _served.caller = ""


def current() -> str:
    """Return the caller's id, or "" where nobody is known: of a message, or of an open API."""
    return _served.caller
