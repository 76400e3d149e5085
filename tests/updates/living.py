"""Services that live: rendered, committed, edited by a team, updated."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from golden_path.document import Document

GIT = ("git", "-c", "user.name=team", "-c", "user.email=team@example.com")
COPIER = (sys.executable, "-m", "copier")
GOLDEN_PATH = (sys.executable, "-m", "golden_path")
UPDATE = (*GOLDEN_PATH, "update")
CHECK = (*GOLDEN_PATH, "update-check")
RULES = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE", "hooks")
RELEASED = ("copier.yml", "template", "CHANGELOG.md", *RULES)
"""What of this repository a service is rendered, updated and judged from."""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; return all that it says."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def refused(*command: str | Path, cwd: Path) -> str:
    """Run a command that must fail; return its sentence."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode != 0, f"it is not refused:\n{done.stdout}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


def commit(repository: Path, tag: str | None = None) -> str:
    """Commit all there is; return the commit."""
    run(*GIT, "add", "--all", cwd=repository)
    run(*GIT, "commit", "--quiet", "--allow-empty", "--message", "change", cwd=repository)
    if tag:
        run(*GIT, "tag", tag, cwd=repository)
    return run("git", "rev-parse", "HEAD", cwd=repository).strip()


def begin(folder: Path) -> Path:
    """Put a folder under git."""
    run("git", "init", "--quiet", cwd=folder)
    commit(folder)
    return folder


def copy_tree(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def copy_released(source: Path, folder: Path) -> None:
    """Copy what a service is rendered from."""
    for name in RELEASED:
        copy_tree(source / name, folder / name)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path.name}"
    path.write_text(text.replace(before, after))


def resources(service: Path) -> dict[str, Any]:
    return Document.read(service / "template.yaml").data["Resources"]


def functions(service: Path, verb: str, *words: str) -> str:
    """Do what `make add-function` and its siblings do."""
    return run(*GOLDEN_PATH, f"{verb}-function", *words, cwd=service)


def update(service: Path, *options: str) -> str:
    """Do what a person does who knows Copier: without --trust."""
    return run(*COPIER, "update", "--defaults", *options, cwd=service)


def conflicts(service: Path) -> list[str]:
    """Return the files with a conflict."""
    files = run("git", "ls-files", "--others", "--cached", "--exclude-standard", cwd=service)
    paths = [service / name for name in files.splitlines()]
    return [
        path.name
        for path in paths
        if path.is_file() and re.search(r"^(<<<<<<<|>>>>>>>) ", path.read_text(), re.MULTILINE)
    ] + [path.name for path in paths if path.suffix == ".rej"]


def changed(service: Path) -> str:
    """Return what git says has changed."""
    return run("git", "status", "--porcelain", cwd=service)


def assert_edits_are_where_they_were(service: Path, worker: str = "worker") -> None:
    """By logical id, every edit is on its own resource, and nowhere else."""
    found = resources(service)
    assert conflicts(service) == []
    assert found["ReportsBucket"]["Type"] == "AWS::S3::Bucket"
    thresholds = {
        name: resource["Properties"]["Threshold"]
        for name, resource in found.items()
        if name.endswith("ErrorsAlarm")
    }
    assert [name for name, value in thresholds.items() if value == 7] == ["WorkerErrorsAlarm"]
    datapoints = {
        name: resource["Properties"]["DatapointsToAlarm"]
        for name, resource in found.items()
        if name.endswith("Alarm")
    }
    assert [name for name, value in datapoints.items() if value == 4] == ["ItemsErrorsAlarm"]
    timeouts = {
        name: resource["Properties"]["Timeout"]
        for name, resource in found.items()
        if name.endswith("Function")
    }
    assert [name for name, value in timeouts.items() if value == 45] == ["WorkerFunction"]
    assert '"LogRetentionDays": "7"' in (service / "config/dev.json").read_text()
    for path in (f"src/service/handlers/{worker}.py", "src/service/domain/items.py", "README.md"):
        assert "The team has written this." in (service / path).read_text(), f"{path} lost an edit"
