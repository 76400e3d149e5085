"""The matrix, untouched: a service that nobody has edited becomes what a fresh one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, named_answers
from tests.updates.history import NEXT, WORKING_TREE
from tests.updates.matrix import CHANGES, Case, Matrix, Update, covers, journeys, read

# In steps `make test` goes without a change, and with one that takes blocks away.
ALIKE = [
    pytest.param(
        change,
        marks=[] if change == "a function removed" else [pytest.mark.all_rows],
    )
    for change in CHANGES
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        columns = [journeys(ROOT), list(named_answers()), list(CHANGES)]
        rows = covers(columns, metafunc.config.getoption("updates") == "all")
        found = [
            pytest.param(case, id=str(case), marks=marks)
            for (way, given, change), marks in rows
            for case in [Case(*way, given, change)]
        ]
        metafunc.parametrize("case", found)


def assert_fresh(update: Update) -> None:
    """Expect every file of the golden path as a fresh render has it, and nothing beside."""
    found, fresh, had = read(update.service), read(update.new), update.before
    for path, text in fresh.items():
        if path == ".gitattributes":
            assert found.get(path) == had.get(path), "it is for new services"
            continue
        kept = update.matrix.is_yours(path) and path in had
        assert found[path] == (had[path] if kept else text), f"{path} differs"
    left = {path for path in found.keys() - fresh.keys() if not update.matrix.is_yours(path)}
    assert left == set(), "files of the golden path are left behind"


def test_an_untouched_service_becomes_a_fresh_render(
    matrix: Matrix, tmp_path: Path, case: Case, record_property: Any
) -> None:
    update = matrix.start(case, tmp_path / "service")
    update.edited()
    update.run()
    record_property("run", 1)
    assert_fresh(update)


@pytest.mark.parametrize("change", ALIKE)
def test_step_by_step_is_as_at_once(
    matrix: Matrix, tmp_path: Path, change: str, record_property: Any
) -> None:
    case = Case(matrix.tags[0], NEXT, "python", "default", change)
    at_once, step_by_step = (matrix.start(case, tmp_path / name) for name in ("once", "steps"))
    for update in (at_once, step_by_step):
        with (update.service / "src/service/domain/items.py").open("a") as file:
            file.write("\n# The team has written this.\n")
        template = update.service / "template.yaml"
        template.write_text(template.read_text().replace("Outputs:", "# Ours.\nOutputs:"))
        update.edited()
    at_once.run()
    steps = matrix.tags[1:] or [WORKING_TREE]
    step_by_step.run(*steps)
    record_property("run", 1 + len(steps))
    # What is the team's is written once, as the release has it that brings it.
    found, expected = read(step_by_step.service), read(at_once.service)
    assert found.keys() == expected.keys()
    for path, text in expected.items():
        if not matrix.is_yours(path):
            assert found[path] == text, f"{path} differs"
    edited = "src/service/domain/items.py"
    assert found[edited] == step_by_step.before[edited]
