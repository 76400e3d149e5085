"""What an approver reads of a change set, as CloudFormation describes it."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from golden_path.rules.data import STATEFUL

from tests.tooling import tool_of

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
    return tool_of(service, "changes")


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
