"""GP95x: what AWS allows of anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, function_of, text
from golden_path.quotas import QUOTAS
from golden_path.rules.base import Rule
from golden_path.stack import POLICIES, Resource, Stack

# As long as what stands in a template that is deployed; names of stacks are longer in most cases.
_STAND_INS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "service-dev",
    "AWS::URLSuffix": "amazonaws.com",
}
_PLACEHOLDER = re.compile(r"\$\{([^!}.]*)(\.[^}]*)?\}")


def _stand_in(found: re.Match[str]) -> str:
    name, attribute = found[1], found[2]
    if name in _STAND_INS:
        return _STAND_INS[name]
    physical = f"service-dev-{name}-0123456789AB"
    return f"arn:aws:service:eu-west-1:123456789012:{physical}" if attribute == ".Arn" else physical


def _deployed(value: Any) -> Any:
    """A value with about the length that it has on AWS."""
    if isinstance(value, str) or function_of(value):
        return _PLACEHOLDER.sub(_stand_in, text(value))
    if isinstance(value, dict):
        return {key: _deployed(part) for key, part in value.items()}
    return [_deployed(part) for part in value] if isinstance(value, list) else value


def _length(value: Any) -> int:
    """How long a value is on AWS as JSON without white space, about."""
    return len(json.dumps(_deployed(value), separators=(",", ":"), default=str))


def _documents(stack: Stack, holder: Resource) -> Iterator[list[Any]]:
    """The policies of a role, or the one of a policy beside it, in each form they may take."""
    where = POLICIES[holder.type]
    for form in stack.forms(holder, where):
        if where == "Policies":
            yield [dig(policy, "PolicyDocument") for policy in as_list(form)]
        else:
            yield [form]


def _longest(stack: Stack, holder: Resource) -> int:
    return max(sum(map(_length, documents)) for documents in _documents(stack, holder))


class FittingStack(Rule):
    id = "GP951"
    title = "A stack fits into CloudFormation"
    why = "What is too much is refused by the first deployment that has it, not by any test."
    mend = "Move functions that belong together to a stack or service of their own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        bodies = {id_: resource.body for id_, resource in stack.resources.items()}
        counted = {
            ("Resources", "resources"): len(stack.resources),
            ("Outputs", "outputs"): len(dig(stack.source.data, "Outputs") or {}),
            ("Parameters", "parameters"): len(stack.parameters),
            ("Resources", "template"): len(json.dumps(bodies, default=str).encode()),
        }
        for (part, quota), count in counted.items():
            if problem := QUOTAS[quota].exceeded(count):
                yield self.at(stack, (part,), part, problem)


class FittingPolicies(Rule):
    id = "GP952"
    title = "Policies fit into IAM"
    why = "IAM refuses a longer one when the stack is deployed."
    mend = "Name what belongs together by a pattern, or move functions to a stack of their own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for role in stack.of_type("AWS::IAM::Role"):
            attached = len(as_list(role.get("ManagedPolicyArns")))
            for quota, count in (
                ("inline_policies", self._inline(stack, role)),
                ("managed_policies", attached),
            ):
                if problem := QUOTAS[quota].exceeded(count):
                    yield self.found(stack, role, problem=problem)
        for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
            if problem := QUOTAS["managed_policy"].exceeded(_longest(stack, policy)):
                yield self.found(stack, policy, problem=problem)

    def _inline(self, stack: Stack, role: Resource) -> int:
        """The characters of a role's own policies and of those that are written beside it."""
        beside = sum(
            _longest(stack, policy)
            for policy in stack.of_type("AWS::IAM::Policy", "AWS::IAM::RolePolicy")
            for given in (policy.get("Roles"), policy.get("RoleName"))
            if role in stack.named(given, "AWS::IAM::Role")
        )
        return beside + _longest(stack, role)


class DistinctSids(Rule):
    id = "GP953"
    title = "The Sids of a policy are distinct"
    why = "IAM refuses a policy of which two statements have the same Sid."
    mend = "Give each statement a Sid of its own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for holder in stack.of_type(*POLICIES):
            told = set()
            for document in chain.from_iterable(_documents(stack, holder)):
                statements = as_list(dig(document, "Statement"))
                sids = Counter(sid for one in statements if isinstance(sid := dig(one, "Sid"), str))
                told |= {sid for sid, count in sids.items() if count > 1}
            for sid in sorted(told):
                yield self.found(stack, holder, problem=f"Two statements are called {sid}.")


class FittingVariables(Rule):
    id = "GP954"
    title = "The variables of a function fit into Lambda"
    why = "Lambda refuses a function with more when the stack is deployed."
    mend = "Keep what is long in the Parameter Store, and name it in a variable."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            count = max(map(_length, stack.forms(function, "Environment", "Variables")))
            if problem := QUOTAS["variables"].exceeded(count):
                yield self.found(stack, function, "Environment", problem=problem)


class FittingDashboard(Rule):
    id = "GP955"
    title = "The widgets of a dashboard fit into CloudWatch"
    why = "CloudWatch refuses a dashboard with more when the stack is deployed."
    mend = "Split it."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for dashboard in stack.of_type("AWS::CloudWatch::Dashboard"):
            try:
                widgets = dig(json.loads(_deployed(dashboard.get("DashboardBody"))), "widgets")
            except (TypeError, ValueError):
                continue  # it is put together in a way that cannot be read here
            if problem := QUOTAS["widgets"].exceeded(len(as_list(widgets))):
                yield self.found(stack, dashboard, "DashboardBody", problem=problem)
