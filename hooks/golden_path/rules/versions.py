"""GP4xx: versions and aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.rules.base import Rule
from golden_path.rules.data import CALLERS_PAST_ALIAS, INVOCATIONS
from golden_path.stack import Resource, Stack


class Alias(Rule):
    id = "GP401"
    title = "A function has an alias"
    style = True
    why = "Without one there is no version to shift traffic to, and none to go back to."
    mend = "Set `AutoPublishAlias` under Globals."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            if function.id not in stack.aliases.values():
                yield self.found(stack, function, problem="It has no alias.")


class NothingAtLatest(Rule):
    id = "GP402"
    title = "Nothing invokes a function past its alias"
    why = "What points at $LATEST gets every change at once, past the canary and past a rollback."
    mend = (
        "Point at the alias: `!Ref <Name>Function.Alias`. Only a rotation of Secrets Manager is "
        "given the function."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for resource in stack.resources.values():
            if CALLERS_PAST_ALIAS & set(stack.texts(resource.get("Principal"))):
                continue
            for path in INVOCATIONS.get(resource.type, ()):
                qualifier = resource.get("Qualifier")
                if qualifier is not None and qualifier != "$LATEST":
                    continue
                for function in self._past_alias(stack, resource.get(*path)):
                    problem = f"{resource.id} invokes {function.id} past its alias."
                    yield self.found(stack, resource, *path, problem=problem)
        # A hook calls versions that have no alias yet, and CodeDeploy calls it as it is.
        asked = [
            statement
            for id_ in stack.hooks
            for role in stack.roles_of(stack.functions[id_])
            for statement in stack.statements_of(role)
        ]
        for statement in stack.statements:
            if statement not in asked and any(
                action.lower().startswith("lambda:invoke") for action in statement.actions
            ):
                for function in self._past_alias(stack, statement.body.get("Resource")):
                    problem = f"It may invoke {function.id} past its alias."
                    path = (*statement.path, "Resource")
                    yield self.found(stack, statement.holder, *path, problem=problem)

    def _past_alias(self, stack: Stack, value: object) -> Iterator[Resource]:
        texts = stack.texts(value)
        for function in stack.named(value, "AWS::Lambda::Function"):
            # The function's name or ARN, not followed by `:alias` or `:version`.
            bare = re.compile(
                rf"\$\{{{re.escape(function.id)}(\.Arn)?\}}(?!:[A-Za-z0-9_$])|:\$LATEST"
            )
            has_alias = function.id in stack.aliases.values() and function.id not in stack.hooks
            if has_alias and any(bare.search(text) for text in texts):
                yield function


class VersionByRelease(Rule):
    id = "GP403"
    title = "Every change makes a new version"
    style = True
    why = (
        "SAM publishes a version only for some changes; a new timeout or parameter value "
        "would never reach the alias."
    )
    mend = "Set `AutoPublishCodeSha256: !Ref Release`, a parameter without default."

    def check(self, stack: Stack) -> Iterator[Finding]:
        resources = dig(stack.source.data, "Resources")
        for function in stack.functions.values():
            if dig(resources, function.id, "Type") != "AWS::Serverless::Function":
                continue
            hash_ = dig(resources, function.id, "Properties", "AutoPublishCodeSha256")
            parameter = dig(hash_, "Ref")
            if not isinstance(parameter, str) or parameter not in stack.parameters:
                problem = "Its version does not depend on a parameter."
            elif dig(stack.source.data, "Parameters", parameter, "Default"):
                problem = f"Its version depends on {parameter}, whose default never changes."
            else:
                continue
            yield self.found(stack, function, "AutoPublishCodeSha256", problem=problem)
