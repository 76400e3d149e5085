"""GP10x: which role a function runs with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import dig, text
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack


def boundary(stack: Stack) -> str:
    """The ARN of the boundary that the answers name, empty when they name none."""
    name = dig(stack.answers.data if stack.answers else None, "permissions_boundary")
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{name}" if name else ""


class ExplicitRole(Rule):
    id = "GP101"
    title = "A function has a role that the template writes out"
    style = True
    why = "The role that SAM makes by itself carries managed policies, which allow far more."
    mend = "Write an AWS::IAM::Role beside the function and set `Role: !GetAtt <Name>Role.Arn`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            written = [
                role
                for role in stack.roles_of(function)
                if dig(stack.source.data, "Resources", role.id, "Type") == "AWS::IAM::Role"
            ]
            if not written:
                problem = "Its role is none that this template writes out."
                yield self.found(stack, function, "Role", problem=problem)


class OwnRole(Rule):
    id = "GP102"
    title = "No two functions share a role"
    style = True
    why = "A shared role gives each function the permissions of the other."
    mend = "Give each function a role of its own, with only what that function needs."

    def check(self, stack: Stack) -> Iterator[Finding]:
        users: dict[str, list[Resource]] = defaultdict(list)
        for function in stack.functions.values():
            for role in stack.roles_of(function):
                users[role.id].append(function)
        for role, functions in users.items():
            for function in functions[1:]:
                problem = f"It shares {role} with {functions[0].id}."
                yield self.found(stack, function, "Role", problem=problem)


class NoManagedPolicies(Rule):
    id = "GP103"
    title = "No managed policies, neither attached nor made by SAM"
    style = True
    why = "A managed policy grants what its owner thinks of, on every resource, and can change."
    mend = "Name the actions and resources in a statement of the role's own inline policy."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for role in stack.of_type("AWS::IAM::Role"):
            if role.get("ManagedPolicyArns"):
                problem = f"{role.id} has managed policies."
                yield self.found(stack, role, "ManagedPolicyArns", problem=problem)
        for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
            problem = f"{policy.id} is a managed policy."
            yield self.found(stack, policy, problem=problem)
        for function in stack.functions.values():
            properties = dig(stack.source.data, "Resources", function.id, "Properties")
            # Beside a role of its own, SAM drops these without a word.
            if dig(properties, "Policies") and dig(properties, "Role"):
                problem = "SAM ignores `Policies` where a function has a `Role`."
                yield self.found(stack, function, "Policies", problem=problem)


class Bounded(Rule):
    id = "GP104"
    title = "Every role has the permissions boundary that the answers name"
    why = "Without it a role may do what the platform forbids, or the account lets nobody make it."
    mend = (
        "Set `PermissionsBoundary` to the policy of `permissions_boundary` in the stack's account; "
        "write out a role that SAM would make."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        wanted = boundary(stack)
        for role in stack.of_type("AWS::IAM::Role") if wanted else ():
            if any(text(form) != wanted for form in stack.forms(role, "PermissionsBoundary")):
                which = "another" if role.get("PermissionsBoundary") else "no"
                problem = f"{role.id} has {which} boundary, by the answers it is {wanted}."
                yield self.found(stack, role, "PermissionsBoundary", problem=problem)
