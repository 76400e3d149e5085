"""A state machine whose tasks call functions, and wait.

Assumed: a task that is refused tries again after 1, 2, 4, 8, 16 and 30 seconds, and fails then;
what may not be invoked is refused likewise, without an invocation. A task that fails ends its
execution, and the machine one that waits for an hour. Transitions that are throttled go on later.
"""

from __future__ import annotations

from tests.cloudwatch.metrics import key
from tests.cloudwatch.world import HOUR, World

WAITS = (1, 2, 4, 8, 16, 30)  # seconds
MACHINE = "AWS::StepFunctions::StateMachine"


def run(world: World) -> None:
    """Let each execution be started, and its task be tried again."""
    failed, overtime, throttled = (
        key("AWS/States", name, StateMachineArn="${StateMachine}")
        for name in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled")
    )
    for number, second in world.comes():
        wrong = second >= 0
        if wrong and world.fault.dead:
            continue
        world.metrics.put(throttled, second, wrong and world.fault.full)
        if wrong and world.fault.stuck:
            world.metrics.put(overtime, second + HOUR, 1)
            continue
        at, done = second, _tried(world, number, second)
        for wait in WAITS:
            if done is not None:
                break
            at += wait
            done = _tried(world, number, at)
        world.metrics.put(failed, at, not done)


def _tried(world: World, number: int, second: int) -> set[int] | None:
    """Try a task; None where Lambda refuses it."""
    denied = second >= 0 and world.fault.denied
    return None if denied else world.invoke(second, [number])
