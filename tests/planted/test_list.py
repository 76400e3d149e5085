"""The list of `make planted` stays true: each defect can be planted, and names a quick test."""

import subprocess
import sys

import pytest

from tests.planted.__main__ import ROOT, Defect, defects, places

LEAST = 40
LISTED = defects()


@pytest.fixture(scope="module")
def quick() -> list[str]:
    """The tests of the files that the list names, without those that `make test-all` alone runs."""
    files = sorted({defect["found_by"].partition("::")[0] for defect in LISTED})
    command = [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


@pytest.mark.parametrize("defect", LISTED, ids=[defect["what"] for defect in LISTED])
def test_it_can_be_planted(defect: Defect) -> None:
    assert places(defect) == 1, f"{defect['file']} has this not once: {defect['old']}"
    assert defect["old"] != defect["new"]


def test_a_quick_test_is_to_find_it(quick: list[str]) -> None:
    for defect in LISTED:
        named = defect["found_by"]
        assert any(
            line == named or line.startswith((f"{named}[", f"{named}::")) for line in quick
        ), f"no quick test is called {named}"


def test_each_says_another_thing() -> None:
    assert len({defect["what"] for defect in LISTED}) == len(LISTED) >= LEAST
