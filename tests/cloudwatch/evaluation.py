"""When an alarm changes its state, by what CloudWatch's user guide says of M out of N and of gaps.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
Read in November 2026; the tables of the second are tests.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

# CloudWatch looks at more periods than it needs, in case some are missing. How many it does not
# say; in all its examples they are two.
SPARE_PERIODS = 2

# An alarm whose periods are longer than a day together is evaluated once an hour, others once a
# minute.
DAY, HOUR, MINUTE = 86_400, 3_600, 60  # seconds

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Criterion:
    """What of the last periods is an alarm."""

    threshold: float
    comparison: str
    periods: int  # N, that are looked at
    breaching: int  # M of them, at the threshold
    missing: str  # how a period without data counts
    period: int = MINUTE  # seconds

    @property
    def looked_at(self) -> int:
        """How many periods CloudWatch asks for."""
        return self.periods + SPARE_PERIODS

    @property
    def every(self) -> int:
        """How often the alarm is evaluated, in seconds."""
        return HOUR if self.period * self.periods > DAY else MINUTE

    def state(self, points: Sequence[float | None], before: str = INSUFFICIENT) -> str:
        """The state after these points, the newest last; `before` is the one that was."""
        compare = COMPARISONS[self.comparison]
        known = [None if one is None else compare(one, self.threshold) for one in points]
        real = [one for one in known if one is not None]
        if len(real) >= self.periods:
            # What is missing is not needed: the newest of the real ones are looked at.
            return self._of(sum(real[-self.periods :]))
        if self.missing == "breaching":
            return self._of(sum(real) + self.periods - len(real))
        if self.missing == "notBreaching" or not all(real):
            return self._of(sum(real))
        if self.missing == "ignore":
            return before
        # All that is known is bad. It is an alarm once the oldest is as old as M periods: what may
        # still come late cannot change it.
        old = real and len(known) - known.index(True) >= self.breaching
        return ALARM if old else INSUFFICIENT

    def _of(self, breaching: int) -> str:
        return ALARM if breaching >= self.breaching else OK
