"""One branch updates, another adds a function: what that lacks is told, and brought."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from golden_path.rules.updates import OneRelease

from tests.updates.conftest import PYTHON, RenderVersion
from tests.updates.living import (
    CHECK,
    GIT,
    GOLDEN_PATH,
    UPDATE,
    begin,
    changed,
    commit,
    conflicts,
    edit,
    functions,
    refused,
    resources,
    run,
    update,
)

RENDERED = "tools/rendered.yml"
OWN_KEY = "      Description: Artifacts of items-service\n      EnableKeyRotation: true\n"
REFRESH = (*GOLDEN_PATH, "refresh-function")


def _merge(service: Path, name: str) -> Path:
    """Update on one branch, add a function on another, merge."""
    run("git", "branch", "feature", cwd=service)
    update(service, "--vcs-ref", "v2.0.0")
    commit(service)
    run("git", "checkout", "--quiet", "feature", cwd=service)
    functions(service, "add", name, "sqs")
    commit(service)
    run("git", "checkout", "--quiet", "-", cwd=service)
    run(*GIT, "merge", "--quiet", "--no-edit", "feature", cwd=service)
    return service


def _told(service: Path) -> list[str]:
    return [str(finding) for finding in OneRelease().in_folder(service)]


def test_a_function_of_another_branch_is_told_and_refreshed(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _merge(service, "audit")
    before = resources(service)
    assert "EphemeralStorage" not in before["AuditFunction"]["Properties"]
    # then it is refused, with the command
    monkeypatch.chdir(service)
    assert _told(Path()) == [
        "tools/rendered.yml:8: GP962 audit: It was rendered by v1.0.0, and the service is of"
        " v2.0.0. Bring what it lacks by `make refresh-function NAME=audit`."
    ]
    assert (service / RENDERED).read_text().splitlines()[7] == "  audit:"
    # and a check of the update names what is missing
    said = run(*CHECK, cwd=service)
    assert "  AuditFunction Properties EphemeralStorage\n" in said
    assert "v2.0.0 is the newest release." in said
    # when the command is run on a function that the team has tuned
    edit(service / "template.yaml", "Timeout: 60 # audit", "Timeout: 45 # audit")
    commit(service)
    assert "audit is of v2.0.0 now" in run(*REFRESH, "audit", cwd=service)
    # then nothing is missing, and nothing else has changed
    after = resources(service)
    properties = after["AuditFunction"]["Properties"]
    assert (properties["Timeout"], properties["EphemeralStorage"]) == (45, {"Size": 1024})
    assert conflicts(service) == []
    kept = {lid for lid in before if not lid.startswith("Audit")}
    assert {lid: after[lid] for lid in kept} == {lid: before[lid] for lid in kept}
    assert changed(service).split() == ["M", "template.yaml", "M", RENDERED]
    assert _told(service) == []


def test_where_a_refresh_meets_an_edit_there_is_a_conflict(service: Path) -> None:
    _merge(service, "audit")
    # given a team that has set itself what the release brings
    template = service / "template.yaml"
    before, begin, function = template.read_text().partition("  AuditFunction:\n")
    line, own = "      AutoPublishCodeSha256: !Ref Release\n", "        Size: 2048\n"
    function = function.replace(line, f"{line}      EphemeralStorage:\n{own}", 1)
    template.write_text(before + begin + function)
    commit(service)
    # when
    said = refused(*REFRESH, "audit", cwd=service)
    # then
    assert "Solve the conflicts" in said
    assert conflicts(service) == ["template.yaml"]
    assert own in template.read_text()


ALIKE = [pytest.param(kind, marks=pytest.mark.all_rows) for kind in ("http_api", "schedule")]


@pytest.mark.parametrize("kind", ["sqs", *ALIKE])
def test_the_only_function_is_refreshed(template: Path, tmp_path: Path, kind: str) -> None:
    # given a function as a branch has brought it, in a service that has updated meanwhile
    service = tmp_path / "service"
    given = {"functions": {"items": {"trigger": kind, "timeout": 11}}, "runtime": PYTHON}
    copier.run_copy(str(template), service, given, vcs_ref="v2.0.0", defaults=True, quiet=True)
    fresh = {path: path.read_text() for path in service.rglob("*") if path.is_file()}
    brought = service / "template.yaml"
    before, function = fresh[brought].split("\n  ItemsFunction:\n")
    function = function.replace("      EphemeralStorage:\n        Size: 1024\n", "", 1)
    tuned = ("Timeout: 11 # items", "Timeout: 12 # items")
    brought.write_text(f"{before}\n  ItemsFunction:\n{function.replace(*tuned)}")
    edit(service / RENDERED, "release: v2.0.0", "release: v1.0.0")
    begin(service)
    assert len(_told(service)) == 1
    # when
    run(*REFRESH, "items", cwd=service)
    # then the service is as the release renders it, but for what the team has tuned
    now = {path: path.read_text() for path in service.rglob("*") if path in fresh}
    fresh[brought] = fresh[brought].replace(*tuned)
    assert now == fresh
    assert changed(service).split() == ["M", "template.yaml", "M", RENDERED]
    assert _told(service) == []


# Before all others, between them, behind them.
@pytest.mark.parametrize("name", ["archive", "jobs", "zone-worker"])
def test_branches_merge_and_the_function_keeps_its_release(
    template: Path, rendered: Callable[[str, str], Path], tmp_path: Path, name: str
) -> None:
    # given what one branch has updated, and another has added a function to
    base, updated = (rendered(tag, PYTHON) / RENDERED for tag in ("v1.0.0", "v2.0.0"))
    answers = yaml.safe_load(base.read_text())["answers"]
    given = {"functions": answers["functions"] | {name: "sqs"}, "runtime": PYTHON}
    feature = tmp_path / "feature"
    source = str(template)
    copier.run_copy(source, feature, given, vcs_ref="v1.0.0", defaults=True, quiet=True)
    # when git merges them
    merged = run("git", "merge-file", "-p", updated, base, feature / RENDERED, cwd=tmp_path)
    # then each function has its own release
    found = {key: one["release"] for key, one in yaml.safe_load(merged)["functions"].items()}
    others = dict.fromkeys(answers["functions"], "v2.0.0")
    assert found == others | {name: "v1.0.0"}


def test_a_trigger_that_changes_on_another_branch_is_a_conflict(
    template: Path, rendered: Callable[[str, str], Path], tmp_path: Path
) -> None:
    base, updated = (rendered(tag, PYTHON) / RENDERED for tag in ("v1.0.0", "v2.0.0"))
    answers = yaml.safe_load(base.read_text())["answers"]
    given = {"functions": answers["functions"] | {"report": "sqs"}, "runtime": PYTHON}
    feature = tmp_path / "feature"
    copier.run_copy(str(template), feature, given, vcs_ref="v1.0.0", defaults=True, quiet=True)
    merge = ["git", "merge-file", "-p", updated, base, feature / RENDERED]
    merged = subprocess.run(merge, capture_output=True, text=True)
    # of its entry; that of the answers is another line, and merges
    assert merged.returncode == 1, "it counts as rendered by the release that it lacks"
    assert "    release: v1.0.0\n    trigger: sqs\n" in merged.stdout


def test_what_the_team_removed_by_the_time_of_an_update_is_known(service: Path) -> None:
    template = service / "template.yaml"
    text = template.read_text()
    template.write_text(re.sub(r"\n +Timeout: 45 # worker.*", "", text))
    commit(service)
    update(service, "--vcs-ref", "v2.0.0")
    commit(service)
    assert "lacks" not in run(*CHECK, cwd=service)
    # but what goes after the update is told
    (service / "docs/releases.md").unlink()
    text = template.read_text()
    template.write_text(text.replace("      EphemeralStorage:\n        Size: 1024\n", "", 1))
    edit(service / "pipeline/pipeline.yaml", OWN_KEY, OWN_KEY.split("      Enable")[0])
    commit(service)
    said = run(*CHECK, cwd=service)
    assert "What v2.0.0 has and this service lacks:\n" in said
    assert "  pipeline/pipeline.yaml ArtifactKey Properties EnableKeyRotation\n" in said
    assert "  docs/releases.md\n" in said
    assert said.count("EphemeralStorage") == 1
    assert "Timeout" not in said


def test_an_update_waits_for_a_function_of_another_release(
    render_version: RenderVersion,
) -> None:
    service = render_version("stale")
    edit(
        service / RENDERED,
        "  worker:\n    release: v1.0.0",
        "  worker:\n    release: v0",
    )
    commit(service)
    said = refused(*UPDATE, cwd=service)
    assert said == "Run `make refresh-function NAME=worker` first: v0 has rendered it.\n"


@pytest.mark.parametrize("name", ["nobody", "items", ""])
def test_a_wrong_name_is_told_in_a_sentence(service: Path, name: str) -> None:
    said = refused(*REFRESH, name, cwd=service)
    assert len(said.splitlines()) == 1
    assert said.startswith("Use ")
    assert changed(service) == ""


def _rendered(service: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = service / RENDERED
    data = yaml.safe_load(path.read_text())
    change(data)
    path.write_text(yaml.safe_dump(data))


def test_a_service_of_an_older_release_is_not_refused(service: Path) -> None:
    _rendered(service, lambda data: data.pop("functions"))
    assert _told(service) == []
    (service / RENDERED).unlink()
    assert _told(service) == []


def test_a_function_without_a_line_is_told(service: Path) -> None:
    _rendered(service, lambda data: data["functions"].pop("worker"))
    (found,) = OneRelease().in_folder(service)
    assert found.problem.startswith("It was rendered by no release that is known, and the service")
