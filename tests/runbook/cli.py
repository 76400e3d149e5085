"""The AWS CLI, as far as a runbook needs it: what a command asks of whom, by the SDK's models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jmespath
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape
from botocore.session import get_session

NAMES = {"deploy": "codedeploy"}
"""Services that the CLI calls otherwise than the SDK."""

TAIL = {"since", "follow", "format", "filter-pattern"}  # of `logs tail`, which is no operation


class WrongError(Exception):
    """A command that the CLI would refuse."""


@dataclass(frozen=True)
class Call:
    """What a command asks."""

    service: str
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    query: str = "@"
    waits: bool = False

    def shown(self, answer: Any) -> Any:
        """Return what of an answer is printed."""
        return jmespath.search(self.query, answer)


@cache
def _model(service: str) -> Any:
    try:
        return get_session().get_service_model(NAMES.get(service, service))
    except UnknownServiceError:
        raise WrongError(f"there is no service {service}") from None


def read(words: Sequence[str], *, named: bool = False) -> Call | None:
    """Read a command; raise WrongError where the CLI would refuse it.

    Of what a sentence only names, nothing is required; `logs tail` and `--version` are no calls.
    """
    _, *rest = words
    if rest == ["--version"]:
        return None
    service, verb, *given = rest
    if (service, verb) == ("logs", "tail"):
        return _tail(given)
    waits = verb == "wait"
    operation = _waited(service, given.pop(0)) if waits else _operation(service, verb)
    options, free = _options(given)
    query = options.pop("query", ["@"])[0]
    _compiled(query, operation)
    parameters = _parameters(operation, options)
    if free != (["/dev/stdout"] if operation.name == "Invoke" and not named else []):
        raise WrongError(f"nothing takes {free}")
    required = operation.input_shape.required_members if operation.input_shape else []
    missing = [name for name in required if name not in parameters]
    if missing and not (named and not given):
        raise WrongError(f"{operation.name} needs {missing}")
    return Call(NAMES.get(service, service), operation.name, parameters, query, waits)


def _tail(given: list[str]) -> None:
    options, free = _options(given[1:])
    if given[0].startswith("--") or free or set(options) - TAIL:
        raise WrongError(f"logs tail does not take {given}")


def _operation(service: str, verb: str) -> OperationModel:
    model = _model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if verb not in names:
        raise WrongError(f"{service} has no {verb}")
    return model.operation_model(names[verb])


def _waited(service: str, waiter: str) -> OperationModel:
    model = get_session().get_waiter_model(NAMES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.waiter_names}
    if waiter not in names:
        raise WrongError(f"{service} cannot wait for {waiter}")
    return _model(service).operation_model(model.get_waiter(names[waiter]).operation)


def _options(given: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Split words into options with their values, and what stands after all of them alone."""
    options: dict[str, list[str]] = {}
    free: list[str] = []
    values = free
    for word in given:
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        elif word.startswith("/dev/"):
            free.append(word)
        else:
            values.append(word)
    return options, free


def _parameters(operation: OperationModel, options: dict[str, list[str]]) -> dict[str, Any]:
    members = operation.input_shape.members if operation.input_shape else {}
    names = {xform_name(name, "-"): name for name in members}
    found: dict[str, Any] = {}
    for option, values in options.items():
        if option in names:
            shape = members[names[option]]
            found[names[option]] = _value(shape, values, option)
        elif option.startswith("no-") and option[3:] in names:
            found[names[option[3:]]] = False
        elif not (values and _of_any(operation, option, values[0])):
            raise WrongError(f"{operation.name} has no --{option} {values}")
    return found


def _of_any(operation: OperationModel, option: str, value: str) -> bool:
    """Whether any operation takes this option, which says how it is asked or shown."""
    match option:
        case "output":
            return value in ("json", "table", "text", "yaml")
        case "cli-binary-format":
            return value == "raw-in-base64-out"
        case "max-items":
            client = get_session().create_client(operation.service_model.service_name, "eu-west-1")
            return client.can_paginate(xform_name(operation.name))
    return False


def _value(shape: Shape, values: list[str], option: str) -> Any:
    """Return a value as the SDK takes it."""
    if shape.type_name == "list":
        return [_value(shape.member, [value], option) for value in values]
    if shape.type_name == "boolean":
        return _only(values, 0, option) is None
    value = _only(values, 1, option)
    if getattr(shape, "enum", None) and value not in shape.enum:
        raise WrongError(f"--{option} is one of {shape.enum}, not {value}")
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("structure", "map"):
        return json.loads(value)
    return value


def _only(values: list[str], count: int, option: str) -> Any:
    if len(values) != count:
        raise WrongError(f"--{option} takes {count} values, not {values}")
    return values[0] if values else None


class _Keyed(dict[str, Any]):
    """A map that has every key."""

    def get(self, *_: Any) -> Any:
        return self["any"]


def _sample(shape: Shape, within: tuple[str, ...] = ()) -> Any:
    """Return an answer in which nothing is missing."""
    if shape.name in within:
        return None
    within = (*within, shape.name)
    match shape.type_name:
        case "structure":
            return {name: _sample(one, within) for name, one in shape.members.items()}
        case "list":
            return [_sample(shape.member, within)]
        case "map":
            return _Keyed(any=_sample(shape.value, within))
        case "integer" | "long" | "float" | "double":
            return 1
        case "boolean":
            return True
    return shape.name


def _compiled(query: str, operation: OperationModel) -> None:
    """See that a query is one, and finds something in what the operation answers."""
    try:
        expression = jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as error:
        raise WrongError(f"this is no JMESPath: {error}") from None
    if query != "@":
        found = expression.search(_sample(operation.output_shape))
        if found is None or "null" in json.dumps(found):
            raise WrongError(f"{operation.name} answers nothing for {query}: {found}")
