"""Releases are found, say what they are, and no change of what is rendered goes unsaid."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import copier
import pytest
from packaging.version import Version

from tests.conftest import ROOT
from tests.updates.history import (
    NEXT,
    WORKING_TREE,
    Release,
    answers,
    as_template,
    releases,
    show,
    unreleased,
)
from tests.updates.living import GIT, commit, copy_released, copy_tree, edit, run

# They say which version they are of: nothing that a service would notice.
PACKAGE = "tools/requirements-golden-path.txt"
NAMES_THE_VERSION = {".copier-answers.yml", "tools/rendered.yml", PACKAGE}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """This repository with a history that has no release yet."""
    folder = tmp_path / "repository"
    copy_released(ROOT, folder)
    copy_tree(ROOT / "tests/answers/default.yml", folder / "tests/answers/default.yml")
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n**All.** It is new.\n")
    run("git", "init", "--quiet", cwd=folder)
    commit(folder)
    return folder


def release(repository: Path, version: str) -> None:
    """Make a release as docs/how-to/release.md says."""
    edit(repository / "CHANGELOG.md", "## Unreleased\n", f"## {version} (2026-12-01)\n")
    run(*GIT, "commit", "--quiet", "--all", "--message", f"Release v{version}", cwd=repository)


def unsaid(repository: Path, folder: Path) -> list[str]:
    """Return which rendered files have changed since the last release without a word about it."""
    template = folder / "template"
    *released, now, _next = as_template(repository, template)
    if unreleased((repository / "CHANGELOG.md").read_text()):
        return []
    if not released:
        return ["all of them: there is no release yet"]
    changed = set()
    for name, given in answers(template, released[-1]).items():
        known = answers(template, now).get(name, given)
        before = _rendered(template, released[-1], given, folder / f"{name}-before")
        after = _rendered(template, now, known, folder / f"{name}-after")
        paths = before.keys() | after.keys()
        changed |= {path for path in paths if before.get(path) != after.get(path)}
    return sorted(changed - NAMES_THE_VERSION)


def _rendered(template: Path, tag: str, given: object, folder: Path) -> dict[str, bytes]:
    copier.run_copy(str(template), folder, given, vcs_ref=tag, defaults=True, quiet=True)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_no_change_of_what_is_rendered_goes_unsaid(tmp_path: Path) -> None:
    assert unsaid(ROOT, tmp_path) == [], "say it in CHANGELOG.md, under `## Unreleased`"


def test_before_the_first_release_all_is_unreleased(repository: Path, tmp_path: Path) -> None:
    assert releases(repository) == []
    assert as_template(repository, tmp_path / "template") == [WORKING_TREE, NEXT]
    assert unsaid(repository, tmp_path / "said") == []


def test_a_change_without_an_entry_is_told(repository: Path, tmp_path: Path) -> None:
    # given a release, after which nothing has changed
    release(repository, "0.1.0")
    assert unsaid(repository, tmp_path / "released") == []
    # when
    edit(repository / "template/project/.editorconfig", "root = true\n", "root = true\n\n")
    # then
    assert unsaid(repository, tmp_path / "changed") == [".editorconfig"]
    # when it is said
    edit(repository / "CHANGELOG.md", "# Changelog\n", "# Changelog\n\n## Unreleased\n\nSaid.\n")
    # then
    assert unsaid(repository, tmp_path / "said") == []


def test_releases_are_found_by_their_message_in_the_order_of_their_versions(
    repository: Path,
) -> None:
    for message in ("Release v0.2.0", "Release v0.10.0", "Release v0.1.0", "Release notes v3"):
        run(*GIT, "commit", "--quiet", "--allow-empty", "--message", message, cwd=repository)
    assert [one.tag for one in releases(repository)] == ["v0.1.0", "v0.2.0", "v0.10.0"]


def problems(repository: Path, one: Release) -> list[str]:
    """Return what is wrong with a release."""
    found = []
    version = one.tag.removeprefix("v")
    if tomllib.loads(show(repository, one, "pyproject.toml"))["project"]["version"] != version:
        found.append("pyproject.toml says another version")
    changelog = show(repository, one, "CHANGELOG.md")
    if not re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$", changelog, re.MULTILINE):
        found.append("CHANGELOG.md has no entry with its day")
    if unreleased(changelog):
        found.append("CHANGELOG.md calls something unreleased")
    tagged = run("git", "tag", "--points-at", one.commit, cwd=repository).split()
    if one.tag in run("git", "tag", cwd=repository).split() and one.tag not in tagged:
        found.append("its tag has been moved")
    return found


def test_every_release_says_which_it_is() -> None:
    wrong = {one.tag: problems(ROOT, one) for one in releases(ROOT)}
    assert {tag: found for tag, found in wrong.items() if found} == {}


def test_a_release_that_does_not_say_so_is_told(repository: Path) -> None:
    (version,) = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.M)
    release(repository, version)
    (good,) = releases(repository)
    assert problems(repository, good) == []
    run("git", "tag", good.tag, "HEAD~1", cwd=repository)
    run(*GIT, "commit", "--quiet", "--allow-empty", "-m", "Release v0.0.9", cwd=repository)
    (repository / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\nMore.\n")
    run(*GIT, "commit", "--quiet", "--all", "--message", "Release v0.0.8", cwd=repository)
    found = {one.tag: problems(repository, one) for one in releases(repository)}
    assert found == {
        "v0.0.8": [
            "pyproject.toml says another version",
            "CHANGELOG.md has no entry with its day",
            "CHANGELOG.md calls something unreleased",
        ],
        "v0.0.9": ["pyproject.toml says another version", "CHANGELOG.md has no entry with its day"],
        good.tag: ["its tag has been moved"],
    }


def test_the_version_stands_in_one_place_and_goes_forward() -> None:
    now = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert all(Version(one.tag) <= Version(now) for one in releases(ROOT))
    init = (ROOT / "hooks/golden_path/__init__.py").read_text()
    assert now not in init, "the version stands twice"
