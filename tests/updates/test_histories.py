"""A witness of updates reads whatever history a service has: merges, another folder, no news."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.updates.living import GIT, commit, run
from tests.updates.pages import (
    AUDIT,
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
    return born(tmp_path / "service", tmp_path / "service")


def _branch(service: Path) -> None:
    """Have a branch with a commit of its own, and another on main: a merge is to come."""
    run("git", "checkout", "--quiet", "-b", "side", cwd=service)
    (service / "own.txt").write_text("The team's.\n")
    commit(service)
    run("git", "checkout", "--quiet", "-", cwd=service)
    (service / "other.txt").write_text("The team's.\n")
    commit(service)


def _merge(service: Path) -> None:
    """Merge that branch, with the commit still to come."""
    run(*GIT, "merge", "--quiet", "--no-commit", "side", cwd=service)


def test_what_was_edited_in_a_merge_is_known(service: Path) -> None:
    _branch(service)
    _merge(service)
    hinted(service)
    assert run("git", "log", "-1", "--format=%P", cwd=service).count(" ") == 1
    update(service)
    move(service)
    assert found(service) == MOVED


def test_an_edit_that_a_branch_has_brought_is_known_once(service: Path) -> None:
    _branch(service)
    run("git", "checkout", "--quiet", "side", cwd=service)
    hinted(service)
    run("git", "checkout", "--quiet", "-", cwd=service)
    rewrite(service, "# Runbook\n", "# Runbook of items\n")
    commit(service)
    run(*GIT, "merge", "--quiet", "--no-edit", "side", cwd=service)
    # when the team takes it out again
    rewrite(service, HINT, "")
    commit(service)
    rewrite(service, AUDIT, AUDIT + HINT)
    update(service)
    assert found(service) == []


def test_an_update_that_is_committed_as_a_merge_is_judged(service: Path) -> None:
    hinted(service)
    _branch(service)
    _merge(service)
    update(service)
    move(service)
    assert found(service) == MOVED
    commit(service)
    assert found(service) == MOVED


def test_a_merge_of_an_update_is_none_itself(service: Path) -> None:
    # given an update on a branch, and a move of the team's own on another
    hinted(service)
    _branch(service)
    run("git", "checkout", "--quiet", "side", cwd=service)
    update(service)
    commit(service)
    run("git", "checkout", "--quiet", "-", cwd=service)
    move(service)
    commit(service)
    _merge(service)
    assert found(service) == []
    commit(service)
    assert found(service) == []


def test_what_an_update_moves_on_a_branch_that_a_merge_drops_is_not_the_teams(
    service: Path,
) -> None:
    # given the same update on two branches, of which one moves an edit
    hinted(service)
    _branch(service)
    run("git", "checkout", "--quiet", "side", cwd=service)
    update(service)
    move(service)
    commit(service)
    run("git", "checkout", "--quiet", "-", cwd=service)
    update(service)
    commit(service)
    run(*GIT, "merge", "--quiet", "--no-edit", "side", cwd=service)
    assert found(service) == MOVED


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_a_service_that_moves_into_a_folder_keeps_its_past(service: Path, twice: bool) -> None:
    hinted(service)
    for folder in ("services/items", "parts/items")[: 1 + twice]:
        _into(service, service / folder)
    update(service / folder)
    move(service / folder)
    assert found(service / folder) == MOVED
    commit(service)
    assert found(service / folder) == MOVED
    # and an update before the move is judged as well
    _into(service, service / "now")
    assert found(service / "now") == MOVED


def _into(repository: Path, folder: Path) -> None:
    """Move all that there is into a folder."""
    files = run("git", "ls-files", cwd=repository).splitlines()
    for file in files:
        path = folder / file.removeprefix("services/items/").removeprefix("parts/items/")
        path.parent.mkdir(parents=True, exist_ok=True)
        run("git", "mv", file, path, cwd=repository)
    commit(repository)


def test_a_service_that_a_larger_repository_takes_in_keeps_its_past(
    service: Path, tmp_path: Path
) -> None:
    hinted(service)
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "README.md").write_text("All.\n")
    run("git", "init", "--quiet", cwd=whole)
    commit(whole)
    run("git", "fetch", "--quiet", service, "HEAD", cwd=whole)
    ours = ("--quiet", "--strategy=ours", "--no-commit", "--allow-unrelated-histories")
    run(*GIT, "merge", *ours, "FETCH_HEAD", cwd=whole)
    run("git", "read-tree", "--prefix=items/", "-u", "FETCH_HEAD", cwd=whole)
    commit(whole)
    update(whole / "items")
    move(whole / "items")
    assert found(whole / "items") == MOVED


def test_another_service_of_the_repository_is_none_of_its_past(service: Path) -> None:
    # given a service that began as a copy of one that is there
    _into(service, service / "first")
    shutil.copytree(service / "first", service / "second")
    commit(service)
    hinted(service / "first")
    update(service / "second")
    rewrite(service / "second", AUDIT, AUDIT + HINT)
    assert found(service / "second") == []


@pytest.mark.parametrize(
    "answers",
    [
        "\n_commit: v1.0.0\n",
        "# By Copier.\n_commit: 'v1.0.0'\n",
        "{_commit: v1.0.0, _src_path: x}\n",
    ],
)
def test_answers_that_are_only_written_otherwise_are_no_update(service: Path, answers: str) -> None:
    hinted(service)
    (service / ".copier-answers.yml").write_text(answers)
    move(service)
    assert found(service) == []
    commit(service)
    assert found(service) == []
    # and what was edited beside is the team's
    update(service)
    rewrite(service, AUDIT + HINT, AUDIT)
    rewrite(service, ITEMS, ITEMS + HINT)
    (said,) = found(service)
    assert "stood on audit errors before an update and stands on items errors now" in said
