"""Copier is swift in these tests, and leaves what it leaves to everybody else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.updates.conftest import RenderVersion
from tests.updates.living import CHECK, COPIER, changed, commit
from tests.updates.test_bad_input import stubbed_git
from tests.updates.test_command import contents

# As `make add-function` calls it, but to another version: with an edit in conflict, and a file
# of the team's in the place of one that the release brings.
WORDS = ("update", "--defaults", "--context-lines", "20", "--data", "owner=tools")


def test_an_update_leaves_the_same_to_the_byte(
    service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = service / "template.yaml"
    path.write_text(path.read_text().replace("Data: notBreaching", "Data: breaching", 3))
    (service / "SECURITY.md").write_text("# Ours\n")
    (service / "events/items.json").unlink()
    commit(service)
    again, plain = (Path(shutil.copytree(service, tmp_path / name)) for name in ("again", "plain"))
    # when the second finds what the first has kept, and the third is as it is
    said = [_update(one) for one in (service, again)]
    monkeypatch.delenv("PYTHONPATH")
    said.append(_update(plain))
    # then
    assert _files(service) == _files(again) == _files(plain)
    assert changed(service) == changed(again) == changed(plain)
    assert "UU template.yaml" in changed(plain)
    assert said[0] == said[1] == said[2]


def _files(service: Path) -> dict[str, bytes]:
    return {str(path.relative_to(service)): text for path, text in contents(service).items()}


def _update(service: Path) -> str:
    done = subprocess.run(
        (*COPIER, *WORDS), cwd=service, capture_output=True, text=True, check=True
    )
    return done.stderr.replace(str(service), "")


def test_it_is_swift_where_an_updater_hands_over_to_another(
    render_version: RenderVersion, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    environment = stubbed_git(tmp_path, f'echo "$*" >> {log}')
    service = render_version("service")
    subprocess.run(CHECK, cwd=service, env=environment, check=True)
    assert "diff-tree" in log.read_text()
    assert "core.fileMode" not in log.read_text()
