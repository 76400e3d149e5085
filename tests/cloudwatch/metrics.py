"""Metrics as CloudWatch keeps them, and the alarms that read them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from golden_path.intrinsics import text

from tests.cloudwatch.evaluation import ALARM, OK, Criterion
from tests.cloudwatch.expressions import Series, value_of

METRIC_DELAY = 60  # seconds until a metric is there

Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, and dimensions with their values."""


def key(namespace: str, name: str, **dimensions: str) -> Key:
    return namespace, name, frozenset(dimensions.items())


def _percentile(values: list[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


class Metrics:
    """Values by metric, each at its second."""

    def __init__(self) -> None:
        self._put: dict[Key, list[tuple[int, float]]] = defaultdict(list)
        self._sorted: dict[Key, tuple[list[int], list[float], list[float]]] = {}

    def put(self, key: Key, second: int, value: float) -> None:
        """Add a value. All are put before any is asked for."""
        self._put[key].append((second, value))

    def points(self, key: Key, statistic: str, end: int, period: int, count: int) -> Series:
        """The statistic of the last periods before `end`, numbered from the oldest."""
        times, values, sums = self._of(key)
        edges = [bisect_left(times, end - place * period) for place in range(count, -1, -1)]
        found: Series = {}
        for place, (first, last) in enumerate(pairwise(edges)):
            if first == last:
                continue
            if statistic == "Sum":
                found[place] = sums[last] - sums[first]
            elif statistic == "SampleCount":
                found[place] = last - first
            elif statistic == "Average":
                found[place] = (sums[last] - sums[first]) / (last - first)
            elif statistic == "Maximum":
                found[place] = max(values[first:last])
            else:
                found[place] = _percentile(values[first:last], float(statistic.removeprefix("p")))
        return found

    def silent(self, key: Key, start: int, end: int) -> bool:
        """Whether there is no value from `start` on, before `end`."""
        times, _, _ = self._of(key)
        return bisect_left(times, start) == bisect_left(times, end)

    def _of(self, key: Key) -> tuple[list[int], list[float], list[float]]:
        """The seconds of a metric, its values, and the sum of all before each."""
        if key not in self._sorted:
            pairs = sorted(self._put.get(key, []), key=lambda pair: pair[0])
            values = [value for _, value in pairs]
            sums = [0.0, *accumulate(values)]
            self._sorted[key] = [second for second, _ in pairs], values, sums
        return self._sorted[key]


@dataclass(frozen=True)
class Query:
    """One metric that an alarm reads."""

    id: str
    key: Key
    statistic: str
    period: int


@dataclass(frozen=True)
class Alarm:
    """An alarm of a template."""

    id: str
    owner: str  # the function, or what all functions of a kind share
    name: str  # as its page is called
    severity: str
    queries: tuple[Query, ...]
    expression: str
    criterion: Criterion

    @property
    def gates(self) -> bool:
        """Whether it ends a release: it reads what one version does."""
        return any("ExecutedVersion" in dict(query.key[2]) for query in self.queries)

    def states(self, metrics: Metrics, start: int, end: int) -> Iterator[tuple[int, str]]:
        """When it changes its state, in seconds: from OK at `start`, by all that has arrived."""
        state, criterion = OK, self.criterion
        for now in range(start, end, criterion.every):
            points = self.points(metrics, now - METRIC_DELAY)
            if (new := criterion.state(points, state)) != state:
                state = new
                yield now, state

    def points(self, metrics: Metrics, until: int) -> list[float | None]:
        """What the periods before come to, the newest last."""
        count = self.criterion.looked_at
        oldest = until - count * self.criterion.period
        if all(metrics.silent(query.key, oldest, until) for query in self.queries):
            return [None] * count
        series = {
            query.id: metrics.points(query.key, query.statistic, until, query.period, count)
            for query in self.queries
        }
        value = value_of(self.expression, series)
        if not isinstance(value, dict):
            raise TypeError(f"{self.expression} is no series: CloudWatch refuses the alarm")
        return [value.get(place) for place in range(count)]

    def rings(self, metrics: Metrics, start: int, end: int) -> int | None:
        """The second at which it goes on for the first time."""
        return next((at for at, state in self.states(metrics, start, end) if state == ALARM), None)


def alarm_of(id_: str, given: dict[str, Any]) -> Alarm:
    """An alarm by its logical id and its properties."""
    severity, _, rest = given["AlarmDescription"].partition(": ")
    queries = [
        _query(one["Id"], one["MetricStat"]["Metric"], one["MetricStat"])
        for one in given.get("Metrics", [])
        if "MetricStat" in one
    ]
    expression = next(
        (one["Expression"] for one in given.get("Metrics", []) if "Expression" in one), "metric"
    )
    if not queries:
        queries = [_query("metric", given, given)]
    criterion = Criterion(
        threshold=given["Threshold"],
        comparison=given["ComparisonOperator"],
        periods=given["EvaluationPeriods"],
        breaching=given["DatapointsToAlarm"],
        missing=given["TreatMissingData"],
        period=queries[0].period,
    )
    owner = rest.partition(":")[0]
    anchor = rest.rpartition("#")[2].removeprefix(f"{owner.lower().replace(' ', '-')}-")
    name = anchor.replace("-", " ")
    return Alarm(id_, owner, name, severity, tuple(queries), expression, criterion)


def _query(id_: str, metric: dict[str, Any], stat: dict[str, Any]) -> Query:
    dimensions = frozenset((one["Name"], text(one["Value"])) for one in metric["Dimensions"])
    statistic = stat.get("Stat") or stat.get("Statistic") or stat["ExtendedStatistic"]
    name = metric["Namespace"], metric["MetricName"], dimensions
    return Query(id_, name, statistic, stat["Period"])
