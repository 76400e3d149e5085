"""Which alarm tells of which fault, and when: every load under every fault that concerns it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden_path.document import Document

from tests.cloudwatch.metrics import Alarm, Metrics, alarm_of
from tests.cloudwatch.model import DAY, HOUR, MINUTE, SHIFT, Fault, Load, World
from tests.cloudwatch.work import Handlers

ANSWERS: dict[str, Any] = {
    "functions": {
        "items": "http_api",
        "worker": "sqs",
        "single": {"trigger": "sqs", "batch_size": 1, "timeout": 5},
        "report": "schedule",
        "minutely": {"trigger": "schedule", "schedule": "rate(1 minute)"},
    },
    "secrets": {"key": {"level": "high", "rotate": 30}},
    "data_store": "none",
}

WORKER = {"timeout": 60, "visibility": 361, "deliveries": 5}
SINGLE = {"timeout": 5, "visibility": 31, "deliveries": 5}
BUSY = Load("100 requests a second", "Items", "items", 0.01, 6, before=MINUTE, after=12 * MINUTE)
LOADS = (
    Load("a request a second", "Items", "items", 1, 6),
    Load("a request every two minutes", "Items", "items", 120, 6),
    Load("2 messages a second, batches of ten", "Worker", "worker", 0.5, batch=10, **WORKER),
    Load("a message a second, batches of one", "Single", "worker", 1, **SINGLE),
    Load("a message every ten minutes", "Worker", "worker", 600, batch=10, **WORKER),
    Load("a run a day", "Report", "report", DAY, 120, before=DAY + HOUR, after=DAY + 12 * HOUR),
    Load("a run a minute", "Minutely", "report", 60, 120, after=6 * HOUR),
)

KINDS = {
    "Items": "http_api",
    "Worker": "sqs",
    "Single": "sqs",
    "Report": "schedule",
    "Minutely": "schedule",
}
ALL_FAIL = "every piece of work fails"
SHARED = {"http_api": ("HttpApi",), "schedule": ("ScheduleGroup",)}
FAULTS = (
    Fault("nothing is wrong"),
    Fault(f"{ALL_FAIL}, as when another system is down", lambda _number, _new: True),
    Fault("one of two fails", lambda number, _new: number % 2 == 0),
    Fault("one of ten fails", lambda number, _new: number % 10 == 0),
    Fault("one alone fails, always", lambda number, _new: number == 0),
    Fault("slow: nine tenths of the timeout", lasts=0.9),
    Fault("each invocation runs into its timeout", lasts=1),
    Fault("all concurrency is used up", refused=True),
    Fault("the trigger is off", dead=True),
    Fault("the trigger may not invoke", denied=True),
    Fault("a release, and nothing is wrong", shifts=True),
    Fault("a release: the new version fails", lambda _number, new: new, shifts=True),
    Fault(
        "a release: the new version fails for one of two",
        lambda number, new: new and number % 2 == 0,
        shifts=True,
    ),
    Fault(f"a release while {ALL_FAIL}", lambda _number, _new: True, shifts=True),
    Fault("a release while one alone fails", lambda number, _new: number == 0, shifts=True),
)
STEADY = Fault(
    "a release: one of 500 fails, before and after",
    lambda number, _new: number % 500 == 0,
    shifts=True,
)


@dataclass(frozen=True)
class Told:
    """An alarm that has gone on."""

    alarm: Alarm
    second: int  # after the fault began


@dataclass(frozen=True)
class Row:
    """What is told of a fault under a load."""

    load: Load
    fault: Fault
    told: tuple[Told, ...]

    @property
    def stopped(self) -> bool:
        """Whether a gate has ended the release."""
        return self.fault.shifts and any(one.alarm.gates for one in self.told)

    def names(self, severity: str = "") -> set[str]:
        """The alarms that went on, by the names of their pages."""
        return {one.alarm.name for one in self.told if one.alarm.severity.startswith(severity)}


def alarms_of(service: Path) -> list[Alarm]:
    """The alarms of a rendered service, in the order of its template."""
    resources = Document.read(service / "template.yaml").data["Resources"]
    return [
        alarm_of(id_, resource["Properties"])
        for id_, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


def rows(alarms: list[Alarm], handlers: Handlers) -> Iterator[Row]:
    """Play every load under every fault."""
    for load in LOADS:
        for fault in FAULTS:
            yield play(alarms, World(load, fault, handlers))
    yield play(alarms, World(BUSY, STEADY, handlers))


def play(alarms: list[Alarm], world: World) -> Row:
    """Let a world run, and see which alarms go on. What a gate stops goes back."""
    load, fault = world.load, world.fault
    told = _told(alarms, world, world.run())
    gates = [one.second for one in told if one.alarm.gates and one.second < SHIFT]
    if fault.shifts and gates:
        # CodeDeploy takes the traffic back, and all that follows is of the version before.
        again = World(load, fault, world.handlers, min(gates), back=True, seed=world.seed)
        told = _told(alarms, again, again.run())
    return Row(load, fault, told)


def _told(alarms: list[Alarm], world: World, metrics: Metrics) -> tuple[Told, ...]:
    load = world.load
    concerned = (
        load.function,
        {"http_api": "HttpApi", "schedule": "ScheduleGroup"}.get(KINDS[load.function], "-"),
    )
    start = -load.before + max(load.before // 2, 0)
    found = []
    for alarm in alarms:
        if not alarm.id.startswith(concerned):
            continue
        second = alarm.rings(metrics, start, load.after)
        if second is not None:
            found.append(Told(alarm, second))
    return tuple(sorted(found, key=lambda one: (one.second, one.alarm.id)))


HEAD = """\
<!-- Written by `make alarms` from what it runs. -->

# Which alarm tells of what

Each table is a function under a load; each row is something that goes wrong at minute 0, and the
alarms that go on, with the minute in which they do. *Page* wakes somebody, *ticket* waits for the
next working day. *Stopped* is a release that a gate has taken back; *released* is one that went to
all traffic. Traffic shifts as in production: a tenth for ten minutes, then all.

The alarms are those that a service is rendered with, at their default thresholds. Handlers on the
service's own adapters were invoked for each case, in Python and in TypeScript, which agree. What
Lambda, API Gateway, SQS and the scheduler measure of it comes from a model, and what CloudWatch
makes of that from its rules on M of N, on missing data and on metric math: `tests/cloudwatch/`
says what each assumes. Metrics are a minute late.

What reads *nothing* is seen by no alarm. Few callers, or none, are no fault that a number can tell.
"""


def page(found: list[Row]) -> str:
    """Write the page of the reference."""
    lines = [HEAD]
    for load in dict.fromkeys(row.load for row in found):
        lines += [
            f"## `{KINDS[load.function]}`: {load.title}",
            "",
            "| at minute 0 | told |",
            "|---|---|",
        ]
        lines += [f"| {row.fault.title} | {_cell(row)} |" for row in found if row.load == load]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(row: Row) -> str:
    told = [f"{one.alarm.name} ({one.alarm.severity}, {_duration(one.second)})" for one in row.told]
    if row.fault.shifts:
        told.insert(0, "**stopped**" if row.stopped else "released")
    return ", ".join(told) or "nothing"


def _duration(second: int) -> str:
    minutes = -(-second // MINUTE)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
