"""What alarms tell of what goes wrong: handlers run, and CloudWatch's rules decide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docs.written.facts import kind, own_alarms
from tests.cloudwatch.evaluation import OK
from tests.cloudwatch.metrics import Alarm
from tests.cloudwatch.model import measured, rotation
from tests.cloudwatch.table import LOADS, Row, alarms_of, answers, page, play, rows
from tests.cloudwatch.work import Handlers
from tests.cloudwatch.world import HOUR, MINUTE, SHIFT, Fault, Load, World
from tests.conftest import ROOT, SetUp
from tests.languages import languages

PAGE = ROOT / "docs/reference/alarms.md"
WRITE = "WRITE_ALARMS"  # set by `make alarms`
TIMES = ("ColdStart", "Latency")  # what is another each time


@pytest.fixture(scope="module")
def services(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The service in each language."""
    return {
        language.name: set_up(
            tmp_path_factory.mktemp(language.name), runtime=language.runtime, **answers()
        )
        for language in languages()
    }


@pytest.fixture(scope="module")
def handlers(services: dict[str, Path]) -> Iterator[dict[str, Handlers]]:
    made = {one.name: Handlers(services[one.name], one) for one in languages()}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture(scope="module")
def alarms(services: dict[str, Path]) -> list[Alarm]:
    return alarms_of(services["python"])


@pytest.fixture(scope="module")
def found(alarms: list[Alarm], handlers: dict[str, Handlers]) -> list[Row]:
    return list(rows(alarms, handlers["python"]))


def told(found: list[Row], load: str, fault: str) -> Row:
    rows = [row for row in found if row.load.title == load and row.fault.title.startswith(fault)]
    return rows[0]


def test_the_page_says_what_was_run(found: list[Row]) -> None:
    if os.environ.get(WRITE):
        PAGE.write_text(page(found), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(found), "run `make alarms`"


def test_the_languages_do_the_same(handlers: dict[str, Handlers], found: list[Row]) -> None:
    assert found, "nothing has run"
    for case, outcome in handlers["python"].known.items():
        other = handlers["nodejs"].invoke(*case)
        assert (other.error, other.answer is None) == (outcome.error, outcome.answer is None), case
        both = [
            [(*one, value) for one, value in each.metrics if not one[1].endswith(TIMES)]
            for each in (outcome, other)
        ]
        assert both[0] == both[1], case


def test_every_alarm_goes_on_for_something(
    found: list[Row], alarms: list[Alarm], handlers: dict[str, Handlers]
) -> None:
    gone_on = {one.alarm.id for row in found for one in row.told}
    (failed,) = (alarm for alarm in alarms if alarm.name == "failed")
    if failed.rings(rotation("RotateKey", "${RotateKeyFunction}"), 0, HOUR) is not None:
        gone_on.add(failed.id)
    often = {load.function for load in LOADS if load.every <= SHIFT}
    gates = {alarm.id for alarm in alarms if alarm.gates and alarm.owner not in often}
    assert sorted({alarm.id for alarm in alarms} - gone_on - gates) == []
    # A daily run seldom falls into a shift; this one does, and is tried again at both versions.
    fault = Fault("the new version fails", lambda _number, new: new, shifts=True, linear=True)
    for rare in (load for load in LOADS if load.function not in often):
        worlds = (
            World(replace(rare, after=HOUR), fault, handlers["python"], seed=seed)
            for seed in range(50)
        )
        assert any(play(alarms, world).stopped for world in worlds), rare.title


def test_a_refused_probe_is_no_failed_rotation(alarms: list[Alarm]) -> None:
    (failed,) = (alarm for alarm in alarms if alarm.name == "failed")
    assert failed.rings(rotation("RotateKey", "${RotateKeyFunction}:7"), 0, HOUR) is None


def test_nothing_is_told_where_nothing_is_wrong(found: list[Row]) -> None:
    fine = [row for row in found if row.fault.title.endswith("nothing is wrong")]
    assert len(fine) == 2 * len(LOADS)
    assert [row for row in fine if row.told] == []


def test_a_steady_share_of_failures_stops_no_release(found: list[Row]) -> None:
    (steady,) = (row for row in found if "one of 500" in row.fault.title)
    assert steady.told == ()


def test_one_message_alone_wakes_nobody_and_stops_no_release(found: list[Row]) -> None:
    alone = [row for row in found if "one alone" in row.fault.title]
    queues = [row for row in alone if kind(row.load.kind)["invoked"] == "by-polling"]
    assert len(queues) >= 6
    for row in queues:
        assert row.names() == {"dead letters"}, row


@pytest.mark.parametrize(
    "load",
    [load for load in LOADS if "returns" in own_alarms(load.kind) and load.every < MINUTE],
    ids=lambda load: load.title,
)
def test_a_worker_that_does_nothing_wakes_somebody_and_is_not_released(
    found: list[Row], load: Load
) -> None:
    for fault in ("every piece of work fails", "one of two fails"):
        assert "returns" in told(found, load.title, fault).names("page")
    for fault in ("the new version fails", "the new version fails for one of two"):
        row = told(found, load.title, f"a release: {fault}")
        assert row.stopped
        assert "returns" not in row.names(), "it wakes somebody who has nothing left to do"


def test_a_gate_that_was_on_refuses_nothing_later(
    alarms: list[Alarm], handlers: dict[str, Handlers]
) -> None:
    """The version that all traffic has proves bad: its gate must be off for what mends it."""
    for load in (load for load in LOADS if load.every <= MINUTE):
        bad = Fault(
            "bad after the shift",
            lambda number, new, every=load.every: new and number * every >= SHIFT,
            shifts=True,
        )
        metrics = measured(World(load, bad, handlers["python"]))
        gates = [one for one in alarms if one.gates and one.owner == load.function]
        assert gates
        for gate in gates:
            states = [(0, OK), *gate.states(metrics, 0, load.after)]
            assert states[-1][1] == OK, gate.id
            assert states[-1][0] <= SHIFT + 6 * MINUTE, "it is on long after the shift"
