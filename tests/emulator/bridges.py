"""What the emulator lacks for the roles of delivery: appended to a service's own `bridges`.

It runs with the emulator's Python, in a module where `ALL` is the service's own.
"""

from typing import Any

from ministack.core import iam_actions, iam_evaluator


def sessions_bear_the_arn_of_their_role() -> None:
    """Bridge: `aws:PrincipalArn` is the role's ARN, whoever's session it is.

    AWS compares that in conditions. The emulator gives the ARN of the session.
    """
    resolve = iam_evaluator._resolve_condition_key

    def resolve_role(key: str, context: iam_evaluator.EvalContext) -> Any:
        value = resolve(key, context)
        if key.lower() == "aws:principalarn" and ":assumed-role/" in value:
            role = value.rpartition("/")[0]
            return role.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/")
        return value

    iam_evaluator._resolve_condition_key = resolve_role


def change_sets_have_their_conditions() -> None:
    """Bridge: a policy can tell change sets by their name, and by the role that they are given.

    The emulator knows neither condition key, and would deny every change set of a release.
    """
    context = iam_actions.request_tag_context

    def with_change_set(service: str, action: str, body: bytes, given: Any) -> dict[str, Any]:
        keys = {"ChangeSetName": "ChangeSetName", "RoleARN": "RoleArn"}
        found = {
            f"cloudformation:{key}": iam_actions._param(body, given, name)
            for name, key in keys.items()
            if service == "cloudformation" and iam_actions._param(body, given, name)
        }
        return context(service, action, body, given) | found

    iam_actions.request_tag_context = with_change_set


ALL += (sessions_bear_the_arn_of_their_role, change_sets_have_their_conditions)  # noqa: F821
