"""From every release, the plain command line is enough: never --trust."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.updates.history import NEXT, WORKING_TREE, releases
from tests.updates.living import begin, run
from tests.updates.matrix import Matrix

COPIER = (sys.executable, "-m", "copier")
UNTRUSTED = {"_tasks", "_migrations", "_jinja_extensions"}


TAGS = [*(one.tag for one in releases(ROOT)), WORKING_TREE]


@pytest.mark.parametrize("tag", TAGS)
def test_no_release_asks_for_trust(matrix: Matrix, tag: str) -> None:
    settings = yaml.safe_load(run("git", "show", f"{tag}:copier.yml", cwd=matrix.template))
    assert not UNTRUSTED & settings.keys()


# Without trust runs every update of the matrix; here, the command line.
@pytest.mark.parametrize(
    "tag", [TAGS[0], *(pytest.param(tag, marks=pytest.mark.all_rows) for tag in TAGS[1:])]
)
def test_a_service_of_every_release_is_updated_without_trust(
    matrix: Matrix, tmp_path: Path, tag: str
) -> None:
    service = tmp_path / "service"
    run(*COPIER, "copy", "--defaults", "--vcs-ref", tag, matrix.template, service, cwd=tmp_path)
    begin(service)
    run(*COPIER, "update", "--defaults", cwd=service)
    assert f"_commit: {NEXT}\n" in (service / ".copier-answers.yml").read_text()
