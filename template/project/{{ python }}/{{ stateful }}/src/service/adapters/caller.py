"""Whose request is being answered: an idempotency key is its caller's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

_served = SimpleNamespace(caller="")  # one: Lambda hands over a request at a time


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
