"""The template in two made versions, and services that live on the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.updates.living import COPIER, begin, commit, copy_released, edit, run

RenderVersion = Callable[..., Path]

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
    edit(
        repository / "template/function.yaml.jinja",
        "      AutoPublishCodeSha256: !Ref Release\n",
        "      AutoPublishCodeSha256: !Ref Release\n      EphemeralStorage:\n        Size: 1024\n",
    )
    edit(
        repository / "template/alarm.yaml.jinja",
        "      TreatMissingData: {{ alarm.missing }}\n",
        "      TreatMissingData: missing\n",
    )
    (repository / "template/project/SECURITY.md").write_text("# Security\n")
    commit(repository, tag="v2.0.0")
    return repository


@pytest.fixture
def render(template: Path, tmp_path: Path) -> RenderVersion:
    """Copy a version of the template as a person does, and commit the service."""

    def copied(name: str, *options: str | Path, version: str = "v1.0.0") -> Path:
        service = tmp_path / name
        words = ["copy", "--quiet", "--defaults", "--vcs-ref", version, *options]
        run(*COPIER, *words, template, service, cwd=tmp_path)
        return begin(service)

    return copied


@pytest.fixture
def service(render: RenderVersion) -> Path:
    """A living service of the first version: every kind of edit that a team makes."""
    service = render("living")
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
