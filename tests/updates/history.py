"""The releases of this repository, from its own history, and the working tree after them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from packaging.version import Version

from tests.swift import shared
from tests.updates.living import RELEASED, commit, copy_tree, edit, run

WORKING_TREE = "v998.0.0"
"""The tag of what is not released yet: it comes after every release."""

NEXT = "v999.0.0"
"""The tag of a made release after that, which changes what every function has."""


@dataclass(frozen=True)
class Release:
    """A commit of this repository that says `Release vX.Y.Z`."""

    tag: str
    commit: str


def releases(repository: Path) -> list[Release]:
    """Return the releases, the oldest first."""
    log = run("git", "log", "--format=%H %s", cwd=repository)
    found = re.findall(r"^(\w+) Release (v\d+\.\d+\.\d+)$", log, re.MULTILINE)
    return sorted((Release(tag, at) for at, tag in found), key=lambda one: Version(one.tag))


def languages(repository: Path, release: Release) -> list[str]:
    """Return what a service could be written in: the first releases knew but one language."""
    folder = "template/languages/"
    found = run("git", "ls-tree", "--name-only", release.commit, folder, cwd=repository)
    return sorted(Path(path).name for path in found.split()) or ["python"]


def show(repository: Path, release: Release, file: str) -> str:
    """Return a file as it was released."""
    return run("git", "show", f"{release.commit}:{file}", cwd=repository)


def unpack(repository: Path, release: Release, folder: Path) -> None:
    """Write all files of a release into a folder."""
    command = ["git", "archive", "--format=tar", release.commit]
    done = subprocess.run(command, cwd=repository, check=True, capture_output=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def as_template(repository: Path, folder: Path) -> list[str]:
    """Make a template of which each release is a version, the working tree and a next one too.

    Returns the tags, the oldest first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run("git", "init", "--quiet", cwd=folder)
    for release in releases(repository):
        _clear(folder)
        unpack(repository, release, folder)
        commit(folder, tag=release.tag)
    _clear(folder)
    for name in (*RELEASED, "tests/answers"):
        copy_tree(repository / name, folder / name)
    commit(folder, tag=WORKING_TREE)
    improve(folder)
    commit(folder, tag=NEXT)
    return tags(repository)


def shared_template(repository: Path) -> Path:
    """Return such a template, which no test changes, made once for all processes of the tests."""
    name = shared.digest("template", str(repository))
    return shared.kept_folder(name, lambda made: as_template(repository, made))


def tags(repository: Path) -> list[str]:
    """Return the versions of such a template, the oldest first."""
    return [*(release.tag for release in releases(repository)), WORKING_TREE, NEXT]


def improve(template: Path) -> None:
    """Change what every function has, and what every alarm says; add a file, and many lines.

    What has repeated blocks gets them ahead of all, so that nothing is where it was.
    """
    edit(
        template / "template/function.yaml.jinja",
        "      AutoPublishCodeSha256: !Ref Release\n",
        "      AutoPublishCodeSha256: !Ref Release\n      EphemeralStorage:\n        Size: 1024\n",
    )
    edit(
        template / "template/alarm.yaml.jinja",
        "      TreatMissingData: {{ alarm.missing }}\n",
        "      TreatMissingData: missing\n",
    )
    (template / "template/project/SECURITY.md").write_text("# Security\n")
    for name in ("pipeline.yaml", "account.yaml", "deliver.yml", "runbook.md"):
        for path in template.glob(f"template/project/**/{name}.jinja"):
            ahead = "".join(f"# The release says more: {number}.\n" for number in range(60))
            path.write_text(ahead + path.read_text())


def answers(template: Path, tag: str) -> dict[str, dict[str, Any]]:
    """Return the named answer sets that a version was tested with."""
    names = run("git", "ls-tree", "--name-only", tag, "tests/answers/", cwd=template).split()
    return {
        Path(name).stem: yaml.safe_load(run("git", "show", f"{tag}:{name}", cwd=template))
        for name in names
    }


def kinds(template: Path, tag: str) -> set[str]:
    """Return the kinds of trigger that a version knows: the first releases kept them elsewhere."""
    folders = ("template/kinds/", "template/triggers/")
    found = run("git", "ls-tree", "--name-only", tag, *folders, cwd=template)
    return {Path(path).name for path in found.split()}


def unreleased(changelog: str) -> str:
    """Return what the changelog says about the next release."""
    found = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
