"""What `make diff` says before a release, and that it leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Render, SetUp
from tests.emulator.delivery import ARCHITECTURE, Delivered

ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api", "worker": "sqs"},
}
STACK = "items-service-dev"


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """A service that is delivered to dev, where tests change nothing."""
    tools = (".tools/sam/.ready", ".tools/emulator/.ready")
    made = Delivered.start(set_up(tmp_path_factory.mktemp("changes"), *tools, **ANSWERS))
    try:
        made.deliver("dev", "first")
        yield made
    finally:
        made.stop()


@pytest.fixture
def diff(service: Delivered) -> Iterator[Any]:
    """Say what has changed since the delivery, then take the change back."""
    template = service.folder / "template.yaml"
    before = template.read_text(encoding="utf-8")
    stacks = service.client("cloudformation")
    events = stacks.describe_stack_events(StackName=STACK)["StackEvents"]
    yield lambda: service.made("diff", "ENV=dev")
    template.write_text(before, encoding="utf-8")
    assert stacks.describe_stack_events(StackName=STACK)["StackEvents"] == events
    left = stacks.list_change_sets(StackName=STACK)["Summaries"]
    assert [one["ChangeSetName"] for one in left] in ([], ["first"]), "a diff is left"


def test_what_is_delivered_would_change_nothing(service: Delivered, diff: Any) -> None:
    assert "Nothing changes." in diff()
    # and a release of it is no error
    service.made("change-set", "ENV=dev", "NAME=again")
    assert "Nothing changes." in service.made("summary", "ENV=dev", "NAME=again")
    assert "Nothing changes." in service.made("execute", "ENV=dev", "NAME=again")
    service.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName="again")


def test_a_new_function_is_added(service: Delivered, render: Render, diff: Any) -> None:
    functions = ANSWERS["functions"] | {"nightly": "schedule"}
    minor = (service.folder / "template.yaml").read_text().split("Runtime: ")[1].split()[0]
    other = render(**ANSWERS | {"functions": functions, "runtime": minor})
    shutil.copy(other / "template.yaml", service.folder / "template.yaml")
    said = diff()
    added = said.partition("\n  added\n")[2]
    assert "    NightlyFunction (AWS::Lambda::Function)\n" in added
    assert "!!!" not in said


def test_a_changed_timeout_is_told_from_and_to(service: Delivered, diff: Any) -> None:
    service.edit("template.yaml", "Timeout: 6 # items", "Timeout: 11 # items")
    said = diff()
    changed = said.partition("\n  changed\n")[2]
    assert "    ItemsFunction (AWS::Lambda::Function)\n      Timeout: 6 -> 11\n" in changed
    assert "!!!" not in said


def test_a_table_whose_key_changes_is_shouted(service: Delivered, diff: Any) -> None:
    service.edit("template.yaml", "AttributeName: pk", "AttributeName: id")
    said = diff()
    # AWS may be surer than the emulator that it must.
    assert "  !!! Table (AWS::DynamoDB::Table) MAY BE REPLACED: it stays behind" in said
    assert "      KeySchema[0].AttributeName: pk -> id\n" in said


def test_a_removed_queue_is_shouted(service: Delivered, render: Render, diff: Any) -> None:
    minor = (service.folder / "template.yaml").read_text().split("Runtime: ")[1].split()[0]
    other = render(**ANSWERS | {"functions": {"items": "http_api"}, "runtime": minor})
    shutil.copy(other / "template.yaml", service.folder / "template.yaml")
    said = diff()
    assert "  !!! WorkerQueue (AWS::SQS::Queue) IS REMOVED: it stays behind" in said


def test_a_diff_of_a_stack_that_is_not_there_makes_none(service: Delivered) -> None:
    said = service.made("diff", "ENV=prod")
    assert "    Table (AWS::DynamoDB::Table)\n" in said.partition("\n  added\n")[2]
    stacks = service.client("cloudformation").describe_stacks()["Stacks"]
    assert [one["StackName"] for one in stacks if one["StackName"].endswith("prod")] == []
