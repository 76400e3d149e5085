"""Which functions are invoked, and in which way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.kinds import MAPPING, kinds
from golden_path.rules.data import (
    ASYNCHRONOUS_CALLERS,
    DEAD_LETTERS,
    NO_STREAMS,
    SYNCHRONOUS_CALLERS,
)
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
    for mapping in stack.of_type(MAPPING):
        yield from stack.invoked(mapping.get("FunctionName"))


def is_stream(mapping: Resource) -> bool:
    """Whether Lambda reads records of a stream by it, in order, again and again."""
    return mapping.get("StartingPosition") is not None and all(
        mapping.get(name) is None for name in NO_STREAMS
    )


def streams(stack: Stack) -> Iterator[tuple[Resource, Resource]]:
    """Each mapping by which Lambda reads a stream, with its function."""
    for mapping in filter(is_stream, stack.of_type(MAPPING)):
        for function in stack.invoked(mapping.get("FunctionName")):
            yield mapping, function


def source_of(stack: Stack, mapping: Resource) -> str:
    """What a sentence calls the source of a mapping."""
    named = stack.named(mapping.get("EventSourceArn"))
    return named[0].id if named else "its source"


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


def dead_letters(stack: Stack) -> Iterator[Resource]:
    """The queues of this template in which failed work ends."""
    places = [*DEAD_LETTERS.items(), *(place for kind in kinds() for place in kind.keeps.items())]
    for type_, path in places:
        for resource in stack.of_type(type_):
            found = stack.named(stack.places(resource, *path), "AWS::SQS::Queue")
            # A queue that is its own dead-letter queue is another rule's affair.
            yield from (queue for queue in found if queue.id != resource.id)
