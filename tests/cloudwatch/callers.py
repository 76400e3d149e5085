"""Somebody calls, and waits.

Assumed: API Gateway counts a request at the second in which it comes, and answers 5xx where the
function fails or is refused.
"""

from __future__ import annotations

from functools import cache

from golden_path.intrinsics import text

from tests.cloudwatch.metrics import Key, key
from tests.cloudwatch.world import World


def call(world: World) -> None:
    """Let each caller call, once."""
    tell = SOURCES.get(world.source["type"])
    for number, second in world.comes():
        if second >= 0 and world.fault.dead:
            continue
        denied = second >= 0 and world.fault.denied
        done = None if denied else world.invoke(second, [number])
        if tell:
            tell(world, second, done)


def _api(world: World, second: int, done: set[int] | None) -> None:
    requests, faults, latency = _of_api(text(world.own.event["ApiId"]))
    world.metrics.put(requests, second, 1)
    world.metrics.put(faults, second, not done)
    lasts = 1000 * world.lasts(second) if done is not None else 10
    world.metrics.put(latency, second, lasts)


@cache
def _of_api(api: str) -> tuple[Key, Key, Key]:
    """What API Gateway tells: requests, answers that are faults, and the time they took."""
    requests, faults, latency = (
        key("AWS/ApiGateway", name, ApiId=api) for name in ("Count", "5xx", "Latency")
    )
    return requests, faults, latency


# What else measures a call, by the type of the source.
SOURCES = {"AWS::ApiGatewayV2::Api": _api}
