"""What Lambda does with the records of a stream, and what it tells of it: as AWS documents it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cloudwatch.deployed import Deployed
from tests.cloudwatch.metrics import key
from tests.cloudwatch.streams import read
from tests.cloudwatch.work import Outcome
from tests.cloudwatch.world import MINUTE, Fault, Load, World

FOUR = Load("four records", "sqs", "reader", 30, before=0, after=2 * MINUTE)  # in one batch
STREAM = {"BatchSize": 4, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True}
GATHERED = STREAM | {"MaximumBatchingWindowInSeconds": 300}
NAME = "${ReaderFunction}"
AGE = key("AWS/Lambda", "IteratorAge", FunctionName=NAME, Resource=f"{NAME}:live")
DEAD = key(
    "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="${ReaderDeadLetters.QueueName}"
)


@dataclass
class Handlers:
    """A handler that fails at what is bad: as a whole, or it gives that back."""

    in_parts: bool
    event: dict[str, Any]
    seen: list[str] = field(default_factory=list)

    @property
    def deployed(self) -> dict[str, Deployed]:
        return {"Reader": Deployed(10, self.event, {})}

    def invoke(self, _kind: str, bad: tuple[bool, ...], _name: str, _version: str) -> Outcome:
        self.seen.append("".join("x" if one else "." for one in bad))
        if any(bad) and not self.in_parts:
            return Outcome("Bad", None, ())
        left = [{"itemIdentifier": str(bad.index(True))}] if any(bad) else []
        return Outcome(None, {"batchItemFailures": left}, ())


def world(handlers: Handlers, load: Load = FOUR, **fault: Any) -> World:
    made = World(load, Fault("", **{"fails": lambda number, _new: number == 1} | fault), handlers)
    read(made)
    return made


@pytest.mark.parametrize(
    ("in_parts", "seen"),
    [
        (False, [".x..", ".x", ".", "x", "x", ".."]),
        (True, [".x..", "x..", "x", "x", ".."]),
    ],
)
def test_a_bad_record_is_given_up_alone(in_parts: bool, seen: list[str]) -> None:
    handlers = Handlers(in_parts, GATHERED)
    world(handlers)
    assert handlers.seen == seen


def test_what_is_not_bisected_is_given_up_together() -> None:
    handlers = Handlers(False, GATHERED | {"BisectBatchOnFunctionError": False})
    world(handlers)
    assert handlers.seen == [".x..", ".x.."]


def test_a_record_that_is_tried_for_ever_blocks_its_shard() -> None:
    load = Load("a record a second", "sqs", "reader", 1, before=0, after=10 * MINUTE)
    handlers = Handlers(True, STREAM | {"MaximumRetryAttempts": -1})
    ages = world(handlers, load).metrics.points(AGE, "Maximum", load.after, MINUTE, 10)
    assert handlers.seen[-1] == "x"
    assert handlers.seen.count("x") > 5
    # A single record that is tried again and again grows old, and nothing after it is read.
    assert ages[9] > ages[1] > 0
    assert ages[9] == pytest.approx(1000 * load.after, rel=0.2)


def test_what_is_too_old_is_given_up_though_it_was_refused() -> None:
    load = Load("a record a second", "sqs", "reader", 1, before=0, after=10 * MINUTE)
    handlers = Handlers(True, STREAM | {"MaximumRecordAgeInSeconds": 60})
    metrics = world(handlers, load, refused=True).metrics
    assert handlers.seen == []
    dead = metrics.points(DEAD, "Maximum", load.after, MINUTE, 10)
    assert dead[9] > dead[2] > 0


@pytest.mark.parametrize("fault", [{"dead": True}, {"denied": True}])
def test_a_mapping_that_reads_nothing_tells_nothing(fault: dict[str, bool]) -> None:
    handlers = Handlers(True, STREAM)
    assert world(handlers, **fault).metrics.silent(AGE, 0, MINUTE)
    assert handlers.seen == []


def test_a_batch_is_gathered_until_its_window_is_over() -> None:
    load = Load("a record a second", "sqs", "reader", 1, before=0, after=MINUTE)
    handlers = Handlers(True, STREAM | {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 5})
    world(handlers, load, fails=lambda _number, _new: False)
    assert {len(batch) for batch in handlers.seen[:-1]} <= {6}
