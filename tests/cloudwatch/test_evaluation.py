"""The evaluator against the tables and examples of CloudWatch's user guide."""

from __future__ import annotations

import pytest

from tests.cloudwatch.evaluation import ALARM, INSUFFICIENT, OK, Criterion
from tests.cloudwatch.expressions import Series, value_of

SETTINGS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "the current state"

# Data points with 3 of 3, and with 2 of 3: 0 does not breach, X does, - is missing.
ALL_OF_THREE = {
    "0 - X - X": (OK, OK, OK, OK),
    "0 - - - -": (OK, OK, OK, OK),
    "- - - - -": (INSUFFICIENT, KEPT, ALARM, OK),
    "0 X X - X": (ALARM, ALARM, ALARM, ALARM),
    "- - X - -": (ALARM, KEPT, ALARM, OK),
    # From the text on premature transitions, and from older editions of the table.
    "- - - - X": (INSUFFICIENT, KEPT, ALARM, OK),
    "- - - X -": (INSUFFICIENT, KEPT, ALARM, OK),
    "X - - - -": (ALARM, KEPT, ALARM, OK),
}
TWO_OF_THREE = {
    "0 - X - X": (ALARM, ALARM, ALARM, ALARM),
    "0 0 X 0 X": (ALARM, ALARM, ALARM, ALARM),
    "0 - X - -": (OK, OK, ALARM, OK),
    "- - - - 0": (OK, OK, ALARM, OK),
    "- - - X -": (ALARM, KEPT, ALARM, OK),
    "- - - - X": (INSUFFICIENT, KEPT, ALARM, OK),
}
ROWS = [
    (of, points, setting, state)
    for of, table in ((3, ALL_OF_THREE), (2, TWO_OF_THREE))
    for points, states in table.items()
    for setting, state in zip(SETTINGS, states, strict=True)
]


@pytest.mark.parametrize(("of", "points", "missing", "state"), ROWS)
def test_the_tables_on_missing_data(of: int, points: str, missing: str, state: str) -> None:
    values = [{"0": 0.0, "X": 1.0, "-": None}[point] for point in points.split()]
    criterion = Criterion(1, "GreaterThanOrEqualToThreshold", 3, of, missing)
    assert criterion.looked_at == len(values)
    for before in (OK, ALARM):
        wanted = before if state == KEPT else state
        assert criterion.state(values, before) == wanted


def test_the_figure_of_three_consecutive_points() -> None:
    """Above the threshold in the third to fifth period, and again in the ninth."""
    values = [1.0, 2, 4, 5, 4, 2, 1, 2, 4, 2]
    criterion = Criterion(3, "GreaterThanThreshold", 3, 3, "missing")
    states = [
        criterion.state(values[max(0, end - criterion.looked_at) : end])
        for end in range(3, len(values) + 1)
    ]
    assert states == [OK, OK, ALARM, OK, OK, OK, OK, OK]


def series(text: str) -> Series:
    values = enumerate(text.split())
    return {place: float(value) for place, value in values if value != "-"}


EXAMPLES = [
    ("m1 < m2", "0 0 1 0", "30 20 0 0", "20 - 20 -", ""),
    ("m1 >= 30", "1 0 0 0", "30 20 0 0", "", ""),
    ("m1 > 15 AND m2 > 15", "1 0 0 0", "30 20 0 0", "20 - 20 -", ""),
    ("IF(m1, m2, m3)", "30 0 20 - -", "1 1 0 0 -", "30 - 0 0 30", "0 0 20 - 20"),
    ("IF(m1, 5, m3)", "5 5 20 - -", "1 1 0 0 -", "", "0 0 20 - 20"),
    ("IF(m1, m2, 5)", "30 0 5 5 -", "1 1 0 0 -", "30 - 0 0 30", ""),
    ("IF(m1 < 400, m1)", "300 - 10", "300 500 10", "", ""),
    # What is missing is 0; what would be divided by 0 is dropped.
    ("m1 - m2", "1 -2 3", "3 - 3", "2 2 -", ""),
    ("100 * m1 / m2", "50 - 0", "1 1 -", "2 0 4", ""),
    ("FILL(m1, 0)", "1 0 2", "1 - 2", "", ""),
]


@pytest.mark.parametrize(("expression", "wanted", "m1", "m2", "m3"), EXAMPLES)
def test_the_examples_of_metric_math(
    expression: str, wanted: str, m1: str, m2: str, m3: str
) -> None:
    metrics = {"m1": series(m1), "m2": series(m2), "m3": series(m3)}
    assert value_of(expression, metrics) == series(wanted)
