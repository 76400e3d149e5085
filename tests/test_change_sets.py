"""What is told of change sets that fail, that change nothing, and of how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, WaiterError

from tests.tooling import tool_of

Row = dict[str, Any]
Run = Callable[..., subprocess.CompletedProcess[str]]

ARN = "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/release-1/0"
VALIDATION = {
    "Timestamp": "2026-11-27T12:00:00Z",
    "OperationId": "1",
    "EventType": "VALIDATION_ERROR",
    "LogicalResourceId": "WorkerQueue",
    "ValidationFailureMode": "FAIL",
    "ValidationStatusReason": "Unsupported property [Visibility]",
    "ValidationPath": "/Resources/WorkerQueue/Properties/Visibility",
}
QUOTA = {
    "Timestamp": "2026-11-27T12:00:00Z",
    "OperationId": "1",
    "EventType": "VALIDATION_ERROR",
    "LogicalResourceId": "WorkerRole",
    "ValidationFailureMode": "WARN",
    "ValidationStatusReason": "The quota of roles is exceeded",
}

AWS = '''
"""Stands for boto3, and answers from one file."""
import json, pathlib
class Client:
    def get_caller_identity(self): return {"Account": "111122223333"}
    def get_paginator(self, name): return Pages(name)
class Pages:
    def __init__(self, name): self.file = pathlib.Path(f"{name}.json")
    def paginate(self, **key):
        found = json.loads(self.file.read_text())
        assert key["ChangeSetName"] in ("release-1", found["ChangeSetId"]), key
        return [found]
class Session:
    def __init__(self, region_name): pass
    def client(self, name, **_): return Client()
'''


@pytest.fixture(scope="module")
def service(default_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, since what runs there leaves files behind."""
    return Path(shutil.copytree(default_service, tmp_path_factory.mktemp("changes") / "service"))


@pytest.fixture(scope="module")
def tool(service: Path) -> ModuleType:
    """The service's tools/changes.py."""
    return tool_of(service, "changes")


@pytest.fixture
def run(service: Path, tmp_path: Path) -> Run:
    """Run the tool of a change set that has failed."""
    (tmp_path / "boto3.py").write_text(AWS)

    def of_change_set(found: Row, *events: Row) -> subprocess.CompletedProcess[str]:
        for name, told in (
            ("describe_change_set", found),
            ("describe_events", {"OperationEvents": events}),
        ):
            (tmp_path / f"{name}.json").write_text(json.dumps({"ChangeSetId": ARN} | told))
        tool = service / "tools/changes.py"
        return subprocess.run(
            [sys.executable, tool, "items-service-prod", "eu-west-1", "release-1"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return of_change_set


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to"
        " create a change set.",
        "No updates are to be performed.",
    ],
)
def test_a_change_set_without_changes_says_so(run: Run, reason: str) -> None:
    done = run({"Status": "FAILED", "StatusReason": reason, "Changes": []})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "items-service-prod, change set release-1\n  Nothing changes.\n"


def test_a_change_set_that_failed_is_refused_in_a_sentence(run: Run) -> None:
    done = run({"Status": "FAILED", "StatusReason": "Parameters: [X] must exist", "Changes": []})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == "Make release-1 again, it has failed: Parameters: [X] must exist"


def test_a_change_set_that_was_refused_early_is_explained(run: Run) -> None:
    # Its own reason names DescribeEvents, and nothing of the template.
    reason = "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]."
    progress = {"OperationId": "1", "EventType": "PROGRESS_EVENT", "Timestamp": "2026-11-27"}
    failed = {"Status": "FAILED", "StatusReason": reason, "Changes": []}
    done = run(failed, progress, VALIDATION, QUOTA)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Make release-1 again, it has failed: {reason}",
        "  WorkerQueue: Unsupported property [Visibility]"
        " (/Resources/WorkerQueue/Properties/Visibility)",
    ]


def test_a_warning_reaches_the_approver(tool: ModuleType) -> None:
    class CloudFormation:
        """Tells the events of a change set."""

        def get_paginator(self, _: str) -> CloudFormation:
            return self

        def paginate(self, **_: str) -> list[Row]:
            return [{"OperationEvents": [VALIDATION, QUOTA]}]

    warnings = tool.validations.found(CloudFormation(), "WARN", ChangeSetName=ARN)
    found = tool.Changes("items-service-prod", [], warnings=warnings)
    told = "! WorkerRole: The quota of roles is exceeded"
    assert f"  {told}" in found.text().splitlines()
    assert found.line() == f"Nothing changes. {told}."


@pytest.mark.parametrize("status", ["FAILED", "CREATE_COMPLETE"])
def test_of_what_sam_has_tried_the_newest_change_set_is_explained(
    tool: ModuleType, status: str
) -> None:
    class CloudFormation:
        """Has two change sets of a stack, of which the newer has the status."""

        def get_paginator(self, name: str) -> Any:
            return getattr(self, name)

        class list_change_sets:  # noqa: N801 - as it is called
            @staticmethod
            def paginate(StackName: str) -> list[Row]:  # noqa: N803 - as AWS has it
                assert StackName == "items-service-dev"
                older = {"Status": "FAILED", "ChangeSetId": "older", "CreationTime": 1}
                newer = {"Status": status, "ChangeSetId": ARN, "CreationTime": 2}
                return [{"Summaries": [newer, older]}]

        class describe_events:  # noqa: N801 - as it is called
            @staticmethod
            def paginate(ChangeSetName: str) -> list[Row]:  # noqa: N803 - as AWS has it
                assert ChangeSetName == ARN
                return [{"OperationEvents": [VALIDATION]}]

    reasons = tool.validations.of_newest(CloudFormation(), "items-service-dev")
    assert [reason.partition(":")[0] for reason in reasons] == (
        ["WorkerQueue"] if status == "FAILED" else []
    )


def test_what_may_not_be_read_names_the_command_that_allows_it(tool: ModuleType) -> None:
    class Denied:
        """Denies, as IAM does where the account's stack is older."""

        def get_paginator(self, _: str) -> Denied:
            return self

        def paginate(self, **_: str) -> list[Row]:
            denied = {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}
            raise ClientError(denied, "DescribeEvents")

    (sentence,) = tool.validations.found(Denied(), "WARN", ChangeSetName=ARN)
    assert sentence.startswith("Allow cloudformation:DescribeEvents to see what was validated: ")


class Executed:
    """Stands for CloudFormation, where a change set is executed, well or not."""

    exceptions = type("Exceptions", (), {"ChangeSetNotFoundException": KeyError})

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails

    def client(self, _: str) -> Executed:
        return self

    def describe_change_set(self, **_: str) -> Row:
        return {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}

    def describe_stacks(self, **_: str) -> Row:
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]}

    def execute_change_set(self, **_: str) -> None:
        pass

    def get_waiter(self, _: str) -> Executed:
        return self

    def wait(self, **_: Any) -> None:
        if self.fails:
            raise WaiterError("stack_update_complete", "it goes back", {})

    def get_paginator(self, _: str) -> Executed:
        return self

    def paginate(self, **_: str) -> list[Row]:
        event = {"LogicalResourceId": "Table", "ResourceStatus": "UPDATE_FAILED"}
        event |= {"Timestamp": datetime.now(UTC), "ResourceStatusReason": "throttled"}
        return [{"StackEvents": [event]}]


@pytest.mark.parametrize("fails", [False, True])
def test_versions_that_cannot_be_removed_change_nothing_of_how_a_release_ends(
    service: Path,
    fails: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(str(service / "tools"))
    tool = import_module("change_set")

    def prune(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="lambda")

    monkeypatch.setattr(tool.versions, "prune", prune)
    change_set = tool.ChangeSet(Executed(fails=fails), "items-service-prod", "release-1")
    # when
    if fails:
        with pytest.raises(SystemExit, match="not as the change set says: Table: throttled"):
            change_set.execute()
    else:
        change_set.execute()
    # then
    told = capsys.readouterr().out
    assert told.startswith(
        "Versions stay. Run `make bootstrap` if that is denied: Could not connect"
    )
    assert ("is as the change set says." in told) is not fails
