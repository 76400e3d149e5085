"""Whose rights change a stack: a part of the bridges that tests add, as `bridges.py` is.

What a change of each type needs comes before it, as `CHANGES`: of `changes.yml`, here and of kinds.
"""

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

Need = tuple[str, str, dict[str, str]]  # an action, its resource, and what its conditions ask
roles: dict[tuple[str, str], str] = {}  # by account and stack


def the_execution_role_is_asked() -> None:
    """Bridge: a stack changes with the rights of the role that it was given, and keeps that role.

    The emulator changes it with its own rights.
    """
    for action in ("CreateChangeSet", "CreateStack", "UpdateStack"):
        cloudformation._ACTION_HANDLERS[action] = _noting(cloudformation._ACTION_HANDLERS[action])
    provision, update, delete = (
        getattr(stacks, f"_{verb}_resource") for verb in ("provision", "update", "delete")
    )

    def provision_as_role(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        made = provision(kind, logical_id, properties, stack)
        _ask(stack, "create", kind, made[0], properties, {})
        return made

    def update_as_role(kind: str, name: str, old: Any, new: Any, stack: str, *rest: Any) -> Any:
        if old != new:
            _ask(stack, "update", kind, name, new, old)
        return update(kind, name, old, new, stack, *rest)

    def delete_as_role(
        kind: str, name: str, old: Any, stack: str = "", logical_id: str = ""
    ) -> None:
        _ask(stack, "delete", kind, name, old, old)
        delete(kind, name, old, stack, logical_id)

    stacks._provision_resource = provision_as_role
    stacks._update_resource = update_as_role
    stacks._delete_resource = delete_as_role


def _noting(handle: Any) -> Any:
    def note(params: dict[str, list[str]]) -> Any:
        if role := params.get("RoleARN"):
            roles[get_account_id(), params["StackName"][0].split("/")[-1]] = role[0]
        return handle(params)

    return note


def _ask(stack: str, verb: str, kind: str, name: str, properties: Any, old: Any) -> None:
    role = roles.get((get_account_id(), stack))
    if not role:
        return
    tags = cloudformation._stacks[stack].get("Tags", [])
    told = {f"aws:resourcetag/{tag['Key']}": tag["Value"] for tag in tags}
    told |= {name.replace("resource", "request"): value for name, value in told.items()}
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], get_account_id())
    for action, resource, more in _needs(verb, kind, name, properties, old):
        call = iam_evaluator.EvalContext(
            *(role, "AssumedRole", get_account_id(), action, resource, get_region()),
            service_context=told | more,
        )
        if iam_evaluator.evaluate(call, policies).decision != "Allow":
            raise ValueError(f"AccessDenied: {role} may not perform {action} on {resource}")


def _needs(verb: str, kind: str, name: str, properties: Any, old: Any) -> Iterator[Need]:
    """What the role needs for a change of a resource: of the type, its roles and its code."""
    change = CHANGES[kind]  # noqa: F821
    resource, more = _resource(kind, name, properties), {}
    if kind == "AWS::Lambda::EventSourceMapping":
        more["lambda:functionarn"] = _function(properties["FunctionName"])
    if boundary := properties.get("PermissionsBoundary"):
        more["iam:permissionsboundary"] = boundary
    for action in change[verb]:
        yield action, resource, more
    if verb == "delete":
        return
    for path, taker in change.get("hands", {}).items():
        given = reduce(lambda found, key: found.get(key, {}), path.split("."), properties)
        if given:
            yield "iam:PassRole", given, {"iam:passedtoservice": f"{taker}.amazonaws.com"}
    code = properties.get("Code")
    if code and code != old.get("Code"):
        version = "Version" if "S3ObjectVersion" in code else ""
        at = f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}"
        yield f"s3:GetObject{version}", at, {}
    states = properties.get("DefinitionS3Location")
    if states and states != old.get("DefinitionS3Location"):
        version = "Version" if "Version" in states else ""
        yield f"s3:GetObject{version}", f"arn:aws:s3:::{states['Bucket']}/{states['Key']}", {}


def _resource(kind: str, name: str, properties: Any) -> str:
    target = CHANGES[kind].get("target", "")  # noqa: F821
    if kind.startswith("AWS::Lambda::") and not target:
        return _function(properties.get("FunctionName", name))
    if not target:
        return name
    bus = properties.get("EventBusName", "") if kind == "AWS::Events::Rule" else ""
    if bus == "default":  # which the ARN of a rule does not name
        bus = ""
    found = target.format(
        **properties | {"name": _last(kind, name), "account": get_account_id()},
        bus=f"{bus}/" if bus else "",
        region=get_region(),
        at=f"{get_region()}:{get_account_id()}",
    )
    if "://" in found:  # a queue is named by its address
        found = f"sqs:{get_region()}:{get_account_id()}:{_last(kind, found)}"
    return found if found.startswith("arn:") else f"arn:aws:{found}"


def _last(kind: str, name: str) -> str:
    """What a resource is called: of a queue the end of its address, of a log group all of it."""
    return name if kind == "AWS::Logs::LogGroup" else re.split(r"[/|:]", name)[-1]


def _function(reference: str) -> str:
    """The ARN of a function that is named by a name, an ARN, or with a version or an alias."""
    name = reference.split("function:")[-1].split(":")[0]
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{name}"


ALL += (the_execution_role_is_asked,)  # noqa: F821
