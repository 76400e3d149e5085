"""Which functions are invoked, and in which way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.rules.data import ASYNCHRONOUS_CALLERS, SYNCHRONOUS_CALLERS
from golden_path.stack import Resource, Stack


def _permitted(stack: Stack, callers: frozenset[str]) -> Iterator[Resource]:
    for permission in stack.of_type("AWS::Lambda::Permission"):
        if callers & set(stack.texts(permission.get("Principal"))):
            yield from stack.invoked(permission.get("FunctionName"))


def called(stack: Stack) -> Iterator[Resource]:
    """The functions whose caller waits."""
    yield from _permitted(stack, SYNCHRONOUS_CALLERS)
    for url in stack.of_type("AWS::Lambda::Url"):
        yield from stack.invoked(url.get("TargetFunctionArn"))


def sent_to(stack: Stack) -> Iterator[Resource]:
    """The functions that events are sent to, and that Lambda invokes again when they fail."""
    yield from _permitted(stack, ASYNCHRONOUS_CALLERS)
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        yield from stack.invoked(schedule.get("Target", "Arn"))
    for config in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        yield from stack.invoked(config.get("FunctionName"))


def polling(stack: Stack) -> Iterator[Resource]:
    """The functions for which Lambda fetches batches."""
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        yield from stack.invoked(mapping.get("FunctionName"))


def rotating(stack: Stack) -> Iterator[Resource]:
    """The functions that Secrets Manager calls for the steps of a rotation."""
    for schedule in stack.of_type("AWS::SecretsManager::RotationSchedule"):
        yield from stack.invoked(schedule.get("RotationLambdaARN"))


def destinations(stack: Stack, *configs: str) -> Iterator[tuple[Resource, list[Any]]]:
    """Each function with where Lambda sends what it fails to do: itself, and by these types."""
    for function in stack.functions.values():
        yield function, stack.forms(function, "DeadLetterConfig", "TargetArn")
    for config in stack.of_type(*configs):
        for function in stack.invoked(config.get("FunctionName")):
            yield function, stack.forms(config, "DestinationConfig", "OnFailure", "Destination")
