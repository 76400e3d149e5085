"""Somebody calls, and waits.

Assumed: API Gateway counts a request at the second in which it comes, and answers 5xx where the
function fails or is refused.
"""

from __future__ import annotations

from golden_path.intrinsics import text

from tests.cloudwatch.metrics import key
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
    requests, faults, latency = (
        key("AWS/ApiGateway", name, ApiId=text(world.own.event["ApiId"]))
        for name in ("Count", "5xx", "Latency")
    )
    world.metrics.put(requests, second, 1)
    world.metrics.put(faults, second, not done)
    lasts = 1000 * world.lasts(second) if done is not None else 10
    world.metrics.put(latency, second, lasts)


# What else measures a call, by the type of the source.
SOURCES = {"AWS::ApiGatewayV2::Api": _api}
