"""Plain Copier is enough: no --trust, from a folder and from a git URL."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

COPIER = [sys.executable, "-m", "copier"]


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", ["{folder}", "git+file://{folder}"])
def test_copy_and_update_run_without_trust(
    copier_template: Path, tmp_path: Path, source: str
) -> None:
    service = tmp_path / "service"
    url = source.format(folder=copier_template)
    run(*COPIER, "copy", "--defaults", "--quiet", url, str(service), cwd=tmp_path)
    for words in (["init"], ["add", "--all"], ["commit", "--message", "begin"]):
        run("git", *words, cwd=service)
    data = "functions={items: http_api, later: sqs}"
    run(*COPIER, "update", "--defaults", "--quiet", "--data", data, cwd=service)
    assert "LaterFunction" in (service / "template.yaml").read_text()
    assert yaml.safe_load((service / ".copier-answers.yml").read_text())["_src_path"] == url
    # which pre-commit hands to git as it is
    hooks = yaml.safe_load((service / ".pre-commit-config.yaml").read_text())["repos"]
    asked = [one["repo"] for one in hooks if one["repo"] != "local"]
    assert asked == [url.removeprefix("git+")]


def test_nothing_in_the_template_asks_for_trust() -> None:
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(settings)
