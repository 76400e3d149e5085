"""Which alarm tells of which fault, and when: every load under every fault that concerns it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden_path.document import Document

from docs.written.facts import kind, kind_names, own_alarms
from docs.written.facts import loads as loads_of
from tests.cloudwatch import executions, streams
from tests.cloudwatch.metrics import Alarm, Metrics, alarm_of
from tests.cloudwatch.model import measured
from tests.cloudwatch.work import Handlers
from tests.cloudwatch.world import MINUTE, SHIFT, Fault, Load, World

SECRETS = {"key": {"level": "high", "rotate": 30}}


def loads() -> list[Load]:
    """What comes to the functions of each kind, as its folder says."""
    return [
        Load(**{"function": kind(name)["default_name"]} | given | {"kind": name})
        for name in kind_names()
        for row in loads_of(name)
        for given in [{key: value for key, value in row.items() if key != "settings"}]
    ]


def answers() -> dict[str, Any]:
    """The answers of a service that has what all loads come to."""
    functions: dict[str, Any] = {}
    for name in kind_names():
        functions[kind(name)["default_name"]] = name
        for row in loads_of(name):
            if "settings" in row:
                functions[row["function"]] = {"trigger": name} | row["settings"]
    return {"functions": functions, "secrets": SECRETS, "data_store": "none"}


LOADS = [load for load in loads() if not load.steady]
ALL_FAIL = "every piece of work fails"
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
    Fault("the trigger may not invoke, nor send to the dead letters", denied=True, lost=True),
    Fault("more comes than the source takes", full=True),
    Fault("each execution waits for what does not come", stuck=True),
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
            source = kind(load.kind)["source"]
            if (
                (not fault.lost or "keeps" in source)
                and (not fault.full or source["type"] in {*streams.SOURCES, executions.MACHINE})
                and (not fault.stuck or source["type"] == executions.MACHINE)
            ):
                yield play(alarms, World(load, fault, handlers))
    for load in loads():
        if load.steady:
            yield play(alarms, World(load, STEADY, handlers))


def play(alarms: list[Alarm], world: World) -> Row:
    """Let a world run, and see which alarms go on. What a gate stops goes back."""
    load, fault = world.load, world.fault
    told = _told(alarms, world, measured(world))
    gates = [one.second for one in told if one.alarm.gates and one.second < SHIFT]
    if fault.shifts and gates:
        # CodeDeploy takes the traffic back, and all that follows is of the version before.
        again = World(load, fault, world.handlers, min(gates), back=True, seed=world.seed)
        told = _told(alarms, again, measured(again))
    return Row(load, fault, told)


def _told(alarms: list[Alarm], world: World, metrics: Metrics) -> tuple[Told, ...]:
    load = world.load
    shared = (row["whose"] for row in own_alarms(load.kind).values() if "once" in row)
    concerned = {load.function, *shared}
    start = -load.before + max(load.before // 2, 0)
    found = []
    for alarm in alarms:
        if alarm.owner not in concerned:
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
Lambda and the services that feed it measure comes from a model, and what CloudWatch makes of that
from its rules on M of N, on missing data and on metric math: `tests/cloudwatch/` says what each
assumes. Metrics are a minute late.

What reads *nothing* is seen by no alarm. Few callers, or none, are no fault that a number can tell.
"""


def page(found: list[Row]) -> str:
    """Write the page of the reference."""
    lines = [HEAD]
    for load in dict.fromkeys(row.load for row in found):
        lines += [
            f"## `{load.kind}`: {load.title}",
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
