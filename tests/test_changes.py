"""What an approver reads of a change set, as CloudFormation describes it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, WaiterError
from golden_path.rules.data import STATEFUL

Row = dict[str, Any]

TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"


@pytest.fixture(scope="module")
def service(default_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, since what runs there leaves files behind."""
    return Path(shutil.copytree(default_service, tmp_path_factory.mktemp("changes") / "service"))


@pytest.fixture(scope="module")
def tool(service: Path) -> ModuleType:
    """The service's tools/changes.py."""
    sys.path.insert(0, str(service / "tools"))
    try:
        return import_module("changes")
    finally:
        sys.path.pop(0)


def row(action: str, name: str, kind: str, **more: Any) -> Row:
    """A change as DescribeChangeSet tells it."""
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": name,
            "ResourceType": kind,
            **more,
        },
    }


def described(*changes: Row, **parameters: str) -> Row:
    return {
        "StackName": "items-service-prod",
        "ChangeSetName": "release-1",
        "Changes": list(changes),
        "Parameters": rows(parameters),
    }


def rows(parameters: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


def template(**resources: Any) -> Row:
    return {"Resources": resources}


def of(kind: str, properties: Any = None, **more: Any) -> Row:
    return {"Type": kind, "Properties": properties or {}, **more}


def test_a_new_function_is_added_and_nothing_is_shouted(tool: ModuleType) -> None:
    found = tool.between(
        described(row("Add", "NightlyFunction", FUNCTION)),
        template(),
        template(NightlyFunction=of(FUNCTION)),
        [],
    )
    assert found.text().splitlines()[1:] == ["  added", f"    NightlyFunction ({FUNCTION})"]
    assert found.line() == "1 added. added: NightlyFunction."


def test_a_changed_timeout_is_told_from_and_to(tool: ModuleType) -> None:
    found = tool.between(
        described(row("Modify", "ItemsFunction", FUNCTION, Replacement="False")),
        template(ItemsFunction=of(FUNCTION, {"Timeout": 6, "MemorySize": 512})),
        template(ItemsFunction=of(FUNCTION, {"Timeout": 10, "MemorySize": 512})),
        [],
    )
    assert found.text().splitlines()[1:] == [
        "  changed",
        f"    ItemsFunction ({FUNCTION})",
        "      Timeout: 6 -> 10",
    ]
    assert found.line() == "1 changed. changed: ItemsFunction (Timeout: 6 -> 10)."


@pytest.mark.parametrize(
    ("replacement", "loudly"), [("True", "IS REPLACED"), ("Conditional", "MAY BE REPLACED")]
)
def test_a_table_whose_key_changes_is_shouted_first(
    tool: ModuleType, replacement: str, loudly: str
) -> None:
    def keyed(name: str) -> Row:
        key = {"KeySchema": [{"AttributeName": name, "KeyType": "HASH"}]}
        return of(TABLE, key, DeletionPolicy="Delete", UpdateReplacePolicy="Retain")

    found = tool.between(
        described(
            row("Add", "Another", QUEUE), row("Modify", "Table", TABLE, Replacement=replacement)
        ),
        template(Table=keyed("pk")),
        template(Table=keyed("id"), Another=of(QUEUE)),
        [],
    )
    lines = found.text().splitlines()
    assert lines[1] == (
        f"  !!! Table ({TABLE}) {loudly}:"
        " it stays behind with what it holds, and the service uses it no more."
    )
    assert "      KeySchema[0].AttributeName: pk -> id" in lines
    assert found.line().startswith(f"!!! Table {loudly}. ")


@pytest.mark.parametrize(
    ("policy", "fate"),
    [
        ({}, "it is deleted with what it holds"),
        ({"DeletionPolicy": "Retain"}, "it stays behind"),
        ({"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Retain"}, "a snapshot"),
    ],
    ids=str,
)
def test_a_removed_queue_is_shouted_with_what_becomes_of_it(
    tool: ModuleType, policy: dict[str, str], fate: str
) -> None:
    found = tool.between(
        described(row("Remove", "WorkerQueue", QUEUE)),
        template(WorkerQueue=of(QUEUE, **policy)),
        template(),
        [],
    )
    shouted = found.text().splitlines()[1]
    assert shouted.startswith(f"  !!! WorkerQueue ({QUEUE}) IS REMOVED: ")
    assert fate in shouted
    assert found.line().startswith("!!! WorkerQueue IS REMOVED. 1 removed.")


def test_what_holds_no_data_is_removed_without_a_shout(tool: ModuleType) -> None:
    alarm = "AWS::CloudWatch::Alarm"
    found = tool.between(
        described(row("Remove", "Alarm", alarm)), template(Alarm=of(alarm)), template(), []
    )
    assert "!!!" not in found.text() + found.line()


def test_what_the_rules_keep_is_shouted(tool: ModuleType) -> None:
    assert set(STATEFUL) - tool.STATEFUL == set(), "its loss would not be shouted"


def test_a_release_by_itself_is_one_line_and_not_a_change_of_everything(tool: ModuleType) -> None:
    version, alias = "AWS::Lambda::Version", "AWS::Lambda::Alias"

    def released(release: str, digest: str) -> Row:
        name = f"ItemsFunctionVersion{digest}"
        return template(
            **{
                "ItemsFunction": of(FUNCTION, {"Description": release}),
                name: of(version, {"FunctionName": {"Ref": "ItemsFunction"}}),
                "Live": of(alias, {"FunctionVersion": {"Fn::GetAtt": [name, "Version"]}}),
            }
        )

    old, new = "a" * 64, "b" * 64
    found = tool.between(
        described(
            row("Modify", "ItemsFunction", FUNCTION, Replacement="False"),
            row("Remove", "ItemsFunctionVersion0123456789", version),
            row("Add", "ItemsFunctionVersionabcdef0123", version),
            row("Modify", "Live", alias, Replacement="False"),
            Release=new,
        ),
        released(old, "0123456789"),
        released(new, "abcdef0123"),
        rows({"Release": old}),
    )
    assert found.text().splitlines()[1:] == [
        "  parameters: Release: aaaaaaaaaaaa -> bbbbbbbbbbbb",
        "  new versions: ItemsFunction",
        "  changed by what they refer to: ItemsFunction, Live",
    ]


def test_a_changed_parameter_is_told_where_it_arrives(tool: ModuleType) -> None:
    function = of(FUNCTION, {"Environment": {"Variables": {"LEVEL": {"Ref": "LogLevel"}}}})
    detail = {
        "Target": {"Attribute": "Properties", "Name": "Environment", "RequiresRecreation": "Never"},
        "Evaluation": "Static",
        "ChangeSource": "ParameterReference",
        "CausingEntity": "LogLevel",
    }
    found = tool.between(
        described(
            row("Modify", "F", FUNCTION, Replacement="False", Details=[detail, detail]),
            LogLevel="DEBUG",
        ),
        template(F=function),
        template(F=function),
        rows({"LogLevel": "INFO"}),
    )
    assert "      Environment: by the parameter LogLevel" in found.text()
    assert found.text().endswith("\n  parameters: LogLevel: INFO -> DEBUG")


def test_a_new_permission_is_told_by_what_comes(tool: ModuleType) -> None:
    role = "AWS::IAM::Role"
    found = tool.between(
        described(row("Modify", "Role", role, Replacement="False")),
        template(Role=of(role, {"Action": ["s3:GetObject"]})),
        template(Role=of(role, {"Action": ["s3:GetObject", "s3:PutObject"]})),
        [],
    )
    assert "      Action: with s3:PutObject" in found.text()


def test_of_long_values_the_difference_is_shown(tool: ModuleType) -> None:
    found = tool.between(
        described(row("Modify", "F", FUNCTION, Replacement="False")),
        template(F=of(FUNCTION, {"Description": "x" * 500 + "old"})),
        template(F=of(FUNCTION, {"Description": "x" * 500 + "new"})),
        [],
    )
    last = found.text().splitlines()[-1]
    assert "old -> ..." in last
    assert last.endswith("new")
    assert len(last) < 250


def test_the_line_of_an_approval_is_never_too_long_and_begins_with_what_is_shouted(
    tool: ModuleType,
) -> None:
    names = [f"Queue{number}" for number in range(200)]
    found = tool.between(
        described(row("Remove", "Table", TABLE), *(row("Add", name, QUEUE) for name in names)),
        template(Table=of(TABLE)),
        template(**{name: of(QUEUE) for name in names}),
        [],
    )
    line = found.line()
    assert len(line) == tool.LIMIT == 1000
    assert line.startswith("!!! Table IS REMOVED. 1 removed, 200 added. ")
    assert line.endswith(" ... more in the log")
    assert line.isascii()


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
    def get_paginator(self, name): return Pages(name)
class Pages:
    def __init__(self, name): self.file = pathlib.Path(f"{name}.json")
    def paginate(self, **key):
        found = json.loads(self.file.read_text())
        assert key["ChangeSetName"] in ("release-1", found["ChangeSetId"]), key
        return [found]
class Session:
    def __init__(self, region_name): pass
    def client(self, name): return Client()
'''


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
        return [{"StackEvents": [event | {"ResourceStatusReason": "throttled"}]}]


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
