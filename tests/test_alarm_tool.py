"""`make test-alarm`: an alarm goes off, and whom it tells is said."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AWS = '''
"""Answers for boto3, and records what is asked to change."""
import json, pathlib, sys
class Pages:
    def __init__(self, *pages): self.pages = pages
    def paginate(self, **_): return self.pages
class Client:
    def __init__(self, name): self.name = name
    def get_paginator(self, call):
        if call == "list_stack_resources":
            found = {"AlarmTopic": "arn:topic", "ItemsErrorsAlarm": "s-dev-ItemsErrorsAlarm-1"}
            rows = [{"LogicalResourceId": k, "PhysicalResourceId": v} for k, v in found.items()]
            return Pages({"StackResourceSummaries": rows})
        return Pages({"Subscriptions": json.loads(pathlib.Path("told.json").read_text())})
    def get_caller_identity(self): return {"Account": "111122223333"}
    def set_alarm_state(self, **given): pathlib.Path("set.json").write_text(json.dumps(given))
class Session:
    def __init__(self, region_name): pass
    def client(self, name, **_): return Client(name)
'''


@pytest.fixture
def test_alarm(
    default_service: Path, tmp_path: Path
) -> Callable[[list[dict[str, str]]], subprocess.CompletedProcess[str]]:
    """Run what `make test-alarm` runs, with a stand-in for AWS."""

    def run(told: list[dict[str, str]]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "boto3.py").write_text(AWS)
        (tmp_path / "told.json").write_text(json.dumps(told))
        return subprocess.run(
            [sys.executable, default_service / "tools/alarm.py", "s-dev", "eu-west-1"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            # A shared render is left as it is.
            env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        )

    return run


def test_an_alarm_is_let_go_off_and_whom_it_tells_is_said(test_alarm: Any, tmp_path: Path) -> None:
    done = test_alarm([{"SubscriptionArn": "arn:1", "Endpoint": "team@example.com"}])
    assert done.returncode == 0, done.stderr
    assert "team@example.com" in done.stdout
    given = json.loads((tmp_path / "set.json").read_text())
    assert given["AlarmName"] == "s-dev-ItemsErrorsAlarm-1"
    assert given["StateValue"] == "ALARM"
    assert "nothing is wrong" in given["StateReason"]


def test_an_address_that_was_not_confirmed_is_told_of(test_alarm: Any, tmp_path: Path) -> None:
    done = test_alarm([{"SubscriptionArn": "PendingConfirmation", "Endpoint": "team@example.com"}])
    assert done.returncode == 1
    assert "Not confirmed, and told nothing: team@example.com" in done.stderr
    assert "nobody is told of alarms" in done.stderr
    assert not (tmp_path / "set.json").exists()
