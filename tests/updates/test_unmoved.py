"""Git alone tells which lines are the team's, and which update has moved them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from golden_path.rules.updates import ACCEPTED, Unmoved

from tests.updates.living import begin, commit, edit, run

PAGE = "# Runbook\n\n## items errors\n\nLook at the log.\n\n## audit errors\n\nLook at the log.\n"
ITEMS, AUDIT = "## items errors\n\n", "## audit errors\n\n"
HINT = "Ask the team of payments.\n"
ENTRY = "docs/runbook.md: items errors -> audit errors"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service of a page, to which the team has added a hint."""
    return _living(tmp_path / "service", tmp_path / "service")


def _living(repository: Path, folder: Path) -> Path:
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/runbook.md").write_text(PAGE)
    (folder / ".copier-answers.yml").write_text("_commit: v1.0.0\n")
    begin(repository)
    _edit(folder, ITEMS, ITEMS + HINT)
    commit(repository)
    return folder


def _edit(service: Path, before: str, after: str) -> None:
    edit(service / "docs/runbook.md", before, after)


def _update(service: Path, version: str = "v1.1.0") -> None:
    (service / ".copier-answers.yml").write_text(f"_commit: {version}\n")


def _move(service: Path) -> None:
    """Leave the hint on another page, as a merge does where pages look alike."""
    _edit(service, HINT, "")
    _edit(service, AUDIT, AUDIT + HINT)


def _found(service: Path) -> list[str]:
    return [str(finding) for finding in Unmoved().in_folder(service)]


MOVED = [
    "docs/runbook.md:9: GP961 audit errors: `Ask the team of payments.` stood on items errors"
    " before an update and stands on audit errors now. Put it back, or say in .golden-path.yml"
    f" why it is right ({ENTRY!r})."
]


def test_an_edit_that_an_update_moves_is_found_before_and_after_the_commit(service: Path) -> None:
    _update(service)
    _move(service)
    assert _found(service) == MOVED
    commit(service)
    assert _found(service) == MOVED
    # and after a later update, and other work
    _edit(service, "# Runbook\n", "# Runbook of items\n")
    commit(service)
    _update(service, "v1.2.0")
    commit(service)
    assert _found(service) == MOVED


def test_what_is_put_back_is_found_no_more(service: Path) -> None:
    _update(service)
    _move(service)
    commit(service)
    _edit(service, AUDIT + HINT, AUDIT)
    _edit(service, ITEMS, ITEMS + HINT)
    assert _found(service) == []


def test_a_removal_that_an_update_moves_is_found(service: Path) -> None:
    _edit(service, f"{HINT}Look at the log.\n", HINT)
    commit(service)
    _update(service)
    _edit(service, ITEMS + HINT, f"{ITEMS}{HINT}Look at the log.\n")
    _edit(service, f"{AUDIT}Look at the log.\n", AUDIT)
    (found,) = _found(service)
    assert (
        "`Look at the log.`, removed from items errors, is there again and gone from audit errors."
        in found
    )


def test_what_the_team_moves_by_itself_is_right(service: Path) -> None:
    _update(service)
    commit(service)
    _move(service)
    assert _found(service) == []
    commit(service)
    assert _found(service) == []


def test_what_the_release_moves_is_right(service: Path) -> None:
    _update(service)
    _edit(service, f"{AUDIT}Look at the log.\n", f"{AUDIT}")
    _edit(service, "Look at the log.\n", "Look at the log.\nLook at the log.\n")
    assert _found(service) == []


def test_what_the_team_has_taken_out_and_put_back_is_the_releases(service: Path) -> None:
    _edit(service, f"{HINT}Look at the log.\n", HINT)
    commit(service)
    _edit(service, HINT, f"{HINT}Look at the log.\n")
    commit(service)
    _update(service)
    _edit(service, f"{HINT}Look at the log.\n", HINT)
    _edit(service, AUDIT, f"{AUDIT}Look at the log.\n")
    assert _found(service) == []


@pytest.mark.parametrize(("reason", "accepted"), [("Payments own both.", True), ("ok", False)])
def test_a_move_that_is_right_is_accepted_with_a_reason(
    service: Path, reason: str, accepted: bool
) -> None:
    _update(service)
    _move(service)
    (service / ACCEPTED).write_text(f"moved:\n  {ENTRY!r}: {reason}\n")
    assert _found(service) == ([] if accepted else MOVED)


def test_a_list_accepts_nothing(service: Path) -> None:
    _update(service)
    _move(service)
    (service / ACCEPTED).write_text(f"moved: [{ENTRY!r}]\n")
    assert _found(service) == MOVED


def test_a_service_in_a_folder_of_a_repository_is_judged(tmp_path: Path) -> None:
    service = _living(tmp_path / "whole", tmp_path / "whole" / "a b")
    _update(service)
    _move(service)
    assert _found(service) == MOVED
    commit(service)
    assert _found(service) == MOVED


@pytest.mark.parametrize("kept", ["no commit", "no history", "no git"])
def test_where_git_does_not_know_the_past_nothing_is_said(
    service: Path, tmp_path: Path, kept: str
) -> None:
    _update(service)
    _move(service)
    commit(service)
    if kept == "no history":
        run("git", "clone", "--quiet", "--depth=1", f"file://{service}", "late", cwd=tmp_path)
        service = tmp_path / "late"
    else:
        shutil.rmtree(service / ".git")
    if kept == "no commit":
        run("git", "init", "--quiet", cwd=service)
    assert _found(service) == []
