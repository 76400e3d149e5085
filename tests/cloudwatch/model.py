"""What AWS does around handlers, and which metrics it writes of it, by the way of invocation."""

from __future__ import annotations

from collections.abc import Callable

from docs.written.facts import kind
from tests.cloudwatch import callers, code, events, executions, queues, streams
from tests.cloudwatch.metrics import Metrics, key
from tests.cloudwatch.world import World

WAYS: dict[str, Callable[[World], None]] = {
    "synchronously": callers.call,
    "asynchronously": events.deliver,
    "directly": code.call,
    "by-polling": queues.work_off,
    "by-stream": streams.read,
    "by-task": executions.run,
}


def measured(world: World) -> Metrics:
    """Let time pass in a world, and return what was measured."""
    WAYS[kind(world.load.kind)["invoked"]](world)
    return world.metrics


def rotation(stem: str, resource: str) -> Metrics:
    """A step of a rotation that fails, or a probe of a version: what the function's errors are."""
    metrics, name = Metrics(), f"${{{stem}Function}}"
    for form in ({"FunctionName": name}, {"FunctionName": name, "Resource": resource}):
        metrics.put(key("AWS/Lambda", "Errors", **form), 0, 1)
    return metrics
