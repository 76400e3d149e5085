"""Events that Lambda keeps, and tries again.

Assumed: Lambda tries an event again after one minute and after two more, one that is refused after
1, 2, 4 seconds and so on, up to five minutes, for an hour; then it goes to the dead letters. A
delivery to Lambda that is denied the scheduler tries for an hour, a topic of SNS, a rule of
EventBridge and a log group once: then it goes to the dead letters, where the source has them, and
is lost where these do not let it in.
"""

from __future__ import annotations

from golden_path.intrinsics import text

from tests.cloudwatch.metrics import key
from tests.cloudwatch.world import HOUR, MINUTE, World

ATTEMPTS = 3


def deliver(world: World) -> None:
    """Let each event be delivered, and tried again."""
    dead: list[int] = []
    for number, second in world.comes():
        wrong = second >= 0
        if wrong and world.fault.dead:
            continue
        if wrong and world.fault.denied:
            given_up = SOURCES[world.source["type"]](world, second)
            if "keeps" in world.source and not world.fault.lost:
                dead.append(given_up)
            continue
        dead += tried(world, number, second)
    tell(world, dead)


def tried(world: World, number: int, second: int) -> list[int]:
    """Let Lambda try an event; return when it gives it up, if it does."""
    at, attempts, waits = second, 0, 1
    while at - second < HOUR and attempts < ATTEMPTS:
        done = world.invoke(at, [number])
        if done:
            return []
        if done is None:
            at, waits = at + waits, min(2 * waits, 5 * MINUTE)
        else:
            attempts += 1
            at += int(world.lasts(at)) + attempts * MINUTE
    return [at]


def tell(world: World, dead: list[int]) -> None:
    """Put how many dead letters there are, from the seconds in which they have come."""
    for now in range(-world.load.before, world.load.after, MINUTE):
        world.tell_dead(now, sum(at <= now for at in dead))


def _dropped(world: World, second: int) -> int:
    group, at = text(world.own.event["GroupName"]), second + HOUR
    told = ["InvocationDroppedCount"]
    told += ["InvocationsFailedToBeSentToDeadLetterCount"] if world.fault.lost else []
    for metric in told:
        world.metrics.put(key("AWS/Scheduler", metric, ScheduleGroup=group), at, 1)
    return at


def _failed(world: World, second: int) -> int:
    topic = f"${{{world.own.fed_by('Topic')}.TopicName}}"
    told = ["NumberOfNotificationsFailed"]
    told += ["NumberOfNotificationsFailedToRedriveToDlq"] if world.fault.lost else []
    for metric in told:
        world.metrics.put(key("AWS/SNS", metric, TopicName=topic), second, 1)
    return second


def _undelivered(world: World, second: int) -> int:
    own = {"RuleName": f"${{{world.load.stem}FunctionRule.RuleName}}"}
    if "EventBusName" in world.own.event:  # not on the default bus
        own["EventBusName"] = text(world.own.event["EventBusName"])
    told = ["FailedInvocations"]
    told += ["InvocationsFailedToBeSentToDlq"] if world.fault.lost else []
    for metric in told:
        world.metrics.put(key("AWS/Events", metric, **own), second, 1)
    return second


def _skipped(world: World, second: int) -> int:
    own = {"LogGroupName": text(world.own.event["LogGroupName"])}
    own |= {"DestinationType": "Lambda", "FilterName": f"${{{world.load.stem}FunctionLines}}"}
    world.metrics.put(key("AWS/Logs", "DeliveryErrors", **own), second, 1)
    return second


# What a source tells of a delivery that is denied, and when it gives up, by its type.
SOURCES = {
    "AWS::Events::Rule": _undelivered,
    "AWS::Logs::SubscriptionFilter": _skipped,
    "AWS::S3::Bucket": _undelivered,
    "AWS::SNS::Topic": _failed,
    "AWS::Scheduler::ScheduleGroup": _dropped,
}
