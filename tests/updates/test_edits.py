"""The matrix, edited: nothing a team has written is lost, or lands on another resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, named_answers
from tests.updates.edits import EDITS
from tests.updates.held import BEGIN, look
from tests.updates.history import WORKING_TREE
from tests.updates.matrix import CHANGES, Case, Matrix, covers, journeys


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        columns = [journeys(ROOT), list(named_answers()), list(CHANGES), list(EDITS)]
        rows = covers(columns, metafunc.config.getoption("updates") == "all")
        found = [
            pytest.param(case, edits, id=f"{case}, {edits}", marks=marks)
            for (way, given, change, edits), marks in rows
            for case in [Case(*way, given, change)]
        ]
        metafunc.parametrize(("case", "edits"), found)


def test_edits_stay_where_they_were_made(
    matrix: Matrix, tmp_path: Path, case: Case, edits: str, record_property: Any
) -> None:
    # given
    update = matrix.start(case, tmp_path / "service")
    for edit in EDITS[edits]:
        edit(update.service)
    update.edited()
    # when
    update.run()
    # then
    held = look(update)
    for figure, count in held.figures.items():
        record_property(figure, count)
    held.assert_nothing_is_wrong()
    for path, text in update.before.items():
        if matrix.is_yours(path):
            assert (update.service / path).read_text() == text, f"{path} is the team's own"
    template = (update.service / "template.yaml").read_text()
    own = template.split("# Your own resources")[1].split("\nOutputs:")[0]
    variables = template.split("\nGlobals:")[1].split("OWN_BUCKET")[0]
    if edits == "edits of every day":
        assert BEGIN not in own + variables, "the team's own sections are in conflict"


def test_the_checks_tell_what_is_lost_astray_or_needless(matrix: Matrix, tmp_path: Path) -> None:
    # given an update that has gone well
    case = Case(WORKING_TREE, matrix.tags[-1], "python", "default", "functions added")
    update = matrix.start(case, tmp_path / "service")
    for edit in EDITS["edits of every day"]:
        edit(update.service)
    update.edited()
    update.run()
    good = look(update)
    good.assert_nothing_is_wrong()
    assert good.edits > 30
    # when a line is lost
    makefile, template = update.service / "Makefile", update.service / "template.yaml"
    kept = makefile.read_text()
    makefile.write_text(kept.replace("own: ## ours\n", ""))
    # then
    assert look(update).lost == ["Makefile: own: ## ours"]
    # when a conflict is marked where nobody else has changed anything
    makefile.write_text(f"{kept}{BEGIN}\n=======\n>>>>>>> after updating\n")
    assert look(update).needless == ["Makefile"]
    makefile.write_text(kept)
    # when an edit is on another function
    text = template.read_text()
    moved = text.replace("      RetentionInDays: 3653 # worker: days\n", "", 1)
    template.write_text(moved.replace("  ItemsLogs:\n", "  ItemsLogs:\n    Retention: 3653\n", 1))
    assert [one.split(":")[0] for one in look(update).astray] == [
        "WorkerLogs",
        "ItemsLogs has got",
    ]
