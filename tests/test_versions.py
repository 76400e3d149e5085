"""Versions of functions that stay: by aliases, by the stack, and while that changes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from tests.conftest import Render
from tests.tooling import tool_of

STACK = "items-service-dev"


@pytest.fixture(scope="module")
def tool(render: Render) -> ModuleType:
    """The service's tools/versions.py."""
    return tool_of(render(), "versions")


class AWS:
    """A stack with one function, and one that was deleted.

    `live` and others of `aliases` name versions, of which the stack names some.
    """

    def __init__(
        self,
        versions: int,
        named: tuple[int, ...] = (),
        status: str = "UPDATE_COMPLETE",
        **aliases: str,
    ) -> None:
        self.status, self.versions, self.named, self.aliases = status, versions, named, aliases
        self.deleted: list[int] = []

    def client(self, _: str) -> AWS:
        return self

    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_paginator(self, operation: str) -> Any:
        return getattr(self, operation)

    @property
    def list_stack_resources(self) -> Pages:
        rows = [("Items", "Function", "UPDATE_COMPLETE"), ("Gone", "Function", "DELETE_COMPLETE")]
        rows += [(f"Items:{number}", "Version", "UPDATE_COMPLETE") for number in self.named]
        found = [
            {"PhysicalResourceId": name, "ResourceType": f"AWS::Lambda::{kind}"}
            | {"ResourceStatus": status}
            for name, kind, status in rows
        ]
        return Pages({"StackResourceSummaries": found})

    @property
    def list_versions_by_function(self) -> Pages:
        numbers = ["$LATEST", *map(str, range(1, self.versions + 1))]
        found = [{"Version": number, "FunctionArn": f"Items:{number}"} for number in numbers]
        return Pages({"Versions": found})

    @property
    def list_aliases(self) -> Pages:
        named = self.aliases.items()
        return Pages({"Aliases": [{"Name": name, "FunctionVersion": at} for name, at in named]})

    def delete_function(self, FunctionName: str, Qualifier: str) -> None:  # noqa: N803 - as AWS
        assert FunctionName == f"Items:{Qualifier}"
        self.deleted.append(int(Qualifier))


class Pages:
    def __init__(self, page: Any) -> None:
        self.page = page

    def paginate(self, **key: str) -> Any:
        assert key in ({"StackName": STACK}, {"FunctionName": "Items"})
        return [self.page]


REMOVED = {
    "of a function without an alias the newest stay": (AWS(12), [1, 2]),
    "an alias of what was written last is none": (AWS(12, live="$LATEST"), [1, 2]),
    "what is newer than live and the stack was refused": (AWS(11, (9,), live="9"), [10, 11]),
    "what a rollback has passed by has served": (AWS(9, (9,), live="5"), []),
    "what another alias names is kept, and moves no border": (
        AWS(30, (20,), live="20", team="30", oldest="2", latest="$LATEST"),
        [1, *range(3, 10), *range(21, 30)],
    ),
}


@pytest.mark.parametrize("case", REMOVED)
def test_what_nothing_needs_is_removed(tool: ModuleType, case: str) -> None:
    aws, removed = REMOVED[case]
    tool.prune(aws, STACK)
    assert aws.deleted == removed


def test_a_version_to_which_traffic_shifts_stays(tool: ModuleType) -> None:
    class Shifting(AWS):
        @property
        def list_aliases(self) -> Pages:
            shifting = {"AdditionalVersionWeights": {"11": 0.1}}
            live = {"Name": "live", "FunctionVersion": "10", "RoutingConfig": shifting}
            return Pages({"Aliases": [live]})

    aws = Shifting(12, (10,))
    tool.prune(aws, STACK)
    assert aws.deleted == [12]


def test_what_is_published_after_the_stack_was_seen_at_rest_stays(tool: ModuleType) -> None:
    class Released(AWS):
        def describe_stacks(self, **_: str) -> Any:
            found = super().describe_stacks()
            self.versions += 1  # and the stack changes
            return found

    aws = Released(9, (9,), live="9")
    tool.prune(aws, STACK)
    assert aws.deleted == []


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_nothing_is_removed_while_the_stack_changes(tool: ModuleType, status: str) -> None:
    aws = AWS(99, status=status)
    with pytest.raises(tool.StackChangesError, match="Wait until it is at rest"):
        tool.prune(aws, STACK)
    assert aws.deleted == []
