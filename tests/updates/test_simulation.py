"""No single-line edit of any rendered file is lost by an update, or moves to another section."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.updates.cover import Pair, Renders, every_pair, some_pairs
from tests.updates.held import BEGIN
from tests.updates.history import WORKING_TREE, releases
from tests.updates.living import RELEASED, begin, copy_tree, edit
from tests.updates.matrix import Case, Matrix
from tests.updates.merge import Merge
from tests.updates.simulation import MAKE, PAGE, PLAIN, Simulation, timeless

RELEASES = releases(ROOT)
CUT = re.compile(r"from Resources / ExecutionPolicy / .* to Resources / \w+ExecutionPolicy / ")
"""Policies of one role, which had been one: what moves between them stays the role's."""


@pytest.fixture(scope="module")
def renders(matrix: Matrix) -> Renders:
    return Renders(matrix)


@pytest.fixture(scope="module")
def some(renders: Renders) -> Simulation:
    simulation = Simulation()
    simulation.run(renders, some_pairs(), PLAIN, MAKE)
    return simulation


def test_no_edit_moves_from_now_on(some: Simulation) -> None:
    """Whoever updates, by whatever command."""
    assert some.wrong(PLAIN, since=WORKING_TREE) == []


def test_no_edit_moves_from_any_release_by_make(some: Simulation) -> None:
    assert some.wrong(MAKE) == []


def test_no_edit_of_the_template_moves_from_any_release(some: Simulation) -> None:
    """Lines of releases that named none fit no line of today that names none either."""
    assert [one for one in some.wrong(PLAIN) if one.startswith("template.yaml:")] == []


def test_the_cover_is_large_enough(some: Simulation) -> None:
    assert some.total.outcomes[PLAIN].counts["right"] > 100_000
    assert {"template.yaml", "docs/runbook.md", "pipeline/account.yaml"} <= some.paths.keys()


@pytest.mark.all_rows
def test_no_edit_of_any_service_moves_and_the_page_says_so(renders: Renders) -> None:
    simulation = Simulation()
    simulation.run(renders, every_pair(), PLAIN, MAKE)
    assert simulation.wrong(PLAIN, since=WORKING_TREE) == []
    assert [one for one in simulation.wrong(MAKE) if not CUT.search(one)] == []
    assert timeless(PAGE.read_text()) == timeless(simulation.page(0)), "run `make simulation`"


@pytest.mark.parametrize(
    ("start", "change", "answered"),
    [
        (RELEASES[0].tag, "same answers", ""),
        (WORKING_TREE, "functions added", "two functions added"),
    ],
)
def test_copier_makes_of_an_edit_what_is_simulated(
    renders: Renders, tmp_path: Path, start: str, change: str, answered: str
) -> None:
    # given a service with one edit in each file, of each outcome as many as can be
    seen: Counter[str] = Counter()
    expected: dict[str, list[str]] = {}
    case = Case(start, WORKING_TREE, "python", "large", change)
    update = renders.matrix.start(case, tmp_path / "service")
    for file in renders.files(Pair(start, WORKING_TREE, "python", "large", answered)):
        merge = Merge(file.old, file.new)
        outcomes = {merge.of(edit, PLAIN).how: edit for edit in merge.edits()}
        how = min(outcomes, key=lambda one: seen[one])
        edit = outcomes[how]
        seen[how] += 1
        expected[file.path] = merge.after(edit, merge.of(edit, PLAIN))
        (update.service / file.path).write_text("\n".join([*edit.made(merge.old), ""]))
    # when
    update.edited()
    update.run()
    # then
    for path, lines in expected.items():
        found = (update.service / path).read_text().split("\n")[:-1]
        assert found == lines or (not lines and BEGIN in found), path
    assert min(seen["applied"], seen["merged"], seen["conflict"]) > 0, seen


# A block that a release could put into every function, and that names none.
LOOK_ALIKE = """\
  {{ fn.logical }}Copies:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      VersioningConfiguration:
        Status: Enabled
      LifecycleConfiguration:
        Rules:
          - Status: Enabled
            ExpirationInDays: 30

"""


def test_a_release_that_makes_look_alikes_is_refused(tmp_path: Path) -> None:
    # given a copy of the template as somebody would release it
    for name in (*RELEASED, "tests/answers"):
        copy_tree(ROOT / name, tmp_path / "bad" / name)
    function = tmp_path / "bad/template/function.yaml.jinja"
    head = "  {{ fn.logical }}Logs:\n"
    edit(function, head, LOOK_ALIKE + head)
    begin(tmp_path / "bad")
    # when
    simulation = Simulation()
    pair = Pair(WORKING_TREE, WORKING_TREE, "python", "default", "an HTTP function added")
    simulation.run(Renders(Matrix(tmp_path / "bad")), [pair], PLAIN)
    # then
    astray = simulation.wrong(PLAIN)
    assert any("from Resources / ItemsCopies" in one for one in astray)
