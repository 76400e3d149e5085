"""What the emulator lacks for the roles of delivery: a part of the bridges that tests add.

It runs with the emulator's Python, in a module where `ALL` is there.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services.cloudformation import provisioners

named: ContextVar[str] = ContextVar("named", default="")  # the type that gets a name


def names_are_cut() -> None:
    """Bridge: names of functions and roles are cut as CloudFormation cuts them.

    It leaves the stack 25 characters or more. The emulator cuts off the end alone.
    """
    make = provisioners._physical_name

    def make_cut(stack: str, logical_id: str, **more: Any) -> str:
        name = make(stack, logical_id, **more)
        if named.get():
            name = "-".join([*parts(stack, logical_id, named.get()), name[-RANDOM:]])  # noqa: F821
        return name

    def of(kind: str, handle: Callable[..., Any]) -> Callable[..., Any]:
        def handle_named(*arguments: Any) -> Any:
            token = named.set(kind)
            try:
                return handle(*arguments)
            finally:
                named.reset(token)

        return handle_named

    provisioners._physical_name = make_cut
    for kind in ("AWS::IAM::Role", "AWS::Lambda::Function"):
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        for verb in ("create", "update"):
            handlers[verb] = of(kind, handlers[verb])


def log_groups_are_named_after_their_stack() -> None:
    """Bridge: a log group without a name of its own is called STACK-LOGICALID-RANDOM too.

    The emulator calls it /aws/cloudformation/STACK/LOGICALID.
    """
    group = provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"]
    create, update = group["create"], group["update"]

    def create_named(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name = provisioners._physical_name(stack, logical_id, max_len=512)
        return create(logical_id, {"LogGroupName": name} | properties, stack)

    def update_named(name: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        return update(name, {"LogGroupName": name} | old, {"LogGroupName": name} | new, *rest)

    group.update(create=create_named, update=update_named)


def secrets_are_named_without_their_stack() -> None:
    """Bridge: a secret without a name of its own is called LOGICALID-RANDOM.

    The emulator puts the stack before it.
    """
    secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create = secret["create"]

    def create_named(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name = provisioners._physical_name(stack, logical_id).removeprefix(f"{stack}-")
        return create(logical_id, {"Name": name} | properties, stack)

    secret["create"] = create_named


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


ALL += (  # noqa: F821
    names_are_cut,
    log_groups_are_named_after_their_stack,
    secrets_are_named_without_their_stack,
    sessions_bear_the_arn_of_their_role,
    change_sets_have_their_conditions,
)
