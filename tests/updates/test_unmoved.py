"""Git alone tells which lines are the team's, and which update has moved them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from golden_path.rules.updates import ACCEPTED

from tests.updates.living import commit, run
from tests.updates.pages import (
    AUDIT,
    ENTRY,
    HINT,
    ITEMS,
    MOVED,
    born,
    found,
    hinted,
    move,
    rewrite,
    update,
)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service of a page, to which the team has added a hint."""
    return hinted(born(tmp_path / "service", tmp_path / "service"))


def test_an_edit_that_an_update_moves_is_found_before_and_after_the_commit(service: Path) -> None:
    update(service)
    move(service)
    assert found(service) == MOVED
    commit(service)
    assert found(service) == MOVED
    # and after as many later updates as there may be, and other work
    rewrite(service, "# Runbook\n", "# Runbook of items\n")
    commit(service)
    for number in range(2, 10):
        update(service, f"v1.{number}.0")
        commit(service)
    assert found(service) == MOVED


def test_what_is_put_back_is_found_no_more(service: Path) -> None:
    update(service)
    move(service)
    commit(service)
    rewrite(service, AUDIT + HINT, AUDIT)
    rewrite(service, ITEMS, ITEMS + HINT)
    assert found(service) == []


def test_a_removal_that_an_update_moves_is_found(service: Path) -> None:
    rewrite(service, f"{HINT}Look at the log.\n", HINT)
    commit(service)
    update(service)
    rewrite(service, ITEMS + HINT, f"{ITEMS}{HINT}Look at the log.\n")
    rewrite(service, f"{AUDIT}Look at the log.\n", AUDIT)
    (said,) = found(service)
    assert (
        "`Look at the log.`, removed from items errors, is there again and gone from audit errors."
        in said
    )


def test_what_the_team_moves_by_itself_is_right(service: Path) -> None:
    update(service)
    commit(service)
    move(service)
    assert found(service) == []
    commit(service)
    assert found(service) == []


def test_what_the_release_moves_is_right(service: Path) -> None:
    update(service)
    rewrite(service, f"{AUDIT}Look at the log.\n", f"{AUDIT}")
    rewrite(service, "Look at the log.\n", "Look at the log.\nLook at the log.\n")
    assert found(service) == []


def test_what_the_team_has_taken_out_and_put_back_is_the_releases(service: Path) -> None:
    rewrite(service, f"{HINT}Look at the log.\n", HINT)
    commit(service)
    rewrite(service, HINT, f"{HINT}Look at the log.\n")
    commit(service)
    update(service)
    rewrite(service, f"{HINT}Look at the log.\n", HINT)
    rewrite(service, AUDIT, f"{AUDIT}Look at the log.\n")
    assert found(service) == []


@pytest.mark.parametrize(("reason", "accepted"), [("Payments own both.", True), ("ok", False)])
def test_a_move_that_is_right_is_accepted_with_a_reason(
    service: Path, reason: str, accepted: bool
) -> None:
    update(service)
    move(service)
    (service / ACCEPTED).write_text(f"moved:\n  {ENTRY!r}: {reason}\n")
    assert found(service) == ([] if accepted else MOVED)


def test_a_list_accepts_nothing(service: Path) -> None:
    update(service)
    move(service)
    (service / ACCEPTED).write_text(f"moved: [{ENTRY!r}]\n")
    assert found(service) == MOVED


def test_a_service_in_a_folder_of_a_repository_is_judged(tmp_path: Path) -> None:
    service = hinted(born(tmp_path / "whole", tmp_path / "whole" / "a b"))
    update(service)
    move(service)
    assert found(service) == MOVED
    commit(service)
    assert found(service) == MOVED


@pytest.mark.parametrize("kept", ["no commit", "no git"])
def test_where_there_is_no_past_nothing_is_said(service: Path, kept: str) -> None:
    update(service)
    move(service)
    commit(service)
    shutil.rmtree(service / ".git")
    if kept == "no commit":
        run("git", "init", "--quiet", cwd=service)
    assert found(service) == []


def test_a_past_that_is_left_out_of_a_clone_is_asked_for(service: Path, tmp_path: Path) -> None:
    update(service)
    move(service)
    commit(service)
    run("git", "clone", "--quiet", "--depth=1", f"file://{service}", "late", cwd=tmp_path)
    (said,) = found(tmp_path / "late")
    assert "git fetch --unshallow" in str(said)
