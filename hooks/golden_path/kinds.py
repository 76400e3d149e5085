"""The kinds of trigger that the golden path knows: what feeds each, and what alarms watch of it.

The facts are those of the template's kinds; `make docs` writes them to kinds.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from golden_path.stack import Resource, Stack

Metrics = tuple[tuple[str, str], ...]
"""Pairs of a namespace and a metric."""

MAPPING = "AWS::Lambda::EventSourceMapping"


@dataclass(frozen=True)
class Kind:
    """One kind. Its source is a resource of `type`; `polls` are the actions that read from it.

    `through` says which property of which type names a source that serves as one: a mapping's
    `EventSourceArn` for what Lambda polls. Where it is empty, each resource of the type does.
    `keeps` says at which property of which type a source names the queue of what it gives up.
    """

    type: str
    polls: tuple[str, ...]
    partial_batches: bool
    through: dict[str, str]
    keeps: dict[str, tuple[str, ...]]
    watched: dict[str, Metrics]

    def polled(self, stack: Stack) -> Iterator[tuple[Resource, Resource, list[Resource]]]:
        """Each mapping of a source of this kind and function; the sources that the template has."""
        for mapping in stack.of_type(MAPPING) if self.polls else ():
            source = mapping.get("EventSourceArn")
            service = f":{self.polls[0].partition(':')[0]}:"
            known = stack.named(source, self.type)
            if known or any(service in text for text in stack.texts(source)):
                for function in stack.invoked(mapping.get("FunctionName")):
                    yield mapping, function, known

    def sources(self, stack: Stack) -> Iterator[Resource]:
        """The resources of the template that functions are fed from."""
        if not self.through:
            yield from stack.of_type(self.type)
        for type_, name in self.through.items():
            for feeding in stack.of_type(type_):
                yield from stack.named(feeding.get(name), self.type)


def kinds() -> list[Kind]:
    """All kinds, by name."""
    return [_kind(**facts) for facts in _facts()["kinds"].values()]


def watched(of: str) -> Metrics:
    """What alarms watch of every "function", of "dead_letters", and of a "rotation"."""
    return _pairs(_facts()["watched"][of])


def _kind(source: dict[str, Any], watched: dict[str, list[list[str]]]) -> Kind:
    polls = tuple(source.get("polls", ()))
    return Kind(
        source["type"],
        polls,
        source.get("partial_batches", False),
        {MAPPING: "EventSourceArn"} if polls else source.get("through", {}),
        {type_: tuple(path.split(".")) for type_, path in source.get("keeps", {}).items()},
        {of: _pairs(rows) for of, rows in watched.items()},
    )


def _pairs(rows: list[list[str]]) -> Metrics:
    return tuple((namespace, metric) for namespace, metric in rows)


@cache
def _facts() -> dict[str, Any]:
    return json.loads(files("golden_path").joinpath("kinds.json").read_text("utf-8"))
