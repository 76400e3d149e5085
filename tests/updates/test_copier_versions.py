"""What is the service's stays, with every version of Copier that is allowed.

`_exclude` leaves those files out of the replay of the old version alone. That leans on a detail of
Copier: only a replay has the old `_commit` among its data.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.updates.conftest import RenderVersion
from tests.updates.living import begin, commit, edit, run

OLDEST = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]
HANDLER = "src/service/handlers/worker.py"
DOMAIN = "src/service/domain/items.py"


@pytest.fixture(params=["oldest", "newest"])
def copier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Have the newest as all these tests have it, and the oldest as it is."""
    python = Path(sys.executable)
    if request.param == "oldest":
        monkeypatch.delenv("PYTHONPATH")
        python = ROOT / f".tools/copier-{OLDEST}/bin/python"
        assert python.exists(), f"Run `make .tools/copier-{OLDEST}/.ready` first."
        assert OLDEST in run(python, "-m", "copier", "--version", cwd=ROOT)
    return (str(python), "-m", "copier")


@pytest.fixture
def dropping(template: Path, tmp_path: Path) -> Path:
    """The template, whose third version drops a file of each owner."""
    repository = Path(shutil.copytree(template, tmp_path / "dropping"))
    (repository / "template/project/{{ python }}/{{ stateful }}" / f"{DOMAIN}.jinja").unlink()
    (repository / "template/project/tools/alarm.py").unlink()
    commit(repository, tag="v3.0.0")
    return repository


def test_what_is_yours_outlives_its_function_and_its_template(
    copier: tuple[str, ...], dropping: Path, tmp_path: Path
) -> None:
    # given a service with edits in files of each owner, and one deleted
    service = tmp_path / "service"
    words = ("copy", "--quiet", "--defaults", "--vcs-ref", "v1.0.0")
    run(*copier, *words, dropping, service, cwd=tmp_path)
    begin(service)
    for path in (HANDLER, DOMAIN, "tools/alarm.py"):
        with (service / path).open("a") as file:
            file.write("\n# The team has written this.\n")
    (service / "events/items.json").unlink()
    edit(service / "README.md", "## Your own notes", "## Your own notes and more")
    commit(service)
    kept = {path: (service / path).read_text() for path in (HANDLER, DOMAIN)}
    # when its function goes, and the template drops one
    mapping = "functions={items: http_api, report: schedule}"
    run(*copier, "update", "--defaults", "--data", mapping, cwd=service)
    # then
    assert {path: (service / path).read_text() for path in kept} == kept
    assert (service / "events/items.json").exists(), "what is deleted is written again"
    assert not (service / "tools/alarm.py").exists(), "the golden path's go with their template"
    assert "WorkerFunction" not in (service / "template.yaml").read_text()
    assert "## Your own notes and more" in (service / "README.md").read_text()
    assert (service / "SECURITY.md").exists()


def test_an_untouched_service_is_a_fresh_one(
    copier: tuple[str, ...], render_version: RenderVersion
) -> None:
    updated, fresh = render_version("updated"), render_version("fresh", version="v2.0.0")
    run(*copier, "update", "--defaults", "--quiet", cwd=updated)
    for path in sorted(fresh.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            relative = path.relative_to(fresh)
            assert (updated / relative).read_bytes() == path.read_bytes(), f"{relative} differs"
