"""What the roles of delivery may do, and who may become them, as they were made on the emulator.

The emulator's own judge is asked, with the context that a call on AWS has: the emulator itself
gives a session's ARN where AWS gives the role's, and its policy simulator takes no context. How far
the execution role reaches on a real CloudFormation is not judged here.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from docs.written.facts import changes, kind_names
from tests.emulator.accounts import DEV, HOME, PROD, Accounts

JUDGE = """
import json, sys
from ministack.core.iam_evaluator import (
    EvalContext, evaluate, evaluate_trust_policy, parse_policy_document
)
for one, documents, action, resource, context, trust in json.load(sys.stdin):
    found = {key.lower(): value for key, value in context.items()}
    account = one.split(":")[4]
    call = EvalContext(
        one, "AssumedRole", account, action, resource, "eu-west-1", service_context=found
    )
    policies = [parse_policy_document(document) for document in documents]
    may = evaluate(call, policies).decision == "Allow"
    print(may and (trust is None or evaluate_trust_policy(trust, one, call)))
"""


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/items-service-{name}"


AT = f"eu-west-1:{PROD}"
OWN_STACK = "items-service-prod"
STACK = f"arn:aws:cloudformation:{AT}:stack/items-service-prod/0"
DELIVERY = f"arn:aws:cloudformation:{AT}:stack/items-service-prod-delivery/0"
CHANGE_SET = f"arn:aws:cloudformation:{AT}:changeSet/release-1/0"
FUNCTION = f"arn:aws:lambda:{AT}:function:items-service-prod-WorkerFunction-0"
QUEUE = f"arn:aws:sqs:{AT}:items-service-prod-WorkerQueue-0"
WORKER = role(PROD, "prod-WorkerRole-0")
EXECUTION = role(PROD, "prod-execution")
BOUND = {"iam:PermissionsBoundary": f"arn:aws:iam::{PROD}:policy/platform/bound"}
LOOSE = {"iam:PermissionsBoundary": f"arn:aws:iam::{PROD}:policy/other"}
TO_LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}
TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}
TO_CLOUDFORMATION = {"iam:PassedToService": "cloudformation.amazonaws.com"}
RELEASE = {"cloudformation:ChangeSetName": "release-1"}
OTHER = {"cloudformation:ChangeSetName": "mine"}
DASHBOARD = f"arn:aws:cloudwatch::{PROD}:dashboard/Dashboard-items-service-prod"
KEY = f"arn:aws:kms:{AT}:key/0"
API = "arn:aws:apigateway:eu-west-1::/apis/0"
POOL = f"arn:aws:cognito-idp:{AT}:userpool/eu-west-1_0"
OWN = {"aws:ResourceTag/service": "items-service", "aws:ResourceTag/environment": "prod"}
OTHERS = OWN | {"aws:ResourceTag/environment": "dev"}
TO_OWN = {name.replace("Resource", "Request"): value for name, value in OWN.items()}
FOR_EXECUTION = RELEASE | {"cloudformation:RoleArn": EXECUTION}
FOR_WORKER = RELEASE | {"cloudformation:RoleArn": WORKER}

# What a role of production does, with what, in which context, and whether it may.
DOING = [
    ("execution", "lambda:UpdateFunctionCode", FUNCTION, {}, True),
    ("execution", "lambda:UpdateFunctionCode", FUNCTION.replace("items", "other"), {}, False),
    ("execution", "lambda:UpdateFunctionCode", FUNCTION.replace("prod", "dev"), {}, False),
    ("execution", "sqs:DeleteQueue", QUEUE, {}, True),
    ("execution", "sqs:DeleteQueue", QUEUE.replace("items", "other"), {}, False),
    ("execution", "iam:CreateRole", WORKER, BOUND, True),
    ("execution", "iam:CreateRole", WORKER, LOOSE, False),
    ("execution", "iam:CreateRole", WORKER, {}, False),
    ("execution", "iam:PutRolePolicy", WORKER, BOUND, True),
    ("execution", "iam:PutRolePolicy", EXECUTION, BOUND, False),
    ("execution", "iam:PutRolePolicy", role(PROD, "prod-action"), BOUND, False),
    ("execution", "iam:UpdateAssumeRolePolicy", WORKER, {}, True),
    ("execution", "iam:UpdateAssumeRolePolicy", role(PROD, "prod-test"), {}, False),
    ("execution", "iam:DeleteRolePermissionsBoundary", WORKER, BOUND, False),
    ("execution", "iam:PassRole", WORKER, TO_LAMBDA, True),
    ("execution", "iam:PassRole", WORKER, TO_EC2, False),
    ("execution", "iam:PassRole", EXECUTION, TO_LAMBDA, False),
    ("execution", "cloudwatch:PutDashboard", DASHBOARD, {}, True),
    ("execution", "cloudwatch:PutDashboard", DASHBOARD.replace("prod", "dev"), {}, False),
    ("execution", "cloudwatch:DeleteDashboards", DASHBOARD.replace("prod", "dev"), {}, False),
    ("execution", "cloudwatch:DeleteDashboards", f"{DASHBOARD[:-18]}AbCdEfGhIjKl", {}, True),
    ("execution", "kms:TagResource", KEY, TO_OWN, True),  # while it is made
    ("execution", "kms:TagResource", KEY, OWN | {"aws:RequestTag/owner": "other"}, True),
    ("execution", "kms:TagResource", KEY, OTHERS | TO_OWN, False),
    ("execution", "kms:PutKeyPolicy", KEY, OTHERS, False),
    ("execution", "apigateway:POST", API[:-2], {}, True),
    ("execution", "apigateway:DELETE", API, OWN, True),
    ("execution", "apigateway:DELETE", API, OTHERS, False),
    ("execution", "cognito-idp:DeleteUserPool", POOL, OWN, True),
    ("execution", "cognito-idp:DeleteUserPool", POOL, OTHERS, False),
    ("action", "cloudformation:CreateChangeSet", STACK, FOR_EXECUTION, True),
    ("action", "cloudformation:CreateChangeSet", STACK, FOR_WORKER, False),
    ("action", "cloudformation:CreateChangeSet", STACK, RELEASE, False),
    ("action", "cloudformation:CreateChangeSet", DELIVERY, FOR_EXECUTION, False),
    ("action", "cloudformation:ExecuteChangeSet", STACK, RELEASE, True),
    ("action", "cloudformation:ExecuteChangeSet", STACK, OTHER, False),
    ("action", "cloudformation:UpdateStack", STACK, {}, False),
    ("action", "iam:PassRole", EXECUTION, TO_CLOUDFORMATION, True),
    ("action", "iam:PassRole", WORKER, TO_CLOUDFORMATION, False),
    ("action", "lambda:UpdateFunctionCode", FUNCTION, {}, False),
    ("action", "lambda:DeleteFunction", f"{FUNCTION}:7", {}, True),
    ("action", "lambda:DeleteFunction", FUNCTION, {}, False),
    ("action", "cloudformation:DescribeEvents", CHANGE_SET, {}, True),
    ("action", "cloudformation:DescribeEvents", DELIVERY, {}, False),
    ("review", "cloudformation:DescribeChangeSet", STACK, {}, True),
    ("review", "cloudformation:DescribeEvents", CHANGE_SET, {}, True),
    ("review", "cloudformation:ExecuteChangeSet", STACK, RELEASE, False),
    ("test", "lambda:InvokeFunction", f"{FUNCTION}:live", {}, True),
    ("test", "lambda:InvokeFunction", FUNCTION, {}, False),
    ("test", "lambda:DeleteFunction", f"{FUNCTION}:7", {}, True),
    ("test", "lambda:DeleteFunction", FUNCTION, {}, False),
    ("test", "sqs:SendMessage", QUEUE, {}, False),
]


def owned(target: str) -> str:
    """What a type's target is where it bears the stack's name."""
    found = re.sub(r"\{(?!at\})\w+\}", f"{OWN_STACK}-Own-0", target).format(at=AT)
    return found if found.startswith("arn:") else f"arn:aws:{found}"


# Whatever bears the name of the stack among the types of a kind, and of no other. What AWS names by
# itself alone, as an API, is told by its tags: see above.
DOING += [
    ("execution", action, arn.replace(OWN_STACK, stack), {}, stack == OWN_STACK)
    for kind in kind_names()
    for change in changes(kind).values()
    if "{at}" in change.get("target", "")
    for arn in [owned(change["target"])]
    for action in sorted({*change["create"], *change["delete"]})
    for stack in (OWN_STACK, "other-service-prod", "items-service-dev")
]

# What a role of the pipeline's account becomes elsewhere, and whether it may.
BECOMING = [
    ("pipeline", DEV, "dev-action", True),
    ("pipeline", PROD, "prod-action", True),
    ("pipeline", PROD, "prod-execution", False),
    ("pipeline-build", DEV, "dev-action", False),
    ("pipeline-dev", DEV, "dev-test", True),
    ("pipeline-dev", PROD, "prod-test", False),
    ("pipeline-prod", PROD, "prod-test", True),
    ("pipeline-review", PROD, "prod-review", True),
    ("pipeline-review", PROD, "prod-action", False),
]


def documents(iam: Any, name: str) -> list[Any]:
    """The policies of a role, in it and attached to it."""
    found = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(
            PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
        )
        found.append(version["PolicyVersion"]["Document"])
    return found


def judged(accounts: Accounts, calls: list[tuple[Any, ...]]) -> list[bool]:
    done = subprocess.run(
        [accounts.service / ".tools/emulator/bin/python", "-c", JUDGE],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
    )
    return [line == "True" for line in done.stdout.split()]


def test_a_role_may_do_its_own_work_alone(delivered: Accounts) -> None:
    iam = delivered.client(PROD, "iam")
    policies = {name: documents(iam, f"items-service-prod-{name}") for name, *_ in DOING}
    calls = [(role(PROD, f"prod-{name}"), policies[name], *call, None) for name, *call, _ in DOING]
    found = judged(delivered, calls)
    assert [(*call, may) for (*call, _), may in zip(DOING, found, strict=True)] == DOING


def test_a_role_lets_its_own_counterpart_become_it_alone(delivered: Accounts) -> None:
    anything = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}
    calls = []
    for name, account, other, _ in BECOMING:
        iam = delivered.client(account, "iam")
        trust = iam.get_role(RoleName=f"items-service-{other}")["Role"]["AssumeRolePolicyDocument"]
        whose = (role(HOME, name), [anything], "sts:AssumeRole", role(account, other))
        calls.append((*whose, {}, trust))
    found = judged(delivered, calls)
    assert [(*call, may) for (*call, _), may in zip(BECOMING, found, strict=True)] == BECOMING


def test_a_role_of_the_pipeline_may_become_its_own_counterpart_alone(delivered: Accounts) -> None:
    iam = delivered.client(HOME, "iam")
    calls = []
    for name, account, other, _ in BECOMING:
        own = documents(iam, f"items-service-{name}")
        whose = (role(HOME, name), own, "sts:AssumeRole", role(account, other))
        calls.append((*whose, {}, None))
    found = judged(delivered, calls)
    assert [(*call, may) for (*call, _), may in zip(BECOMING, found, strict=True)] == BECOMING
