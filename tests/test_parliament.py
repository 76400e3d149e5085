"""parliament finds in the policies of delivery what one list gives a reason for, nothing else."""

from __future__ import annotations

import json
import subprocess
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml
from golden_path.stack import Stack
from golden_path.template import load

from tests.conftest import ROOT, Render
from tests.policies import ACCOUNT, TRUST, policies
from tests.test_delivery import DELIVERIES, stacks

PYTHON = ROOT / ".tools/parliament/bin/python"
REASONS: dict[str, str] = yaml.safe_load((ROOT / "tests/parliament.yml").read_text())

# One process judges all: reading the list of IAM's actions takes longest. Some findings are about
# one action after the other, others tell what is wrong in words.
JUDGE = """
import json, sys
from parliament import analyze_policy_string
judged = []
for place, policy in json.load(sys.stdin):
    for finding in analyze_policy_string(json.dumps(policy)).findings:
        detail = finding.detail if isinstance(finding.detail, list) else [finding.detail]
        for part in detail:
            subject = part["action"] if isinstance(part, dict) else part
            judged.append(f"{place} {finding.issue} {subject}")
json.dump(judged, sys.stdout)
"""


def judge(given: list[tuple[str, dict]]) -> set[str]:
    """What parliament finds in policies: resource, issue and subject."""
    if not PYTHON.exists():
        pytest.fail("Install parliament: make .tools/parliament/.ready")
    done = subprocess.run(
        [PYTHON, "-W", "ignore", "-c", JUDGE],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def _about_a_role(trust: dict[str, Any]) -> dict[str, Any]:
    """Trust names no resource, which parliament wants: it is about the role that has it."""
    role = {"Resource": f"arn:aws:iam::{ACCOUNT}:role/r"}
    return trust | {"Statement": [statement | role for statement in trust["Statement"]]}


@pytest.fixture(scope="module")
def found(render: Render) -> set[str]:
    """What it finds in the stacks of every delivery."""
    given = [
        (holder, policy if place != TRUST else _about_a_role(policy))
        for answers in DELIVERIES.values()
        for file in stacks(render(**answers))
        for holder, place, form in policies(Stack(load(file)))
        for policy in form
    ]
    assert len({place for place, _ in given}) >= 14, "policies were not read"
    return judge(given)


def test_what_it_finds_has_a_reason_to_be_left(found: set[str]) -> None:
    unknown = {one for one in found if not any(fnmatchcase(one, reason) for reason in REASONS)}
    cure = "Mend these in the stack, or give a reason in tests/parliament.yml:"
    assert not unknown, "\n".join([cure, *sorted(unknown)])


def test_what_has_a_reason_is_still_found(found: set[str]) -> None:
    stale = [reason for reason in REASONS if not any(fnmatchcase(one, reason) for one in found)]
    assert stale == [], "take it from tests/parliament.yml"


def test_a_reason_is_one_sentence() -> None:
    for reason in REASONS.values():
        assert 40 <= len(reason) <= 250
        assert reason[0].isupper()
        assert reason.count(".") == 1
        assert reason.endswith(".")


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("sqs:SendMesage", "*", "Role UNKNOWN_ACTION Unknown action sqs:SendMesage"),
        ("sqs:SendMessage", "arn:aws:s3:::bucket", "Role RESOURCE_MISMATCH sqs:SendMessage"),
        ("sqs:SendMessage", "*", "Role RESOURCE_STAR sqs:SendMessage"),
    ],
)
def test_it_finds_a_defect(action: str, resource: str, issue: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert judge([("Role", policy)]) == {issue}
