"""GP125: what the role that deploys a service may make, and what its template holds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import yaml

from golden_path.finding import Finding
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack
from golden_path.trust import wanted

NEEDED = yaml.safe_load((files("golden_path") / "execution.yml").read_text("utf-8"))
"""The actions, by type: `always`, or a property."""

ROLE = "ExecutionRole"


class ExecutionPermissions(Rule):
    id = "GP125"
    title = "The role that deploys may make what the template holds"
    why = (
        "CloudFormation makes each resource with `ExecutionRole` of pipeline/account.yaml: without "
        "a permission the release fails, and is taken back. Actions are judged, on whichever "
        "resource, of the types in `execution.yml`."
    )
    mend = (
        "Allow it in pipeline/account.yaml, below `What your own resources need`, then run "
        "`make bootstrap ENV=`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        account = stack.account
        if account is None or ROLE not in account.resources:
            return
        role = account.resources[ROLE]
        allowed = account.statements_of(role)
        passed = {
            service
            for statement in allowed
            if statement.allows("iam:PassRole")
            for service in wanted(account, statement.body, "iam:PassedToService", "StringEquals")
        }
        # Many resources need the same.
        allows = cache(lambda action: any(its.allows(action) for its in allowed))
        for resource in stack.resources.values():
            needed = _needed(resource)
            missing = [one for one in needed if not allows(one)]
            to = NEEDED.get(resource.type, {}).get("passes")
            missing += [f"iam:PassRole to {to}"] if to and to not in passed else []
            if missing:
                problem = f"{ROLE} lacks {', '.join(missing)} for it."
                yield self.found(stack, resource, problem=problem)


def _needed(resource: Resource) -> list[str]:
    actions = NEEDED.get(resource.type, {}).items()
    return [
        action
        for name, its in actions
        if name == "always" or (name != "passes" and resource.get(name) is not None)
        for action in its
    ]
