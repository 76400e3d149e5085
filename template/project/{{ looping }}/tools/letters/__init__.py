"""What lies among dead letters: each module here reads those that one sender leaves.

A module has `read(letter)`, which returns a `Failure`, or None where somebody else left the letter.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import boto3

Letter = dict[str, Any]
WRONG_SHAPE = (AttributeError, LookupError, TypeError, ValueError)  # what a read of one raises


class Stays(Exception):
    """A letter stays where it is."""


@dataclass(frozen=True)
class Failure:
    """What has failed; `event` is what the function is handed again.

    Who is `awaited` is told what became of the event: nobody else would try it again.
    """

    what: str
    event: Callable[[boto3.Session], Any]
    awaited: bool = False


def read(letter: Letter) -> Failure:
    """Return what a letter tells of; raise Stays where no sender knows it."""
    for module in iter_modules(__path__):
        try:
            found = import_module(f"letters.{module.name}").read(letter)
        except WRONG_SHAPE:
            raise Stays("it is not as its sender writes it") from None
        if found:
            return found
    raise Stays("nobody who feeds this function has left it there")


def content(text: str) -> dict[str, Any]:
    """Return a JSON object; raise Stays where the text is none."""
    try:
        found = json.loads(text)
    except ValueError:
        raise Stays("it is no JSON") from None
    if not isinstance(found, dict):
        raise Stays("it is no JSON object")
    return found
