"""Whom a statement of a role's trust, or of a resource's own policy, lets in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from golden_path.intrinsics import as_list, dig
from golden_path.stack import Resource, Stack, matches

# Everybody, or everybody in an account: `*`, an account's number, its root.
_WIDE = re.compile(r".*\*.*|.*:root|\d{12}|\$\{AWS::AccountId\}")
EQUALS = ("StringEquals", "ArnEquals")
LIKE = (*EQUALS, "StringLike", "ArnLike")


def allowing(stack: Stack, resource: Resource, policy: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The statements of a policy that let somebody in, with their number in it."""
    for form in stack.forms(resource, policy):
        for number, statement in enumerate(as_list(dig(form, "Statement"))):
            if dig(statement, "Effect") == "Allow":
                yield number, statement


def trusted(stack: Stack, statement: dict[str, Any]) -> set[str]:
    """Whom it lets in: instead of a whole account, those of it that a condition names."""
    named = set(stack.texts(statement.get("Principal")))
    if "NotPrincipal" in statement:
        named.add("*")
    chosen = set(wanted(stack, statement, "aws:PrincipalArn", *LIKE))
    if not chosen:
        return named
    return {one for one in named if not is_wide(one)} | chosen


def is_wide(principal: str) -> bool:
    """Whether more than one role is meant."""
    return _WIDE.fullmatch(principal) is not None


def covers(principal: str, role: str) -> bool:
    """Whether a role is meant, by its name or with its whole account."""
    return matches(principal, role) or matches(principal.replace(":root", ":role/*"), role)


def wanted(stack: Stack, statement: dict[str, Any], key: str, *operators: str) -> list[str]:
    """What a condition of the statement wants a key to be."""
    return stack.texts(conditions(statement, key, *operators))


def conditions(statement: Any, key: str, *operators: str) -> list[Any]:
    """What the statement's conditions on a key compare it with, as it is written."""
    return [
        values
        for operator in operators
        for name, values in _entries(dig(statement, "Condition", operator))
        if name.lower() == key.lower()
    ]


def _entries(condition: Any) -> list[tuple[str, Any]]:
    entries = condition.items() if isinstance(condition, dict) else ()
    return [(str(name), values) for name, values in entries]
