"""How CodeDeploy moves the traffic of each function: type, hook, gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from golden_path.intrinsics import dig
from golden_path.stack import BY_CODEDEPLOY, Resource, Stack

_PREFERENCE = ("DeploymentPreference", "Type")
_GLOBAL = ("Globals", "Function", *_PREFERENCE)
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


@dataclass(frozen=True)
class Deployment:
    """What moves the traffic of one function."""

    function: Resource
    group: Resource
    written_at: tuple[str, ...]  # where in the source its type stands
    types: tuple[Any, ...]  # each that it may have, as SAM names it
    gates: tuple[Resource, ...]
    hooks: tuple[Resource, ...]


def deployments(stack: Stack) -> Iterator[Deployment]:
    """Each function whose traffic CodeDeploy moves."""
    for alias_id, function_id in stack.aliases.items():
        function = stack.functions[function_id]
        update = dig(stack.resources[alias_id].body, *BY_CODEDEPLOY)
        name = dig(update, "DeploymentGroupName")
        for group in stack.named(name, "AWS::CodeDeploy::DeploymentGroup"):
            where = _written_at(stack, function)
            yield Deployment(
                function,
                group,
                where,
                _types(stack, where, group),
                tuple(stack.named(group.get("AlarmConfiguration"), *ALARMS)),
                tuple(stack.invoked(dig(update, "BeforeAllowTrafficHook"))),
            )


def _written_at(stack: Stack, function: Resource) -> tuple[str, ...]:
    own = ("Resources", function.id, "Properties", *_PREFERENCE)
    if dig(stack.source.data, *own) is None and dig(stack.source.data, *_GLOBAL) is not None:
        return _GLOBAL
    return own


def _types(stack: Stack, where: tuple[str, ...], group: Resource) -> tuple[Any, ...]:
    """Each type as it is written: the transform has put one value in the place of a parameter."""
    written = dig(stack.source.data, *where)
    if written is None:
        written = group.get("DeploymentConfigName")
    return tuple(
        form.removeprefix("CodeDeployDefault.Lambda") if isinstance(form, str) else form
        for form in stack.resolver.each(written)
    )
