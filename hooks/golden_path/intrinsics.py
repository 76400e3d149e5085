"""Reads values of a template through CloudFormation's functions, as far as it can be known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}
# Beyond this a value has more switches than a person could follow; judging the first is enough.
MOST_VARIANTS = 256

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


def dig(value: Any, *path: str | int) -> Any:
    """The value at a path, or None where the shape is another one."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def parts(value: Any, *path: str) -> list[Any]:
    """What stands at a path, once for each entry of the lists on the way; None where nothing."""
    if isinstance(value, list):
        return [found for entry in value for found in parts(entry, *path)]
    return parts(dig(value, path[0]), *path[1:]) if path else [value]


def as_list(value: Any) -> list[Any]:
    """A list, where CloudFormation and IAM take one value as well as many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def function_of(value: Any) -> tuple[str, Any] | None:
    """Name and argument of an intrinsic function, when the value is one."""
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
            return name, argument
    return None


def number(value: Any) -> float | None:
    """A number, also where it is written as text."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def truth(value: Any) -> bool | None:
    """True or false, also where it is written as text; None for what is neither."""
    return {"true": True, "false": False}.get(str(value).lower())


def text(value: Any) -> str:
    """A value as text in which each reference reads like in a `Sub`: `${Queue.Arn}:x`."""
    call = function_of(value)
    if call is None:
        return value if isinstance(value, str) else "${?}"
    name, argument = call
    if name == "Ref" and isinstance(argument, str):
        return f"${{{argument}}}"
    if name == "Fn::GetAtt" and isinstance(argument, str):
        return f"${{{argument}}}"
    if name == "Fn::GetAtt" and isinstance(argument, list):
        return f"${{{'.'.join(map(str, argument))}}}"
    if name == "Fn::Sub" and isinstance(argument, str):
        return argument
    if name == "Fn::Sub" and isinstance(dig(argument, 0), str):
        given = dig(argument, 1)
        given = given if isinstance(given, dict) else {}
        return _PLACEHOLDER.sub(
            lambda found: text(given[found[1]]) if found[1] in given else found[0], argument[0]
        )
    if name == "Fn::Join" and isinstance(dig(argument, 0), str):
        return argument[0].join(text(part) for part in as_list(dig(argument, 1)))
    return "${?}"


def references(value: str) -> set[str]:
    """The logical ids that a `text` names."""
    return set(_REFERENCE.findall(value))


def walk(value: Any) -> Iterator[Any]:
    """The value and everything inside it; functions that make text are not entered."""
    yield value
    call = function_of(value)
    if call and call[0] != "Fn::If":
        return
    for part in value.values() if isinstance(value, dict) else as_list(value):
        if isinstance(value, dict | list):
            yield from walk(part)


class Resolver:
    """Knows the parameters and mappings of a template, and plays through its conditions."""

    def __init__(self, parameters: Any, mappings: Any) -> None:
        self._parameters = parameters if isinstance(parameters, dict) else {}
        self._mappings = mappings if isinstance(mappings, dict) else {}
        self._forms: dict[int, tuple[Any, list[Any]]] = {}

    def variants(self, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The values together, once for each way in which conditions and parameters may fall."""
        switches = {name: options for value in values for name, options in self._switches(value)}
        for choice in islice(product(*switches.values()), MOST_VARIANTS):
            chosen = dict(zip(switches, choice, strict=True))
            yield tuple(self._settle(value, chosen) for value in values)

    def each(self, value: Any) -> list[Any]:
        """Every form that one value may take.

        Rules ask for the same values again and again; what was asked for is kept, and lives as long
        as its forms, so that no other value comes to have its id.
        """
        if not isinstance(value, dict | list):
            return [value]
        if id(value) not in self._forms:
            self._forms[id(value)] = (value, [variant for (variant,) in self.variants(value)])
        return self._forms[id(value)][1]

    def _switches(self, value: Any) -> Iterator[tuple[str, list[Any]]]:
        call = function_of(value)
        if call and call[0] == "Fn::If" and isinstance(dig(call[1], 0), str):
            yield f"If {call[1][0]}", [True, False]
        if call and call[0] == "Ref":
            parameter = dig(self._parameters, call[1]) if isinstance(call[1], str) else None
            options = as_list(dig(parameter, "AllowedValues"))
            if not options and dig(parameter, "Default") is not None:
                options = [dig(parameter, "Default")]
            if options:
                yield f"Ref {call[1]}", options
        for part in value.values() if isinstance(value, dict) else as_list(value):
            if isinstance(part, dict | list):
                yield from self._switches(part)

    def _settle(self, value: Any, chosen: dict[str, Any]) -> Any:
        if value == NO_VALUE:
            return None
        call = function_of(value)
        if call and call[0] == "Fn::If" and f"If {dig(call[1], 0)}" in chosen:
            branch = 1 if chosen[f"If {call[1][0]}"] else 2
            return self._settle(dig(call[1], branch), chosen)
        if call and call[0] == "Ref" and isinstance(call[1], str):
            return chosen.get(f"Ref {call[1]}", value)
        if call and call[0] == "Fn::FindInMap":
            keys = self._settle(as_list(call[1]), chosen)
            if all(isinstance(key, str | int) for key in keys):
                found = dig(self._mappings, *map(str, keys))
                return value if found is None else found
        if isinstance(value, dict):
            settled = {key: self._settle(part, chosen) for key, part in value.items()}
            return {key: part for key, part in settled.items() if part is not None}
        if isinstance(value, list):
            settled_parts = [self._settle(part, chosen) for part in value]
            return [part for part in settled_parts if part is not None]
        return value
