"""Code that calls Lambda itself: some waits for the answer, some sends an event.

Assumed: each third piece of work is an event, which Lambda tries again as it does all. A caller who
waits calls once, and is refused where concurrency is used up.
"""

from __future__ import annotations

from tests.cloudwatch import events
from tests.cloudwatch.world import World


def call(world: World) -> None:
    """Let each caller call, once, and each event be tried."""
    dead: list[int] = []
    for number, second in world.comes():
        if second >= 0 and (world.fault.dead or world.fault.denied):
            continue
        if number % 3:
            world.invoke(second, [number])
        else:
            dead += events.tried(world, number, second)
    events.tell(world, dead)
