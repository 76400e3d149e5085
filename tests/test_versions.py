"""Versions of functions that stay: of a function without an alias, and of a stack that changes."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import Render

STACK = "items-service-dev"


@pytest.fixture(scope="module")
def tool(render: Render) -> ModuleType:
    """The service's tools/versions.py."""
    sys.path.insert(0, str(render() / "tools"))
    try:
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        return import_module("versions")
    finally:
        sys.dont_write_bytecode = before
        sys.path.pop(0)


class AWS:
    """A stack with one function, which has versions and no alias, and one that was deleted."""

    def __init__(self, status: str, versions: int) -> None:
        self.status, self.versions = status, versions
        self.deleted: list[str] = []

    def client(self, _: str) -> AWS:
        return self

    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_paginator(self, operation: str) -> Any:
        return getattr(self, operation)

    @property
    def list_stack_resources(self) -> Pages:
        rows = [("Items", "UPDATE_COMPLETE"), ("Gone", "DELETE_COMPLETE")]
        found = [
            {"PhysicalResourceId": name, "ResourceType": "AWS::Lambda::Function"}
            | {"ResourceStatus": status}
            for name, status in rows
        ]
        return Pages({"StackResourceSummaries": found})

    @property
    def list_versions_by_function(self) -> Pages:
        numbers = ["$LATEST", *map(str, range(1, self.versions + 1))]
        return Pages(
            {"Versions": [{"Version": number, "FunctionArn": number} for number in numbers]}
        )

    @property
    def list_aliases(self) -> Pages:
        return Pages({"Aliases": []})

    def delete_function(self, FunctionName: str, Qualifier: str) -> None:  # noqa: N803 - as AWS
        assert FunctionName == "Items"
        self.deleted.append(Qualifier)


class Pages:
    def __init__(self, page: Any) -> None:
        self.page = page

    def paginate(self, **key: str) -> Any:
        assert key in ({"StackName": STACK}, {"FunctionName": "Items"})
        return [self.page]


def test_of_a_function_without_an_alias_the_newest_stay(tool: ModuleType) -> None:
    aws = AWS("UPDATE_COMPLETE", tool.KEPT + 2)
    tool.prune(aws, STACK)
    assert aws.deleted == ["1", "2"]


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_nothing_is_removed_while_the_stack_changes(tool: ModuleType, status: str) -> None:
    aws = AWS(status, 99)
    with pytest.raises(tool.StackChangesError, match="Wait until it is at rest"):
        tool.prune(aws, STACK)
    assert aws.deleted == []
