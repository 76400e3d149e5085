"""What `make diff` says before a release, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Render, SetUp
from tests.emulator.accounts import REGION
from tests.emulator.conftest import PYTHON
from tests.emulator.delivery import ARCHITECTURE, Delivered
from tests.emulator.service import MAKES
from tests.tooling import tool_of

ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api", "catalog": "rest_api", "worker": "sqs"},
}
STACK = "items-service-dev"
ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """A service that is delivered to dev, where tests change nothing."""
    tools = (".tools/sam/.ready", ".tools/emulator/.ready")
    made = Delivered.start(set_up(tmp_path_factory.mktemp("changes"), *tools, **ANSWERS), PYTHON)
    try:
        made.made("bootstrap", "ENV=dev", "YES=1")
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


def test_functions_that_come_and_go_are_told(service: Delivered, render: Render, diff: Any) -> None:
    minor = (service.folder / "template.yaml").read_text().split("Runtime: ")[1].split()[0]
    functions = {"items": "http_api", "nightly": "schedule"}
    other = render(**ANSWERS | {"functions": functions, "runtime": minor})
    shutil.copy(other / "template.yaml", service.folder)
    said = diff()
    added = said.partition("\n  added\n")[2]
    assert "    NightlyFunction (AWS::Lambda::Function)\n" in added
    # and only what holds data is shouted
    shouted = [line for line in said.splitlines() if "!!!" in line]
    assert "  !!! WorkerQueue (AWS::SQS::Queue) IS REMOVED: it stays behind" in said
    assert all(" !!! Worker" in line for line in shouted), shouted


def test_changed_properties_are_told_from_and_to(service: Delivered, diff: Any) -> None:
    service.edit("template.yaml", "Timeout: 6 # items", "Timeout: 11 # items")
    service.edit("template.yaml", "AttributeName: pk", "AttributeName: id")
    said = diff()
    changed = said.partition("\n  changed\n")[2]
    assert "    ItemsFunction (AWS::Lambda::Function)\n      Timeout: 6 -> 11\n" in changed
    # and a table whose key changes is shouted alone: AWS may be surer than the emulator
    assert said.count("!!!") == 1
    assert "  !!! Table (AWS::DynamoDB::Table) MAY BE REPLACED: it stays behind" in said
    assert "      KeySchema[0].AttributeName: pk -> id\n" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("change-set", "ENV=dev", "NAME="), "Use NAME= with letters, digits and hyphens"),
        (
            ("change-set", "ENV=dev", "NAME=first"),
            "Mend this and run it again: An error occurred (Already",
        ),
        (("summary", "ENV=dev", "NAME=nobody"), "Use NAME= with a change set of this stack: "),
        (("execute", "ENV=dev", "NAME=nobody"), "Make another change set: nobody is not there"),
        (("execute", "ENV=dev", "NAME=first"), "Make another change set: first cannot be executed"),
        (("execute", "ENV=moon", "NAME=first"), "Name the environment: ENV=dev or ENV=prod"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    service: Delivered, words: tuple[str, ...], sentence: str
) -> None:
    done = service.make(*words)
    assert done.returncode != 0
    first, *others = done.stderr.splitlines()
    assert first.startswith(sentence)
    assert all(MAKES.match(line) for line in others)


@pytest.mark.parametrize(
    ("words", "missing", "sentence"),
    [
        (("package",), ".build/package", "Run `make build` first"),
        (("change-set", "ENV=dev", "NAME=next"), ".build/delivery/dev.json", "Run `make package`"),
    ],
    ids=["package", "change-set"],
)
def test_a_step_that_was_left_out_is_named(
    service: Delivered, words: tuple[str, ...], missing: str, sentence: str
) -> None:
    path = service.folder / missing
    path.rename(path.with_suffix(".away"))
    done = service.make(*words)
    path.with_suffix(".away").rename(path)
    assert done.returncode != 0
    assert done.stderr.startswith(sentence)


def test_a_release_works_until_a_function_cannot_or_a_route_is_open(service: Delivered) -> None:
    said = service.made("smoke", "ENV=dev")
    assert "Items answers: start, table\n" in said
    assert "Worker answers: start, table\n" in said
    assert "POST /items refuses an unsigned call\n" in said
    assert "GET /live/catalog/{item_id} refuses an unsigned call\n" in said
    # when the table of the version that serves is another
    functions, name = service.client("lambda"), service.resource("ItemsFunction")
    live = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"TABLE_NAME": "another"}}
    )
    broken = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=broken)
    done = service.make("smoke", "ENV=dev")
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=live)
    # then
    assert done.returncode != 0
    assert done.stderr.startswith("Items fails its probe: ")
    # when a route asks for no signature
    gateway, api = service.client("apigatewayv2"), service.resource("HttpApi")
    (route,) = (
        one for one in gateway.get_routes(ApiId=api)["Items"] if one["RouteKey"] == "POST /items"
    )
    key = {"ApiId": api, "RouteId": route["RouteId"]}
    gateway.update_route(**key, AuthorizationType="NONE")
    done = service.make("smoke", "ENV=dev")
    gateway.update_route(**key, AuthorizationType="AWS_IAM")
    # then
    assert done.returncode != 0
    assert "POST /items answers an unsigned call with" in done.stderr


def test_a_bucket_of_another_stack_from_which_no_file_comes_is_named(
    service: Delivered, render: Render
) -> None:
    functions = {"importer": {"trigger": "s3", "bucket": "example-inbox"}}
    folder, s3 = render(functions=functions), service.client("s3")

    def told() -> list[str]:
        template = (folder / "template.yaml").read_text()
        return list(tool_of(folder, "smoke").without_files(service, template))

    (missing,) = told()
    assert missing.startswith("importer gets no files of example-inbox: The specified bucket does")
    s3.create_bucket(
        Bucket="example-inbox", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    (silent,) = told()
    assert silent.endswith("let it send its events to EventBridge.")
    s3.put_bucket_notification_configuration(
        Bucket="example-inbox", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert told() == []


def test_a_pool_of_another_stack_that_asks_nothing_is_named(
    service: Delivered, render: Render
) -> None:
    idp, alias = (
        service.client("cognito-idp"),
        "arn:aws:lambda:eu-west-1:1:function:gatekeeper:live",
    )

    def told(pool: str) -> list[str]:
        folder = render(functions={"gatekeeper": {"trigger": "cognito", "pool": pool}})
        template = (folder / "template.yaml").read_text()
        found = {"GatekeeperFunctionAliaslive": alias}
        return list(tool_of(folder, "smoke").without_users(service, template, found))

    (missing,) = told("eu-west-1_Missing00")
    assert missing.startswith("gatekeeper is asked nothing by eu-west-1_Missing00: User pool")
    pool = idp.create_user_pool(PoolName="users")["UserPool"]["Id"]
    (silent,) = told(pool)
    assert silent.endswith("let its owner name the function.")
    idp.update_user_pool(UserPoolId=pool, LambdaConfig={"PostConfirmation": alias})
    assert told(pool) == []


def test_what_was_changed_by_hand_is_told(service: Delivered) -> None:
    functions, name = service.client("lambda"), service.resource("ItemsFunction")
    told = "    /Timeout: 6 -> 31\n"
    assert told not in service.made("drift", "ENV=dev")
    functions.update_function_configuration(FunctionName=name, Timeout=31)
    # when
    said = service.made("drift", "ENV=dev")
    functions.update_function_configuration(FunctionName=name, Timeout=6)
    # then
    assert "items-service-dev: resources changed by hand: 1 of " in said
    assert told in said.partition("  ItemsFunction (AWS::Lambda::Function)\n")[2]


def test_versions_that_nothing_needs_are_removed(service: Delivered) -> None:
    functions, name = service.client("lambda"), service.resource("ItemsFunction")

    def there() -> list[int]:
        found = functions.list_versions_by_function(FunctionName=name)["Versions"]
        return [int(one["Version"]) for one in found if one["Version"] != "$LATEST"]

    def serve(version: int) -> None:
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=f"{version}")

    # given thirteen more, of which the last but one serves, and the others were live or refused
    own, before = there()[0], service.alias_at(name)
    for number in range(2, 15):
        functions.update_function_configuration(FunctionName=name, Timeout=number)
        functions.publish_version(FunctionName=name)
    functions.update_function_configuration(FunctionName=name, Timeout=6)
    *earlier, serves, _refused = there()
    serve(serves)
    # when
    service.made("prune", "ENV=dev")
    serve(before)
    # then the stack's own is left, ten before the one that serves, and that one
    assert there() == [own, *earlier[-10:], serves]
    # and all that is newer than what serves was refused, which a role of the delivery may remove
    role, anybody = "items-service-dev-test", {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}
    trust = {"Version": "2012-10-17", "Statement": [anybody | {"Action": "sts:AssumeRole"}]}
    service.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    tool = [service.folder / ".venv/bin/python", service.folder / "tools/versions.py"]
    held = service.variables_as([f"arn:aws:iam::{ACCOUNT}:role/{role}"])
    subprocess.run([*tool, STACK, service.local.region], env=os.environ | held, check=True)
    assert max(there()) == before
    with pytest.raises(ClientError, match="AccessDenied"):
        service.client_of(held, "lambda").delete_function(FunctionName=name)


def test_a_release_that_fails_says_what_failed_first_and_can_be_retried(
    service: Delivered,
) -> None:
    # given
    service.edit("template.yaml", "NAME: !Ref Table", "NAME: another")
    service.made("build")
    service.made("package")
    for attempt in ("broken", "retried"):
        service.made("change-set", "ENV=dev", f"NAME={attempt}")
        # when
        done = service.make("execute", "ENV=dev", f"NAME={attempt}")
        # then
        assert done.returncode != 0
        assert done.stderr.startswith("items-service-dev is not as the change set says: ")
        assert "FunctionAliaslive: " in done.stderr
        assert "reported Failed" in done.stderr
        assert "Versions of functions that nothing needs" in done.stdout
    service.edit("template.yaml", "NAME: another", "NAME: !Ref Table")


def test_a_diff_of_a_stack_that_is_not_there_makes_none(service: Delivered) -> None:
    said = service.made("diff", "ENV=prod")
    assert "    Table (AWS::DynamoDB::Table)\n" in said.partition("\n  added\n")[2]
    stacks = service.client("cloudformation").describe_stacks()["Stacks"]
    assert [one["StackName"] for one in stacks if one["StackName"].endswith("prod")] == []
