"""The stacks that deliver a service, in every shape that answers give them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from cfnlint import api as cfnlint
from golden_path.check import check
from golden_path.stack import Stack
from golden_path.template import load

from tests.conftest import Render, named_answers
from tests.policies import TRUST, policies

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
# Together they have all that is written in the stacks, and each is left out of one.
DELIVERIES: dict[str, dict[str, Any]] = {
    "codepipeline": {},
    "codepipeline, apart": {
        **named_answers()["secrets"],
        "accounts": ACCOUNTS | {"tools": "444444444444"},
        "repository": "example/items",
    },
    "github_actions": {"delivery": "github_actions", "repository": "example/items"},
    "github_actions, apart": {
        "accounts": ACCOUNTS,
        "delivery": "github_actions",
        "repository": "example@1/items@2",
    },
    "both": {
        **named_answers()["accounts"],
        "delivery": "both",
    },
    "one environment": {**named_answers()["stateless"], "environments": ["prod"]},
    "one function": named_answers()["schedule-only"],
}
# What IAM takes, in characters without white space:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST = {"trust": 2048, "inline": 10240, "managed": 6144}

every_delivery = pytest.mark.parametrize("answers", DELIVERIES.values(), ids=DELIVERIES)


def stacks(service: Path) -> list[Path]:
    """The stacks of a service, which are at least one."""
    found = sorted((service / "pipeline").glob("*.yaml"))
    assert found
    return found


@every_delivery
def test_cfn_lint_finds_nothing(answers: dict[str, Any], render: Render) -> None:
    for stack in stacks(render(**answers)):
        found = cfnlint.lint(stack.read_text(), config=cfnlint.ManualArgs(regions=["eu-west-1"]))
        assert not found, "\n".join(map(str, found))


@every_delivery
def test_the_rules_find_nothing(answers: dict[str, Any], render: Render) -> None:
    for stack in stacks(render(**answers)):
        found = check(stack)
        assert not found, "\n".join(map(str, found))


def test_no_policy_is_longer_than_iam_takes(render: Render) -> None:
    # Given a service with all that a role may be asked for, and the longest name
    answers = {
        **DELIVERIES["codepipeline, apart"],
        "delivery": "both",
        "permissions_boundary": "platform/" + "b" * 100,
        "service_name": "s" * 32,
    }
    for file in stacks(render(**answers)):
        stack = Stack(load(file))
        # When CloudFormation has put in its values
        longest: dict[tuple[str, str], int] = defaultdict(int)
        for holder, place, form in policies(stack):
            length = sum(len(json.dumps(policy, separators=(",", ":"))) for policy in form)
            longest[holder, place] = max(longest[holder, place], length)

        # Then each fits, and all inline policies of a role together
        lengths: dict[tuple[str, str], int] = defaultdict(int)
        for (holder, place), length in longest.items():
            resource = stack.resources[holder]
            if resource.type == "AWS::IAM::Policy":
                for role in stack.named(resource.get("Roles")):
                    lengths[role.id, "inline"] += length
            elif resource.type == "AWS::IAM::ManagedPolicy":
                lengths[holder, "managed"] += length
            elif resource.type == "AWS::IAM::Role":
                lengths[holder, "trust" if place == TRUST else "inline"] += length
        assert {at: size for at, size in lengths.items() if size > LONGEST[at[1]]} == {}
