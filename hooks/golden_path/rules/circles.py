"""GP126: what waits for itself."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, function_of, references, text, walk
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack

ROLES = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


class Circle(Rule):
    id = "GP126"
    title = "No resource waits for itself"
    why = (
        "CloudFormation refuses the stack, and says so at the deployment: a source such as a "
        "bucket or a user pool waits for its function, that for its role, and so the role cannot "
        "name the source."
    )
    mend = (
        "Take one reference away: write the ARN by a name of your own, or put the statement into "
        "an `AWS::IAM::Policy` that names the role."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        needs = {id_: _needs(stack, resource) for id_, resource in stack.resources.items()}
        told: set[str] = set()
        # A circle is told where it is mended most often, at its role, and once.
        for id_ in sorted(needs, key=lambda one: stack.resources[one].type not in ROLES):
            circle = _circle(needs, id_)
            if not told & set(circle) and circle:
                shown = " → ".join([*circle, id_])
                yield self.found(
                    stack, stack.resources[id_], problem=f"It waits for itself: {shown}."
                )
            told |= set(circle)


def _needs(stack: Stack, resource: Resource) -> list[str]:
    named = {
        id_
        for value in walk(resource.body)
        if function_of(value)
        for id_ in references(text(value))
    }
    named |= {one for one in as_list(resource.body.get("DependsOn")) if isinstance(one, str)}
    # One that names itself is found by cfn-lint.
    return sorted((named & stack.resources.keys()) - {resource.id})


def _circle(needs: dict[str, list[str]], start: str) -> list[str]:
    """The shortest way from a resource back to itself, or nothing."""
    ways, seen = [[start]], {start}
    for way in ways:
        for needed in needs[way[-1]]:
            if needed == start:
                return way
            if needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return []
