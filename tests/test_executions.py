"""The tool that lets executions go on: which it takes, and what it says of those that stay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Render
from tests.tooling import tool_of

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:items"


class StepFunctions:
    """Stands for a session, and for the client of a machine with these executions."""

    def __init__(self, **days: int) -> None:
        now = datetime.now(UTC)
        self.failed = {name: now - timedelta(days=ago) for name, ago in days.items()}
        self.redriven: list[str] = []

    def client(self, _: str) -> StepFunctions:
        return self

    def get_paginator(self, _: str) -> StepFunctions:
        return self

    def paginate(self, statusFilter: str, **_: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - as AWS has it
        if statusFilter == "FAILED":
            yield {
                "executions": [
                    {"executionArn": name, "name": name, "stopDate": at}
                    for name, at in self.failed.items()
                ]
            }

    def redrive_execution(self, executionArn: str) -> None:  # noqa: N803 - as AWS has it
        if executionArn == "stuck":
            error = {"Code": "ExecutionNotRedrivable", "Message": "its history is full"}
            raise ClientError({"Error": error}, "RedriveExecution")
        self.redriven.append(executionArn)


@pytest.fixture
def tool(render: Render, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("executions", "stack"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    tool = tool_of(render(triggers=["step_functions"], data_store="none"), "executions")
    monkeypatch.setattr(tool, "physical_ids", lambda *_: {"StateMachine": MACHINE, "Logs": "logs"})
    monkeypatch.setattr(sys, "argv", ["executions.py", "items", "eu-west-1", "--yes"])
    return tool


def test_what_may_be_redriven_is_and_what_stays_is_told(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machines = StepFunctions(new=0, stuck=3, old=15)
    monkeypatch.setattr(tool.aws, "session", lambda _: machines)
    with pytest.raises(SystemExit, match="Start these anew, which cannot be redriven: stuck"):
        tool.main()
    said = capsys.readouterr()
    assert machines.redriven == ["new"]
    assert "Executions that have failed: 2, these among them:" in said.out
    assert "Redriven: 1 executions" in said.out
    assert "its history is full" in said.err


def test_where_nothing_has_failed_nobody_is_asked(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool.aws, "session", lambda _: StepFunctions(old=15))
    tool.main()
    assert capsys.readouterr().out == "No execution of items has failed in 14 days.\n"
