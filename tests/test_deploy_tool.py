"""`make deploy`: what it says last where the SAM CLI has failed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.tooling import tool_of

STACK = "items-service-dev"
Row = dict[str, Any]


def event(name: str, status: str, reason: str, ago: int = 0) -> Row:
    """What a stack tells of a resource: after the deployment began, or long ago."""
    moment = datetime.now(UTC) + timedelta(hours=1, seconds=-ago)
    told = {"LogicalResourceId": name, "ResourceStatus": status, "Timestamp": moment}
    return told | ({"ResourceStatusReason": reason} if reason else {})


BEGUN = event(STACK, "UPDATE_IN_PROGRESS", "User Initiated")
FAILED = event("Table", "UPDATE_FAILED", "throttled")
FOLLOWS = event("Worker", "UPDATE_FAILED", "Resource update cancelled")
HOOK = event("ItemsFunctionAliaslive", "UPDATE_FAILED", "PreTrafficFunction reported Failed")


class CloudFormation:
    """Stands for a session, and for the client of a stack with these events, the newest first."""

    def __init__(self, *events: Row) -> None:
        self._events = events

    def client(self, _: str) -> CloudFormation:
        return self

    def get_paginator(self, _: str) -> CloudFormation:
        return self

    def paginate(self, **_: str) -> list[Row]:
        return [{"StackEvents": self._events, "Summaries": []}]


@pytest.fixture
def deploy(default_service: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, whose SAM CLI fails."""
    for name in ("deploy", "stack", "validations"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    tool = tool_of(default_service, "deploy")
    monkeypatch.setattr(sys, "argv", ["deploy.py", "dev", STACK, "eu-west-1"])
    monkeypatch.setattr(tool, "settings", lambda *_: ({}, {}))
    monkeypatch.setattr(tool, "delivery", lambda *_: ("", ""))
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(tool.subprocess, "run", lambda *_, **__: failed)
    return tool


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([FOLLOWS, FAILED, BEGUN], ["Mend this and deploy again: Table: throttled"]),
        (
            [HOOK, BEGUN],
            [
                "Mend this and deploy again: ItemsFunctionAliaslive: PreTrafficFunction reported"
                " Failed",
                "What the hook before traffic has found: make logs ENV=dev FN=pre-traffic SINCE=1h",
            ],
        ),
        (
            [event("Table", "CREATE_FAILED", ""), BEGUN],
            ["Mend this and deploy again: Table: CREATE_FAILED"],
        ),
        ([event("Table", "UPDATE_FAILED", "of yesterday", ago=86400)], []),
        ([BEGUN, FAILED], []),
    ],
    ids=["first", "hook", "no reason", "earlier", "operation before"],
)
def test_what_failed_first_is_said_last(
    deploy: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    events: list[Row],
    told: list[str],
) -> None:
    monkeypatch.setattr(deploy.boto3, "Session", lambda **_: CloudFormation(*events))
    with pytest.raises(SystemExit) as ended:
        deploy.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == told


def test_a_value_that_nobody_has_written_is_not_deployed(
    deploy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["deploy.py", "dev", STACK, "eu-west-1"])
    monkeypatch.setattr(deploy, "settings", lambda *_: ({"PartnerUrlValue": "change-me"}, {}))
    with pytest.raises(SystemExit, match=r"^Write the value of PartnerUrlValue"):
        deploy.main()
