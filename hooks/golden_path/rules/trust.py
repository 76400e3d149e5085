"""GP92x: who may become a role, and which roles it may make and hand on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.rules.base import Rule
from golden_path.rules.roles import boundary
from golden_path.stack import Stack, Statement, matches
from golden_path.trust import EQUALS, LIKE, allowing, is_wide, trusted, wanted

_TRUST = "AssumeRolePolicyDocument"
_GITHUB = "token.actions.githubusercontent.com"
# One environment of one repository.
_SUBJECT = re.compile(r"repo:([^*?:/$]+/[^*?:/]+|\$\{[A-Za-z0-9]+\}):environment:[^*?:]+")
# One role, or those whose names begin with that of a stack, of which CloudFormation keeps 25
# characters at least when it makes a name.
_ROLES = re.compile(r"[^*?]*:role/([^*?]+(-\*)?|[^*?$]{25,}\*)|\$\{[A-Za-z0-9]+\.Arn\}")


class NamedTrust(Rule):
    id = "GP921"
    title = "A role is trusted to whom it names"
    why = "Trust in a whole account is trust in everybody who may ever make a role there."
    mend = (
        "Name the role that may become it; where that role may be missing, trust the account's "
        "root with `ArnEquals` on `aws:PrincipalArn`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for role in stack.of_type("AWS::IAM::Role"):
            for number, statement in allowing(stack, role, _TRUST):
                wide = sorted(one for one in trusted(stack, statement) if is_wide(one))
                if wide:
                    problem = f"It is trusted to {', '.join(wide)}."
                    path = (_TRUST, "Statement", number)
                    yield self.found(stack, role, *path, problem=problem)


class ExactSubject(Rule):
    id = "GP922"
    title = "A role for GitHub Actions is trusted to one repository and one environment of it"
    why = "GitHub signs tokens for every repository there is: the subject alone tells them apart."
    mend = (
        f"Want `{_GITHUB}:aud` and `{_GITHUB}:sub` by `StringEquals`, the subject without "
        "wildcards, as in repo:OWNER/NAME:environment:prod."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for role in stack.of_type("AWS::IAM::Role"):
            for number, statement in allowing(stack, role, _TRUST):
                if not any(_GITHUB in one for one in stack.texts(statement.get("Principal"))):
                    continue
                path = (_TRUST, "Statement", number)
                subjects = wanted(stack, statement, f"{_GITHUB}:sub", "StringEquals")
                if not subjects or not all(_SUBJECT.fullmatch(one) for one in subjects):
                    problem = f"It is trusted to {', '.join(subjects) or 'any subject'}."
                    yield self.found(stack, role, *path, problem=problem)
                if wanted(stack, statement, f"{_GITHUB}:aud", "StringEquals") != [
                    "sts.amazonaws.com"
                ]:
                    problem = "It is trusted to tokens that are not for AWS."
                    yield self.found(stack, role, *path, problem=problem)


class NarrowPassRole(Rule):
    id = "GP923"
    title = "A role hands on roles of its own stack alone, each to the service it is for"
    why = "Who may hand on any role, to anything, has the permissions of them all."
    mend = (
        "Allow iam:PassRole in a statement of its own, on one role or on the roles of one stack "
        "(`…:role/STACK-*`), with `StringEquals` on `iam:PassedToService`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for statement in stack.statements:
            if not statement.allows("iam:PassRole"):
                continue
            wide = [name for name in statement.resources if not _ROLES.fullmatch(name)]
            if wide or not statement.resources:
                problem = f"It hands on {', '.join(wide) or 'every role'}."
                path = (*statement.path, "Resource")
                yield self.found(stack, statement.holder, *path, problem=problem)
            # A pattern without a wildcard is compared as it stands.
            services = wanted(stack, statement.body, "iam:PassedToService", *LIKE)
            if not services or any("*" in service for service in services):
                problem = "It hands roles on to any service."
                yield self.found(stack, statement.holder, *statement.path, problem=problem)


class BoundedRoles(Rule):
    id = "GP924"
    title = "Who makes roles makes none without the boundary that the answers name"
    why = "A role without the boundary may do what the platform forbids, and so may its maker."
    mend = (
        "Allow these actions with `StringEquals` on `iam:PermissionsBoundary`, and never "
        "iam:DeleteRolePermissionsBoundary."
    )
    making = (
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        name = boundary(stack)
        for statement in stack.statements if name else ():
            if problem := self._wrong(stack, statement, name):
                yield self.found(stack, statement.holder, *statement.path, problem=problem)

    def _wrong(self, stack: Stack, statement: Statement, name: str) -> str:
        if statement.allows("iam:DeleteRolePermissionsBoundary"):
            return "It may take the boundary from a role."
        allowed = [action for action in self.making if statement.allows(action)]
        if allowed and wanted(stack, statement.body, "iam:PermissionsBoundary", *EQUALS) != [name]:
            return f"It allows {', '.join(allowed)} without the boundary {name}."
        return ""


class OutOfReach(Rule):
    id = "GP925"
    title = "No role may change a role that bears a name"
    why = (
        "Other accounts trust a role by its name: who writes its policies or its trust has all "
        "that it may do."
    )
    mend = "Deny these actions on it to whoever may change roles whose names begin alike."
    changing = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy")

    def check(self, stack: Stack) -> Iterator[Finding]:
        named = {
            f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{name}": role.id
            for role in stack.of_type("AWS::IAM::Role")
            for name in stack.texts(role.get("RoleName"))
        }
        for role in stack.of_type("AWS::IAM::Role"):
            for statement in stack.statements_of(role):
                exposed = {
                    id_
                    for arn, id_ in named.items()
                    for action in self.changing
                    if statement.allows(action)
                    and any(matches(given, arn) for given in statement.resources)
                    and not stack.denies(role, action, arn)
                }
                if exposed:
                    problem = f"{role.id} may change {', '.join(sorted(exposed))}."
                    yield self.found(stack, statement.holder, *statement.path, problem=problem)
