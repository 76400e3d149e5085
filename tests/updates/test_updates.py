"""Updates: living services follow, and nothing a team has written is lost or lands elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.updates.conftest import RenderVersion
from tests.updates.living import (
    assert_edits_are_where_they_were,
    commit,
    conflicts,
    functions,
    resources,
    run,
    update,
)


def test_an_untouched_service_becomes_a_fresh_render(render_version: RenderVersion) -> None:
    updated, fresh = render_version("updated"), render_version("fresh", version="v2.0.0")
    update(updated)
    assert conflicts(updated) == []
    for path in sorted(fresh.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            relative = path.relative_to(fresh)
            assert (updated / relative).read_bytes() == path.read_bytes(), f"{relative} differs"


def test_a_living_service_follows_and_keeps_its_edits(service: Path) -> None:
    update(service)
    assert_edits_are_where_they_were(service)
    found = resources(service)
    assert all(
        resource["Properties"]["EphemeralStorage"]["Size"] == 1024
        for name, resource in found.items()
        if resource["Type"] == "AWS::Serverless::Function"
    ), "the second version's practice has not reached every function"
    assert (service / "SECURITY.md").exists()


def test_changes_of_functions_and_a_new_version_follow_each_other(service: Path) -> None:
    for words in (["add", "audit", "sqs"], ["rename", "worker", "jobs"], ["remove", "report"]):
        functions(service, *words)
        commit(service)
    update(service)
    assert_edits_are_where_they_were(service, worker="jobs")
    assert resources(service)["AuditFunction"]["Properties"]["EphemeralStorage"]["Size"] == 1024


def test_a_mapping_that_leaves_a_function_out_says_what_goes(service: Path) -> None:
    mapping = "functions={items: http_api, worker: sqs}"
    said = update(service, "--data", mapping, "--vcs-ref", ":current:")
    assert re.search(r"Removed from template.yaml.*: report\.", said)
    assert_edits_are_where_they_were(service)
    assert "ReportFunction" not in resources(service)
    assert (service / "src/service/handlers/report.py").exists()


def test_edits_of_a_function_that_goes_are_marked_and_not_lost(service: Path) -> None:
    mapping = "functions={items: http_api, report: schedule}"
    update(service, "--data", mapping, "--vcs-ref", ":current:")
    assert set(conflicts(service)) == {"template.yaml"}
    assert "Threshold: 7 # worker errors:" in (service / "template.yaml").read_text()
    assert "The team has written this." in (service / "src/service/handlers/worker.py").read_text()


def test_a_changed_service_name_moves_no_file(service: Path) -> None:
    update(service, "--data", "service_name=order-desk", "--vcs-ref", ":current:")
    assert_edits_are_where_they_were(service)
    status = run("git", "status", "--porcelain", cwd=service).splitlines()
    assert not [line for line in status if not line.startswith(" M")], "files came or went"
    assert "order-desk-dev" in (service / "samconfig.toml").read_text()


def test_an_answer_to_no_question_is_refused_on_update_too(service: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "copier", "update", "--defaults", "--data", "funktions={a: sqs}"],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert "Correct or drop funktions" in done.stderr
    assert run("git", "status", "--porcelain", cwd=service) == ""


@pytest.mark.parametrize(
    ("stored", "passed", "sentence"),
    [
        ("secrets: {key: {level: high, rotate: 30}}", "functions={rotate-key: sqs}", "Rename the"),
        ("secrets: {tz: medium}", "owner=tools", "Use another name"),
        ("functions: {worker: {trigger: sqs, timeout: 9999}}", "owner=tools", "Give 1 to 900"),
    ],
)
def test_a_stored_answer_that_is_refused_stops_the_update(
    service: Path, stored: str, passed: str, sentence: str
) -> None:
    # Copier by itself would take the default in its place, and the secrets would be gone.
    answers = service / ".copier-answers.yml"
    given = yaml.safe_load(answers.read_text()) | yaml.safe_load(stored)
    answers.write_text(yaml.safe_dump(given))
    commit(service)
    done = subprocess.run(
        [sys.executable, "-m", "copier", "update", "--defaults", "--data", passed],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert sentence in done.stderr
    assert run("git", "status", "--porcelain", cwd=service) == ""


def test_an_answer_to_a_question_of_the_past_stops_no_update(service: Path) -> None:
    with (service / ".copier-answers.yml").open("a") as file:
        file.write("colour: red\n")
    commit(service)
    update(service)
    assert_edits_are_where_they_were(service)
