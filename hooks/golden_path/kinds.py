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
Wildcard = tuple[str, str, frozenset[str]]
"""A pattern for an ARN, the key of the condition that tells whose it is or "", the actions."""

MAPPING = "AWS::Lambda::EventSourceMapping"


@dataclass(frozen=True)
class Kind:
    """One kind. Its source is a resource of `type`; `polls` are the actions that read from it.

    `through` says which property of which type names a source that serves as one: a mapping's
    `EventSourceArn` for what Lambda polls. Of the source's own type it names the function. Where it
    is empty, each resource of the type serves, whose properties have the values of `having`.
    `keeps` says at which property of which type a source names the queue of what it gives up.
    Any of the properties `encrypted` encrypts a source at rest, and some are where none is there.
    """

    type: str
    polls: tuple[str, ...]
    partial_batches: bool
    through: dict[str, str]
    keeps: dict[str, tuple[str, ...]]
    encrypted: tuple[tuple[str, ...], ...]
    encrypted_by_default: bool
    having: dict[str, tuple[str, ...]]
    watched: dict[str, Metrics]
    wildcards: tuple[Wildcard, ...]

    def feeds(self, stack: Stack, value: Any) -> bool:
        """Whether a value may name a source of this kind: Lambda polls those of others, too."""
        services = {f":{action.partition(':')[0]}:" for action in self.polls}
        return bool(stack.named(value, self.type)) or any(
            service in text for text in stack.texts(value) for service in services
        )

    def sources(self, stack: Stack) -> Iterator[Resource]:
        """The resources of the template that functions are fed from."""
        if not self.through:
            for one in stack.of_type(self.type):
                if all((one.get(name) or "") in good for name, good in self.having.items()):
                    yield one
        for feeding, name in self._feeding(stack):
            if feeding.type == self.type:
                yield from [feeding] if stack.invoked(feeding.get(name)) else []
            elif stack.invoked(feeding.get()):
                yield from stack.named(feeding.get(name), self.type)

    def fed(self, stack: Stack) -> Iterator[Resource]:
        """The functions that are fed from such a source through another resource."""
        for feeding, name in self._feeding(stack):
            if feeding.type == self.type:
                yield from stack.invoked(feeding.get(name))
            elif self.feeds(stack, feeding.get(name)):
                yield from stack.invoked(feeding.get())

    def _feeding(self, stack: Stack) -> Iterator[tuple[Resource, str]]:
        for type_, name in self.through.items():
            yield from ((feeding, name) for feeding in stack.of_type(type_))

    def holding(self, stack: Stack) -> Iterator[Resource]:
        """What holds what functions are fed with, or failed to do.

        A type that is fed through another one has other uses as well: a topic carries alarms.
        """
        other_uses = self.through and not self.polls
        return self.sources(stack) if other_uses else stack.of_type(self.type)


def kinds() -> list[Kind]:
    """All kinds, by name."""
    return [_kind(**facts) for facts in _facts()["kinds"].values()]


def mappings(stack: Stack) -> Iterator[tuple[Resource, Resource, list[Kind]]]:
    """Each mapping and function, with the kinds that have such a source: several may."""
    for mapping in stack.of_type(MAPPING):
        source = mapping.get("EventSourceArn")
        polled = [kind for kind in kinds() if kind.polls and kind.feeds(stack, source)]
        for function in stack.invoked(mapping.get("FunctionName")):
            yield mapping, function, polled


def watched(of: str) -> Metrics:
    """What alarms watch of every "function", "dead_letters", a "rotation", functions of a way."""
    return _pairs(_facts()["watched"][of])


def _kind(
    source: dict[str, Any],
    watched: dict[str, list[list[str]]],
    wildcards: tuple[dict[str, Any], ...] = (),
) -> Kind:
    polls = tuple(source.get("polls", ()))
    return Kind(
        source["type"],
        polls,
        source.get("partial_batches", False),
        {MAPPING: "EventSourceArn"} if polls else source.get("through", {}),
        {type_: tuple(path.split(".")) for type_, path in source.get("keeps", {}).items()},
        tuple(tuple(path.split(".")) for path in source.get("encrypted", ())),
        source.get("encrypted_by_default", False),
        {name: tuple(values) for name, values in source.get("having", {}).items()},
        {of: _pairs(rows) for of, rows in watched.items()},
        tuple(
            (row["resource"], row.get("condition", ""), frozenset(row["actions"]))
            for row in wildcards
        ),
    )


def _pairs(rows: list[list[str]]) -> Metrics:
    return tuple((namespace, metric) for namespace, metric in rows)


@cache
def _facts() -> dict[str, Any]:
    return json.loads(files("golden_path").joinpath("kinds.json").read_text("utf-8"))
