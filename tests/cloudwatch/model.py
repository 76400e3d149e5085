"""What AWS does around the handlers, and which metrics it writes of it.

Assumed, each as AWS documents it where it does:
- An invocation counts at the second in which it begins. One that runs into its timeout is an error
  and writes nothing. While traffic shifts an alias sends one call of ten to the new version for ten
  minutes, or one more of ten every minute.
- API Gateway answers 5xx where the function fails or is refused.
- SQS hands out what is visible, at most a batch an invocation; what is not deleted is visible again
  after the visibility timeout, and goes to the dead letters after the last delivery. From its third
  delivery on a message is not counted in the age. A queue tells of itself once a minute.
- Lambda tries an event again after one minute and after two more, one that is refused after 1, 2,
  4 seconds and so on, up to five minutes, for an hour; then it goes to the dead letters.
- The scheduler tries a delivery that is denied for an hour, then drops it.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.cloudwatch.metrics import Key, Metrics, key
from tests.cloudwatch.work import Handlers

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SHIFT = 10 * MINUTE


def never(_number: int, _new: bool) -> bool:
    return False


@dataclass(frozen=True)
class Fault:
    """What is wrong, from second 0 on."""

    title: str
    fails: Callable[[int, bool], bool] = never  # a piece of work by its number, on the new version
    lasts: float = 0.1  # an invocation, as a share of its timeout; from 1 on Lambda ends it
    refused: bool = False  # all concurrency is used up
    dead: bool = False  # the trigger is off
    denied: bool = False  # the trigger may not invoke
    shifts: bool = False  # traffic shifts to a new version
    linear: bool = False  # by a tenth every minute


@dataclass(frozen=True)
class Load:
    """What comes to a function."""

    title: str
    function: str
    handler: str
    every: float  # seconds from one piece of work to the next
    timeout: int  # seconds
    batch: int = 1
    visibility: int = 0  # seconds
    deliveries: int = 0
    before: int = 10 * MINUTE  # for which nothing is wrong
    after: int = HOUR


@cache
def _of_alias(metric: str, function: str, version: str) -> tuple[Key, Key]:
    """What an invocation by the alias counts for: the alias, and of it the version."""
    dimensions = {"FunctionName": function, "Resource": f"{function}:live"}
    alias = key("AWS/Lambda", metric, **dimensions)
    return alias, key("AWS/Lambda", metric, **dimensions, ExecutedVersion=version)


@dataclass
class World:
    """One load under one fault."""

    load: Load
    fault: Fault
    handlers: Handlers
    shift: int = SHIFT  # seconds, until all traffic is at the new version or back
    back: bool = False
    seed: int = 1  # of the chance by which a call goes to the one version or the other
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def run(self) -> Metrics:
        """Let time pass, and return what was measured."""
        {"items": self._calls, "worker": self._queue, "report": self._clock}[self.load.handler]()
        return self.metrics

    def _comes(self) -> Iterator[tuple[int, int]]:
        """Each piece of work: its number and its second."""
        load = self.load
        for number in range(-round(load.before / load.every), math.ceil(load.after / load.every)):
            yield number, int(number * load.every)

    def _new(self, second: int) -> bool:
        if not self.fault.shifts or second < 0:
            return False
        if second < self.shift:
            tenths = second // MINUTE + 1 if self.fault.linear else 1
            return self._random.random() < tenths / 10
        return not self.back

    def _invoke(self, second: int, numbers: list[int]) -> set[int] | None:
        """Invoke with pieces of work; return which are done, or None where it is refused."""
        name, wrong = f"${{{self.load.function}Function}}", second >= 0
        new = self._new(second)
        version = f"${{{self.load.function}Function.Version.Version}}" if new else "before"

        def put(metric: str, value: float) -> None:
            for found in _of_alias(metric, name, version):
                self.metrics.put(found, second, value)

        if wrong and self.fault.refused:
            put("Throttles", 1)
            return None
        put("Invocations", 1)
        put("Duration", 1000 * self._lasts(second))
        if wrong and self.fault.lasts >= 1:
            put("Errors", 1)
            return set()
        bad = tuple(wrong and self.fault.fails(number, new) for number in numbers)
        done = self.handlers.invoke(self.load.handler, bad, name, version)
        for found, value in done.metrics:
            self.metrics.put(found, second, value)
        put("Errors", done.error is not None)
        if done.error:
            return set()
        returned = (done.answer or {}).get("batchItemFailures", [])
        places = {int(one["itemIdentifier"]) for one in returned}
        return {number for place, number in enumerate(numbers) if place not in places}

    def _lasts(self, second: int) -> float:
        share = min(self.fault.lasts, 1) if second >= 0 else Fault.lasts
        return share * self.load.timeout

    def _calls(self) -> None:
        requests, faults, latency = (
            key("AWS/ApiGateway", name, ApiId="${HttpApi}") for name in ("Count", "5xx", "Latency")
        )
        for number, second in self._comes():
            if second >= 0 and self.fault.dead:
                continue
            denied = second >= 0 and self.fault.denied
            done = None if denied else self._invoke(second, [number])
            self.metrics.put(requests, second, 1)
            self.metrics.put(faults, second, not done)
            lasts = 1000 * self._lasts(second) if done is not None else 10
            self.metrics.put(latency, second, lasts)

    def _queue(self) -> None:
        load, coming = self.load, list(self._comes())[::-1]
        received, deleted, age = (
            key("AWS/SQS", name, QueueName=f"${{{load.function}Queue.QueueName}}")
            for name in (
                "NumberOfMessagesReceived",
                "NumberOfMessagesDeleted",
                "ApproximateAgeOfOldestMessage",
            )
        )
        visible: list[tuple[int, int]] = []  # second, number
        sent: dict[int, int] = {}
        deliveries: dict[int, int] = {}
        dead = 0
        for now in range(-load.before, load.after):
            while coming and coming[-1][1] <= now:
                number, second = coming.pop()
                sent[number], deliveries[number] = second, 0
                heapq.heappush(visible, (second, number))
            off = now >= 0 and (self.fault.dead or self.fault.denied)
            while visible and visible[0][0] <= now and not off:
                batch: list[int] = []
                while visible and visible[0][0] <= now and len(batch) < load.batch:
                    _, number = heapq.heappop(visible)
                    if deliveries[number] == load.deliveries:
                        dead += 1
                        del sent[number]
                        continue
                    deliveries[number] += 1
                    batch.append(number)
                if not batch:
                    break
                self.metrics.put(received, now, len(batch))
                done = self._invoke(now, batch) or set()
                end = now + int(self._lasts(now))
                self.metrics.put(deleted, end, len(done))
                for number in batch:
                    if number in done:
                        del sent[number]
                    else:
                        heapq.heappush(visible, (now + load.visibility, number))
            if now % MINUTE == 0:
                young = [at for number, at in sent.items() if deliveries[number] < 3]
                oldest = now - min(young, default=now)
                self.metrics.put(age, now, oldest)
                self.metrics.put(received, now, 0)
                self.metrics.put(deleted, now, 0)
                self._tell_dead(now, dead)

    def _clock(self) -> None:
        dead: list[int] = []
        for number, second in self._comes():
            wrong = second >= 0
            if wrong and self.fault.dead:
                continue
            if wrong and self.fault.denied:
                at = second + HOUR
                dropped = "AWS/Scheduler", "InvocationDroppedCount"
                self.metrics.put(key(*dropped, ScheduleGroup="${ScheduleGroup}"), at, 1)
                dead.append(at)
                continue
            at, attempts, waits = second, 0, 1
            while at - second < HOUR and attempts < 3:
                done = self._invoke(at, [number])
                if done:
                    break
                if done is None:
                    at, waits = at + waits, min(2 * waits, 5 * MINUTE)
                else:
                    attempts += 1
                    at += int(self._lasts(at)) + attempts * MINUTE
            else:
                dead.append(at)
        for now in range(-self.load.before, self.load.after, MINUTE):
            self._tell_dead(now, sum(at <= now for at in dead))

    def _tell_dead(self, now: int, dead: int) -> None:
        letters = f"${{{self.load.function}DeadLetters.QueueName}}"
        if dead:
            visible = key("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=letters)
            self.metrics.put(visible, now, dead)


def rotation(stem: str, resource: str) -> Metrics:
    """A step of a rotation that fails, or a probe of a version: what the function's errors are."""
    metrics, name = Metrics(), f"${{{stem}Function}}"
    for form in ({"FunctionName": name}, {"FunctionName": name, "Resource": resource}):
        metrics.put(key("AWS/Lambda", "Errors", **form), 0, 1)
    return metrics
