"""A table like the deployed one, and a check of each handler's calls against its role."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Self
from unittest import mock

import boto3
import pytest
import yaml
from botocore.client import BaseClient
from moto import mock_aws

# Handlers make their clients when they are imported: none of them may find real credentials.
os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "testing"

TEMPLATE = Path(__file__).parent.parent.parent / "template.yaml"
# What Lambda itself does with a function's role: no handler calls these.
LAMBDAS_OWN = {"WriteOwnLogs", "SendTraces", "PollOwnQueue", "KeepFailedEvents"}
TESTS_OWN = {"CreateTable", "Scan"}
MEMBERS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}

type Call = tuple[str, str]
"""An IAM action and, for the table, the resource as template.yaml names it."""


class _Loader(yaml.SafeLoader):
    """Reads `!Ref X`, `!GetAtt X` and `!Sub X` as the text X."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _plain)


@cache
def _resources() -> dict[str, Any]:
    return yaml.load(TEMPLATE.read_text(), _Loader)["Resources"]  # noqa: S506 - a safe loader


def resource(logical_id: str) -> dict[str, Any]:
    """Return a resource as template.yaml declares it."""
    return _resources()[logical_id]


def allowed(module: str) -> set[Call] | None:
    """Return what the role of the function in `service.handlers.MODULE` lets its handler call.

    None if template.yaml has no such function.
    """
    handler = f"service.handlers.{module}.handler"
    properties = (found.get("Properties", {}) for found in _resources().values())
    function = next((found for found in properties if found.get("Handler") == handler), None)
    if function is None:
        return None
    policies = resource(function["Role"].removesuffix(".Arn"))["Properties"]["Policies"]
    return {
        (action, _named(name) if action.startswith("dynamodb:") else "")
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Sid") not in LAMBDAS_OWN
        for action in _list(statement["Action"])
        for name in _list(statement["Resource"])
    }


class Recorder:
    """Writes down the calls that are made while it is open."""

    def __init__(self) -> None:
        self.calls: set[Call] = set()

    def __enter__(self) -> Self:
        call = BaseClient._make_api_call
        recorder = self

        def recorded(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name
            if operation not in TESTS_OWN:
                recorder.calls |= _needed(service, operation, parameters)
            return call(client, operation, parameters)

        self._patch = mock.patch.object(BaseClient, "_make_api_call", recorded)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def _needed(service: str, operation: str, parameters: dict[str, Any]) -> set[Call]:
    """Return the permissions that a call needs: a transaction needs those of its members."""
    if operation.startswith("Transact"):
        return {
            ("dynamodb:" + MEMBERS[member], "Table.Arn")
            for item in parameters["TransactItems"]
            for member in item
        }
    if service != "dynamodb":
        return {(f"{service}:{operation}", "")}
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return {(f"dynamodb:{operation}", f"Table.Arn{index}")}


def _named(value: str) -> str:
    """Return "Table.Arn/index/by-day" for "${Table.Arn}/index/by-day"."""
    return value.replace("${", "").replace("}", "")


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.fixture(scope="session")
def dynamodb() -> Any:
    return boto3.client("dynamodb")


@pytest.fixture(autouse=True)
def table(dynamodb: Any) -> Iterator[None]:
    """Make the table that template.yaml declares; the real one is never touched."""
    declared = resource("Table")["Properties"]
    understood = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    with mock_aws():
        dynamodb.create_table(TableName="items", **{name: declared[name] for name in understood})
        yield


@pytest.fixture
def stored(dynamodb: Any) -> Callable[[str], list[dict[str, Any]]]:
    """Return what the table has under keys that begin with a prefix, such as "item#"."""

    def find(prefix: str) -> list[dict[str, Any]]:
        found = dynamodb.scan(TableName="items")["Items"]
        return [item for item in found if item["pk"]["S"].startswith(prefix)]

    return find


@pytest.fixture(autouse=True, scope="module")
def calls_match_the_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare what a handler called during its tests with what its role in template.yaml allows."""
    module = Path(request.node.path)
    if module.parent.name != "handlers":
        yield
        return
    with Recorder() as recorder:
        yield
    role = allowed(module.stem.removeprefix("test_"))
    if role is None:  # its function was removed, its code is still there
        return
    missing = recorder.calls - role
    assert not missing, f"calls that the role does not allow: {sorted(missing)}"
    options = request.config.option
    whole = not (options.keyword or options.lf or any("::" in arg for arg in request.config.args))
    unused = role - recorder.calls if whole and not request.session.testsfailed else set()
    assert not unused, f"the role allows what no test saw the handler do: {sorted(unused)}"
