"""The tool that stops a function: what it keeps, gives back, and takes again after a deployment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Render
from tests.tooling import tool_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:items"


class Lambda:
    """Stands for a session, and for the client of an account with one function."""

    def __init__(self, reserved: int | None, **tags: str) -> None:
        self.reserved, self.tags = reserved, tags

    def client(self, _: str) -> Lambda:
        return self

    def get_paginator(self, _: str) -> Lambda:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        row = {"LogicalResourceId": "ItemsFunction", "PhysicalResourceId": "items"}
        kind = {"ResourceType": "AWS::Lambda::Function", "ResourceStatus": "UPDATE_COMPLETE"}
        yield {"StackResourceSummaries": [row | kind]}

    def get_function(self, **_: str) -> dict[str, Any]:
        found: dict[str, Any] = {"Configuration": {"FunctionArn": ARN}, "Tags": self.tags}
        kept = {"ReservedConcurrentExecutions": self.reserved}
        return found if self.reserved is None else found | {"Concurrency": kept}

    def get_function_concurrency(self, **_: str) -> dict[str, Any]:
        return {} if self.reserved is None else {"ReservedConcurrentExecutions": self.reserved}

    def put_function_concurrency(self, **given: Any) -> None:
        self.reserved = given["ReservedConcurrentExecutions"]

    def delete_function_concurrency(self, **_: str) -> None:
        self.reserved = None

    def tag_resource(self, **given: Any) -> None:
        self.tags |= given["Tags"]

    def untag_resource(self, **given: Any) -> None:
        self.tags = {
            name: value for name, value in self.tags.items() if name not in given["TagKeys"]
        }

    def list_tags(self, **_: str) -> dict[str, Any]:
        return {"Tags": self.tags}


@pytest.fixture
def switch(render: Render, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("switch", "stack"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tool_of(render(), "switch")


@pytest.mark.parametrize("reserved", [None, 7])
def test_what_was_reserved_is_given_back(switch: ModuleType, reserved: int | None) -> None:
    account = Lambda(reserved, service="items")
    for _ in range(2):  # who stops it again loses nothing
        switch.Function(account, "items", []).stop()
        assert account.reserved == 0
    switch.Function(account, "items", []).start()
    assert account.reserved == reserved
    assert account.tags == {"service": "items"}


def test_what_a_deployment_has_started_is_stopped_again(switch: ModuleType) -> None:
    account = Lambda(None, service="items")
    assert list(switch.kept(account, "items-dev")) == []
    account = Lambda(7, stopped="reserved=7")
    assert list(switch.kept(account, "items-dev")) == ["Items"]
    assert account.reserved == 0
    assert account.tags == {"stopped": "reserved=7"}


def test_what_is_busy_is_not_stopped(switch: ModuleType) -> None:
    def refused(reason: str) -> ClientError:
        error = {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}
        return ClientError({"Error": error, "Reason": reason}, "Invoke")  # type: ignore[typeddict-unknown-key]

    assert switch.stopped(Lambda(0), "items", refused(switch.BUSY))
    assert not switch.stopped(Lambda(5), "items", refused(switch.BUSY))
    assert not switch.stopped(Lambda(0), "items", refused("ConcurrentInvocationLimitExceeded"))


def test_a_smoke_test_tells_what_a_release_has_started(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("switch", "stack"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    smoke = tool_of(render(), "smoke")
    assert smoke._runs_again(Lambda(None, stopped="reserved="), "items")
    assert not smoke._runs_again(Lambda(None, stopped="mappings=1"), "items")
    assert not smoke._runs_again(Lambda(None), "items")
