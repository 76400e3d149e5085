"""Remaining time: the first step always, another one only while it fits."""

from typing import Any

import pytest

from service.adapters import deadline
from service.adapters.deadline import Deadline


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands at its last entry."""
    now = [0.0]  # seconds
    monkeypatch.setattr(deadline.time, "monotonic", lambda: now[-1])
    return now


def test_the_first_step_is_allowed_however_little_time_is_left(context: Any) -> None:
    context.remaining = 0.1
    assert Deadline(context).allows_another_step()


def test_no_step_is_begun_that_could_outlast_the_invocation(
    context: Any, clock: list[float]
) -> None:
    # given a first step that took 2 s
    watched = Deadline(context)
    watched.allows_another_step()
    clock.append(2.0)

    # then another one is begun with 5 s left, and none with 4 s
    context.remaining = 5
    assert watched.allows_another_step()
    context.remaining = 4
    assert not watched.allows_another_step()


def test_the_slowest_step_counts_also_when_a_fast_one_follows(
    context: Any, clock: list[float]
) -> None:
    watched = Deadline(context)
    for at in (0.0, 2.0, 2.1):
        clock.append(at)
        watched.allows_another_step()
    context.remaining = 4
    assert not watched.allows_another_step()
