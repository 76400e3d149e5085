"""EventBridge Scheduler: a run knows its time and watches its deadline."""

from datetime import date
from typing import Any

import pytest

from service.adapters import schedule

EVENT = {"id": "run-1", "time": "2026-03-01T00:30:00Z"}


def test_a_run_knows_the_day_before(context: Any) -> None:
    seen: list[date] = []

    @schedule.handler
    def handler(run: schedule.Run) -> None:
        seen.append(run.day_before)

    handler(EVENT, context)
    assert seen == [date(2026, 2, 28)]


def test_work_that_does_not_fit_fails_before_lambda_ends_it(context: Any) -> None:
    @schedule.handler
    def handler(run: schedule.Run) -> None:
        for _ in run.watched(range(3)):
            context.remaining = 0.1

    with pytest.raises(schedule.OutOfTime):
        handler(EVENT, context)
