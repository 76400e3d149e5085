"""A stream, whose records Lambda reads in order.

Assumed: there is one shard, and one invocation of it at a time. Lambda gathers a batch until it is
full or its window is over. What is done for good is what stands before the first record that
failed; a batch goes on behind that, and begins to count its attempts anew. Where already the first
record fails, the batch is tried again: in halves, where it is to be bisected, which is no attempt,
and a single record after 1, 2, 4 seconds and so on, up to a minute. One that is refused is tried
until its record is too old, which is no attempt either. What has no attempts left, or is too old,
goes to the dead letters in one letter a batch. The age of the iterator is that of the last record
of each batch that Lambda would invoke with: a mapping that reads nothing tells nothing. A shard
that is full refuses a record a second, and takes the others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tests.cloudwatch.metrics import key
from tests.cloudwatch.world import DAY, MINUTE, World

FOR_EVER = -1


@dataclass
class Batch:
    """Records that are tried together."""

    numbers: list[int]
    attempts: int = 0  # that have failed
    waits: int = 1  # seconds until the next


def read(world: World) -> None:
    """Let records be put, and the shard be read."""
    came, event = dict(world.comes()), world.own.event
    coming, now = deque(came), -world.load.before
    waiting: deque[Batch] = deque()
    dead: list[int] = []
    while now < world.load.after:
        if not waiting:
            if not coming:
                break
            begun = max(now, came[coming[0]])
            numbers, now = _gathered(world, coming, came, begun)
            waiting.append(Batch(numbers))
        if world.off(now):
            break
        batch = waiting.popleft()
        if now - came[batch.numbers[0]] > _longest(event):
            dead.append(now)
            continue
        now = _tried(world, batch, came[batch.numbers[-1]], now, waiting, dead)
    for minute in range(-world.load.before, world.load.after, MINUTE):
        world.tell_dead(minute, sum(at <= minute for at in dead))
    if world.fault.full:
        SOURCES[world.source["type"]](world)


def _refused(world: World) -> None:
    stream, name = f"${{{world.own.fed_by('Stream')}}}", "WriteProvisionedThroughputExceeded"
    for second in range(world.load.after):
        world.metrics.put(key("AWS/Kinesis", name, StreamName=stream), second, 1)


# What a source that is full tells of its writers, by its type.
SOURCES = {"AWS::Kinesis::Stream": _refused}


def _gathered(
    world: World, coming: deque[int], came: dict[int, int], begun: int
) -> tuple[list[int], int]:
    """Take what comes until a batch is full or its window is over; return it, and when that is."""
    event = world.own.event
    until = begun + event.get("MaximumBatchingWindowInSeconds", 0)
    numbers: list[int] = []
    while coming and came[coming[0]] <= until and len(numbers) < event["BatchSize"]:
        numbers.append(coming.popleft())
    full = len(numbers) == event["BatchSize"]
    return numbers, max(begun, came[numbers[-1]]) if full else until


def _longest(event: dict[str, int]) -> int:
    """How old a record may become, in seconds."""
    age = event.get("MaximumRecordAgeInSeconds", FOR_EVER)
    return DAY if age == FOR_EVER else age


def _tried(
    world: World, batch: Batch, newest: int, now: int, waiting: deque[Batch], dead: list[int]
) -> int:
    """Try a batch; put what is left of it before what waits, and return when that is tried."""
    name, event = f"${{{world.load.stem}Function}}", world.own.event
    age = key("AWS/Lambda", "IteratorAge", FunctionName=name, Resource=f"{name}:live")
    world.metrics.put(age, now, 1000 * (now - newest))
    done = world.invoke(now, batch.numbers)
    later = now + batch.waits
    again = Batch(batch.numbers, batch.attempts, min(2 * batch.waits, MINUTE))
    if done is None:
        waiting.appendleft(again)
        return later
    first = next((at for at, one in enumerate(batch.numbers) if one not in done), None)
    ended = now + max(1, int(world.lasts(now)))
    if first is None:
        return ended
    if first:
        waiting.appendleft(Batch(batch.numbers[first:]))
        return ended
    if event.get("BisectBatchOnFunctionError") and len(batch.numbers) > 1:
        middle = len(batch.numbers) // 2
        waiting.extendleft([Batch(batch.numbers[middle:]), Batch(batch.numbers[:middle])])
        return ended
    again.attempts += 1
    if 0 <= event.get("MaximumRetryAttempts", FOR_EVER) < again.attempts:
        dead.append(ended)
        return ended
    waiting.appendleft(again)
    return max(ended, later)
