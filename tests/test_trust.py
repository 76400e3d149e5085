"""Plain Copier is enough: no --trust, from a folder and from a git URL."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, FileSystemLoader

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
    # by which the service installs the rules, too
    commit = yaml.safe_load((service / "tools/rendered.yml").read_text())["commit"]
    named = (service / "tools/requirements-golden-path.txt").read_text()
    assert f"\ngolden-path @ git+file://{copier_template}@{commit}\n" in named


@pytest.mark.parametrize(
    ("source", "commit", "named"),
    [
        ("gh:team/path", "4f76", "golden-path @ git+https://github.com/team/path@4f76"),
        ("gl:team/path", "4f76", "golden-path @ git+https://gitlab.com/team/path@4f76"),
        ("https://git.example/p.git", "4f76", "golden-path @ git+https://git.example/p.git@4f76"),
        (
            "git@git.example:team/p.git",
            "4f76",
            "golden-path @ git+ssh://git@git.example/team/p.git@4f76",
        ),
        ("/srv/a folder", None, "golden-path @ file:///srv/a%20folder"),
        (".", "4f76", "# Write its address here: `golden-path @ git+https://...`."),
    ],
)
def test_the_rules_are_installed_from_where_the_service_was_rendered(
    source: str, commit: str | None, named: str
) -> None:
    filters = ["jinja2_ansible_filters.AnsibleCoreFiltersExtension"]
    environment = Environment(loader=FileSystemLoader(ROOT), trim_blocks=True, extensions=filters)
    template = environment.get_template("template/project/tools/requirements-golden-path.txt.jinja")
    conf = {"vcs_ref_hash": commit}
    text = template.render(_copier_answers={"_src_path": source}, _copier_conf=conf)
    assert text.splitlines()[1] == named


def test_nothing_in_the_template_asks_for_trust() -> None:
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(settings)
