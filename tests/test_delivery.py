"""The stacks that deliver a service, in every shape that answers give them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.check import check
from golden_path.intrinsics import as_list, dig
from golden_path.keys import shut
from golden_path.stack import Stack
from golden_path.template import load

from tests.conftest import EVERY_KIND, ROOT, Render, named_answers, one_of_each_kind
from tests.emulator.delivery import changes
from tests.linting import linted
from tests.policies import TRUST, policies

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
# Together they have all that is written in the stacks, and each is left out of one.
DELIVERIES: dict[str, dict[str, Any]] = {
    "codepipeline": named_answers()[EVERY_KIND],
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
    "a name that AWS cuts": {"service_name": "customer-order-service"},
}
# What IAM takes, in characters without white space:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST = {"trust": 2048, "inline": 10240, "managed": 6144}
MOST_ATTACHED = 10  # managed policies a role, there too
VERBS = ("create", "update", "delete")

every_delivery = pytest.mark.parametrize("answers", DELIVERIES.values(), ids=DELIVERIES)


def stacks(service: Path) -> list[Path]:
    """The stacks of a service, which are at least one."""
    found = sorted((service / "pipeline").glob("*.yaml"))
    assert found
    return found


@every_delivery
def test_cfn_lint_finds_nothing(answers: dict[str, Any], render: Render) -> None:
    for stack in stacks(render(**answers)):
        found = linted(stack.read_text(), "eu-west-1")
        assert not found, found


@every_delivery
def test_the_rules_find_nothing(answers: dict[str, Any], render: Render) -> None:
    for stack in stacks(render(**answers)):
        found = check(stack)
        assert not found, "\n".join(map(str, found))


@every_delivery
def test_comments_stand_where_the_rest_does(answers: dict[str, Any], render: Render) -> None:
    for stack in stacks(render(**answers)):
        assert not re.findall(r"^#.*\n(?:#.*\n)*(?=\s)", stack.read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def longest(render: Render) -> Path:
    """A service with all that a role may be asked for, and the longest name."""
    answers = {
        **DELIVERIES["codepipeline, apart"],
        "functions": one_of_each_kind() | named_answers()["secrets"]["functions"],
        "delivery": "both",
        "permissions_boundary": "platform/" + "b" * 100,
        "service_name": "s" * 23,
    }
    return render(**answers)


def test_no_policy_is_longer_than_iam_takes(longest: Path) -> None:
    for file in stacks(longest):
        stack = Stack(load(file))
        # Given what CloudFormation has put its values in
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


def test_there_is_room_for_twenty_four_kinds(longest: Path) -> None:
    stack = Stack(load(longest / "pipeline/account.yaml"))
    attached = stack.of_type("AWS::IAM::ManagedPolicy")
    facts = [yaml.safe_load(path.read_text()) for path in ROOT.glob("template/kinds/*/kind.yml")]
    concerns = Counter(kind["concern"] for kind in facts)
    # Beside the concerns of kinds there are data and secrets.
    assert {policy.id for policy in attached} == {
        f"{concern}ExecutionPolicy" for concern in ("", "Secrets", *concerns)
    }
    assert len(concerns) <= MOST_ATTACHED - 2
    for holder, _, form in policies(stack):
        for policy in form if holder.removesuffix("ExecutionPolicy") in concerns else ():
            size = len(json.dumps(policy, separators=(",", ":")))
            kinds = concerns[holder.removesuffix("ExecutionPolicy")]
            assert size * 24 <= LONGEST["managed"] * (MOST_ATTACHED - 2) * kinds, holder


@every_delivery
def test_a_sid_is_in_a_policy_once(answers: dict[str, Any], render: Render) -> None:
    for file in stacks(render(**answers)):
        for holder, _, form in policies(Stack(load(file))):
            for policy in form:
                sids = [one["Sid"] for one in policy["Statement"] if "Sid" in one]
                assert len(sids) == len(set(sids)), holder


def test_a_service_becomes_a_role_for_its_own_account(longest: Path) -> None:
    # Those whose documentation names the key for roles that they become. That of CloudFormation
    # names it for extensions alone, and that of Lambda not for the roles of functions.
    told = {"codebuild", "codedeploy", "codepipeline", "scheduler", "states"}
    found = set()
    for file in [longest / "template.yaml", *stacks(longest)]:
        for role in Stack(load(file)).of_type("AWS::IAM::Role"):
            for one in role.get("AssumeRolePolicyDocument")["Statement"]:
                service = str(dig(one, "Principal", "Service") or "").partition(".")[0]
                account = dig(one, "Condition", "StringEquals", "aws:SourceAccount")
                if service:
                    found.add(service)
                    assert (account == {"Ref": "AWS::AccountId"}) == (service in told), role.id
    assert found == told | {"cloudformation", "lambda"}


@every_delivery
def test_what_may_not_be_deleted_has_no_version_that_may(
    answers: dict[str, Any], render: Render
) -> None:
    for file in stacks(render(**answers)):
        for holder, _, form in policies(Stack(load(file))):
            for statement in (one for policy in form for one in policy["Statement"]):
                if statement["Effect"] == "Deny" and "s3:DeleteObject" in statement["Action"]:
                    assert "s3:DeleteObjectVersion" in statement["Action"], holder


def test_what_tells_a_topic_may_use_its_key(longest: Path) -> None:
    tells = []
    for file in stacks(longest):
        stack = Stack(load(file))
        for policy in stack.of_type("AWS::SNS::TopicPolicy"):
            for topic in stack.named(policy.get("Topics"), "AWS::SNS::Topic"):
                for statement in policy.get("PolicyDocument")["Statement"]:
                    tells.append(service := dig(statement, "Principal", "Service"))
                    key = topic.get("KmsMasterKeyId")
                    assert not list(shut(stack, key, service)), f"{service} tells nobody"
    assert tells


def test_what_the_stack_has_may_be_made_updated_and_deleted(render: Render) -> None:
    secrets = {"key": {"level": "high", "rotate": 30}}
    service = render(**named_answers()[EVERY_KIND], secrets=secrets)
    stack = Stack(load(service / "template.yaml"))
    known, types = changes(), {one.type for one in stack.resources.values()}
    may, handed = set(), set()
    for holder, place, form in policies(Stack(load(service / "pipeline/account.yaml"))):
        if place != TRUST and re.fullmatch(r"ExecutionRole|\w*ExecutionPolicy", holder):
            for statement in (one for policy in form for one in policy["Statement"]):
                if statement["Effect"] == "Allow":
                    may.update(as_list(statement["Action"]))
                    to = dig(statement, "Condition", "StringEquals", "iam:PassedToService")
                    handed.update(as_list(to))
    for type_ in types & known.keys():
        asked = {action for verb in VERBS for action in known[type_][verb]}
        assert asked <= may, f"{type_}: the execution role may not {sorted(asked - may)}"
        takers = known[type_].get("hands", {}).values()
        assert {f"{taker}.amazonaws.com" for taker in takers} <= handed, type_
