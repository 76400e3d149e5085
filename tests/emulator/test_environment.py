"""The stack of an environment gets code at once, and goes, by one command each."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Render
from tests.emulator.conftest import PYTHON, OwnService, of_any_language
from tests.emulator.service import Service
from tests.installed import HOSTILE
from tests.languages import Language
from tests.tooling import tool_of

STACK = "items-service-dev"


in_python = pytest.mark.parametrize("language", [PYTHON], indirect=True, ids=str)


@pytest.fixture(scope="module")
def service(own_service: OwnService, language: Language) -> Iterator[Service]:
    """A worker with its table."""
    service = own_service({"worker": "sqs"}, language)
    service.deploy("start")
    yield service
    service.stop()


def destroy(service: Service, *words: str) -> subprocess.CompletedProcess[str]:
    return service.local_aws("run", "make", "destroy", "ENV=dev", *words)


@in_python
def test_code_comes_to_development_at_once(service: Service) -> None:
    # given
    before = service.alias("WorkerFunction")
    with (service.folder / "src/service/handlers/worker.py").open("a") as handler:
        handler.write("\nNEW = True\n")
    # when
    done = service.local_aws("run", "make", "sync")
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    after = service.alias("WorkerFunction")
    assert after["CodeSha256"] != before["CodeSha256"], "callers meet the code of before"
    assert after["Version"] != before["Version"]
    # and the next deployment follows, which CodeDeploy begins where the stack has the alias
    with (service.folder / "src/service/handlers/worker.py").open("a") as handler:
        handler.write("NEWER = True\n")
    service.deploy("deploy")
    assert service.alias("WorkerFunction")["CodeSha256"] != after["CodeSha256"]


@of_any_language
def test_a_shell_changes_nothing_of_what_runs_on_this_machine(service: Service) -> None:
    done = subprocess.run(
        ["make", "test-integration"],
        cwd=service.folder,
        env=os.environ | HOSTILE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)  # FORCE_COLOR is among them
    assert re.search(service.language.passed, said), said


@in_python
def test_an_environment_goes_and_what_holds_data_stays(service: Service) -> None:
    # given
    table, queue = service.resource("Table"), service.resource("WorkerQueue")
    stacks, dynamodb = service.client("cloudformation"), service.client("dynamodb")
    # when nobody has typed its name, or another
    unnamed, misnamed = destroy(service), destroy(service, "NAME=items-service-prod")
    # then nothing is done
    assert f"Add NAME={STACK}: there is no terminal to type it on." in unnamed.stderr
    assert f"Use NAME={STACK}: 'items-service-prod' is not its name." in misnamed.stderr
    for done in (unnamed, misnamed):
        assert done.returncode != 0
        stays = done.stdout.partition("These stay, with what they hold and what they cost:")[2]
        assert f"  Table (AWS::DynamoDB::Table): {table}\n" in stays
        assert f"  WorkerQueue (AWS::SQS::Queue): {queue}\n" in stays
    status = stacks.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
    assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    # when it is typed
    done = destroy(service, f"NAME={STACK}")
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{STACK} is gone." in done.stdout
    assert table in dynamodb.list_tables()["TableNames"]
    assert service.client("lambda").list_functions()["Functions"] == []
    # and once more there is nothing to delete
    again = destroy(service, f"NAME={STACK}")
    assert again.returncode != 0
    assert again.stderr.startswith("Deploy it first"), again.stderr


class Stacks:
    """CloudFormation with one stack of a table, protected or at work as a test says."""

    def __init__(self, **stack: Any) -> None:
        self.stack = {
            "StackName": STACK,
            "StackId": STACK,
            "StackStatus": "CREATE_COMPLETE",
        } | stack

    def client(self, _: str) -> Stacks:
        return self

    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [self.stack]}

    def get_template(self, **_: str) -> Any:
        table = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}
        return {"TemplateBody": {"Resources": {"Table": table}}}

    def get_paginator(self, _: str) -> Stacks:
        return self

    def paginate(self, **_: str) -> Any:
        row = {"LogicalResourceId": "Table", "PhysicalResourceId": "orders", "ResourceStatus": "-"}
        return [{"StackResourceSummaries": [row | {"ResourceType": "AWS::DynamoDB::Table"}]}]

    def delete_stack(self, **_: str) -> None:
        self.stack["StackStatus"] = "DELETE_FAILED"
        self.stack["StackStatusReason"] = "a bucket is not empty"


@pytest.mark.parametrize(
    ("stack", "words", "sentence"),
    [
        ({"EnableTerminationProtection": True}, [], "Switch its protection off first: aws cloud"),
        ({"StackStatus": "UPDATE_IN_PROGRESS"}, [], "Wait until items-service-dev is at rest"),
        ({}, ["--name", STACK], "Mend this, and run it again: items-service-dev is in DELETE_FAIL"),
    ],
)
def test_what_cannot_be_deleted_is_told(
    render: Render,
    monkeypatch: pytest.MonkeyPatch,
    stack: dict[str, Any],
    words: list[str],
    sentence: str,
) -> None:
    tool = tool_of(render(), "destroy")
    stacks = Stacks(**stack)
    monkeypatch.setattr(tool.aws, "session", lambda _: stacks)
    monkeypatch.setattr(tool, "first_failure", lambda *_: "")
    monkeypatch.setattr("sys.argv", ["destroy.py", STACK, "eu-west-1", *words])
    with pytest.raises(SystemExit, match=f"^{sentence}"):
        tool.main()


def test_production_says_what_backs_it_up(
    render: Render, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tool_of(render(), "destroy")
    monkeypatch.setattr(tool.aws, "session", lambda _: Stacks())
    monkeypatch.setattr("sys.argv", ["destroy.py", STACK, "eu-west-1", "--production"])
    with pytest.raises(SystemExit, match=f"^Add NAME={STACK}"):
        tool.main()
    said = capsys.readouterr().out
    assert "aws dynamodb create-backup --table-name orders --backup-name orders-20" in said
    makefile = (render() / "Makefile").read_text()
    assert "$(if $(filter prod,$(ENV)),--production)" in makefile
