"""One load under one fault: what comes, which version is invoked, and what Lambda writes of it.

Assumed: an invocation counts at the second in which it begins. One that runs into its timeout is an
error and writes nothing. While traffic shifts an alias sends one call of ten to the new version for
ten minutes, or one more of ten every minute. What else AWS does follows from the way of invocation:
`callers.py`, `events.py`, `executions.py`, `queues.py` and `streams.py` say what each assumes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from docs.written.facts import kind, stem
from tests.cloudwatch.deployed import Deployed
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
    lost: bool = False  # nor may it send to the dead letters, where it has them
    full: bool = False  # more comes than the source takes
    stuck: bool = False  # an execution waits for what does not come
    shifts: bool = False  # traffic shifts to a new version
    linear: bool = False  # by a tenth every minute


@dataclass(frozen=True)
class Load:
    """What comes to a function, as the folder of its kind says it in `loads.yml`."""

    title: str
    kind: str
    function: str
    every: float  # seconds from one piece of work to the next
    before: int = 10 * MINUTE  # for which nothing is wrong
    after: int = HOUR
    steady: bool = False  # under one fault alone

    @cached_property
    def stem(self) -> str:
        """What the logical ids of the function begin with."""
        return stem(self.function)


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
        self.own: Deployed = self.handlers.deployed[self.load.stem]
        self.source: dict[str, Any] = kind(self.load.kind)["source"]

    def off(self, second: int) -> bool:
        """Whether nothing reads what the function is fed by."""
        return second >= 0 and (self.fault.dead or self.fault.denied)

    def comes(self) -> Iterator[tuple[int, int]]:
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

    def invoke(self, second: int, numbers: list[int]) -> set[int] | None:
        """Invoke with pieces of work; return which are done, or None where it is refused."""
        name, wrong = f"${{{self.load.stem}Function}}", second >= 0
        new = self._new(second)
        version = f"${{{self.load.stem}Function.Version.Version}}" if new else "before"

        def put(metric: str, value: float) -> None:
            for found in _of_alias(metric, name, version):
                self.metrics.put(found, second, value)

        if wrong and self.fault.refused:
            put("Throttles", 1)
            return None
        put("Invocations", 1)
        put("Duration", 1000 * self.lasts(second))
        if wrong and self.fault.lasts >= 1:
            put("Errors", 1)
            return set()
        bad = tuple(wrong and self.fault.fails(number, new) for number in numbers)
        done = self.handlers.invoke(self.load.kind, bad, name, version)
        for found, value in done.metrics:
            self.metrics.put(found, second, value)
        put("Errors", done.error is not None)
        if done.error:
            return set()
        returned = (done.answer or {}).get("batchItemFailures", [])
        places = {int(one["itemIdentifier"]) for one in returned}
        return {number for place, number in enumerate(numbers) if place not in places}

    def lasts(self, second: int) -> float:
        """How many seconds an invocation lasts."""
        share = min(self.fault.lasts, 1) if second >= 0 else Fault.lasts
        return share * self.own.timeout

    def tell_dead(self, now: int, dead: int) -> None:
        """Put how many dead letters there are."""
        letters = f"${{{self.load.stem}DeadLetters.QueueName}}"
        if dead:
            visible = key("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=letters)
            self.metrics.put(visible, now, dead)
