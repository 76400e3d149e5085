"""The matrix, at random: lines inserted, deleted and replaced wherever, and still none is lost."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT, named_answers
from tests.updates.held import Held, look
from tests.updates.matrix import CHANGES, Case, Matrix, Update, journeys, read

EXAMPLES = {"pairs": 6, "all": 400}
WAYS = journeys(ROOT)
# The commands of the service refuse edits of the first two; `make lock` writes the last.
NOT_EDITED = re.compile(
    r"\.copier-answers\.yml|tools/rendered\.yml|.*requirements.*\.txt|package-lock\.json"
)

CASES = st.builds(
    lambda way, answers, change: Case(*way, answers, change),
    st.sampled_from(WAYS),
    st.sampled_from(sorted(named_answers())),
    st.sampled_from(sorted(CHANGES)),
)
# Most edits are made in template.yaml: it is the file in which one function looks like another.
EDITS = st.lists(
    st.tuples(
        st.one_of(st.just("template.yaml"), st.integers(0, 10**6)),
        st.integers(0, 10**6),
        st.sampled_from(["insert", "delete", "replace"]),
    ),
    min_size=1,
    max_size=8,
)


def edit(update: Update, edits: list[tuple[str | int, int, str]]) -> None:
    """Insert, delete and replace lines; what is written is like nothing else."""
    paths = [path for path in read(update.service) if not NOT_EDITED.fullmatch(path)]
    for number, (where, at, what) in enumerate(edits):
        path = where if isinstance(where, str) else paths[where % len(paths)]
        lines = (update.service / path).read_text().splitlines(keepends=True)
        line = at % len(lines)
        # A resource stays one: its name and the blank line before it are left alone.
        named = path == "template.yaml" and not lines[line].startswith("    ")
        written = f"{re.match(' *', lines[line])[0]}# edited {number}\n"
        lines[line : line + (what != "insert" and not named)] = [written] * (what != "delete")
        (update.service / path).write_text("".join(lines))


def test_no_line_is_lost_or_astray(
    matrix: Matrix, tmp_path: Path, request: pytest.FixtureRequest, record_property: Any
) -> None:
    numbers = itertools.count()
    found: list[Held] = []

    @settings(
        max_examples=EXAMPLES[request.config.getoption("updates")],
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES, EDITS)
    def holds(case: Case, edits: list[tuple[str | int, int, str]]) -> None:
        update = matrix.start(case, tmp_path / str(next(numbers)))
        edit(update, edits)
        update.edited()
        update.run()
        held = look(update)
        found.append(held)
        held.assert_nothing_is_wrong()

    holds()
    for figure in found[0].figures:
        record_property(figure, sum(held.figures[figure] for held in found))
