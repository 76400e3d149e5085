"""The template in two made versions, and services that live on the first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import copier
import pytest

from tests.conftest import ROOT
from tests.updates.history import improve
from tests.updates.living import begin, commit, copy_released, edit, run
from tests.updates.matrix import Matrix

RenderVersion = Callable[..., Path]

PYTHON = "python3.14"  # the default
CHANGELOG = """# Changelog

## 2.0.0 (2026-12-01)

**Room for files.** Every function has a gigabyte of it.

## 1.0.0 (2026-11-01)

The first release.
"""

OWN_RESOURCE = """
  ReportsBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
"""


@pytest.fixture(scope="module", autouse=True)
def _swift_processes(swift_copier: None) -> None:
    """Most of them are Copier's own, again and again."""


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    """Every release, what comes after them, and services that were rendered from those."""
    return Matrix(ROOT)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in two versions: the second changes what every function has, and adds a file."""
    repository = tmp_path_factory.mktemp("versions") / "template"
    copy_released(ROOT, repository)
    changelog = repository / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## 1.0.0" + CHANGELOG.split("## 1.0.0")[1])
    run("git", "init", "--quiet", cwd=repository)
    commit(repository, tag="v1.0.0")
    changelog.write_text(CHANGELOG)
    improve(repository)
    commit(repository, tag="v2.0.0")
    return repository


@pytest.fixture(scope="session")
def rendered(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """Render a version of the template once, and commit the service."""

    @cache
    def copied(version: str, runtime: str) -> Path:
        service = tmp_path_factory.mktemp("rendered") / "service"
        data = {"runtime": runtime}
        copier.run_copy(
            str(template), service, vcs_ref=version, data=data, defaults=True, quiet=True
        )
        return begin(service)

    return copied


@pytest.fixture
def render_version(rendered: Callable[[str, str], Path], tmp_path: Path) -> RenderVersion:
    """Have a service of a version of the template in a folder of its own."""

    def copied(name: str, version: str = "v1.0.0", runtime: str = PYTHON) -> Path:
        return Path(shutil.copytree(rendered(version, runtime), tmp_path / name))

    return copied


@pytest.fixture(scope="session")
def living(rendered: Callable[[str, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service of the first version with every kind of edit that a team makes."""
    service = tmp_path_factory.mktemp("living") / "service"
    shutil.copytree(rendered("v1.0.0", PYTHON), service)
    template = service / "template.yaml"
    edit(template, "\nOutputs:", f"{OWN_RESOURCE}\nOutputs:")
    edit(template, "Threshold: 25 # worker errors:", "Threshold: 7 # worker errors:")
    edit(template, "DatapointsToAlarm: 3 # items errors", "DatapointsToAlarm: 4 # items errors")
    edit(template, "Timeout: 60 # worker", "Timeout: 45 # worker")
    edit(service / "config/dev.json", '"LogRetentionDays": "14"', '"LogRetentionDays": "7"')
    for path in ("src/service/handlers/worker.py", "src/service/domain/items.py", "README.md"):
        with (service / path).open("a") as file:
            file.write("\n# The team has written this.\n")
    commit(service)
    return service


@pytest.fixture
def own_template(template: Path, tmp_path: Path) -> Path:
    """The template in a repository that a test may change."""
    return Path(shutil.copytree(template, tmp_path / "own-template"))


@pytest.fixture
def service(living: Path, tmp_path: Path) -> Path:
    """That living service, for one test alone."""
    return Path(shutil.copytree(living, tmp_path / "living"))
