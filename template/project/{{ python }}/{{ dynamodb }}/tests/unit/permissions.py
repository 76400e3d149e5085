"""Which calls to AWS a handler makes, and which its role allows."""

from functools import cache
from pathlib import Path
from typing import Any, Self
from unittest import mock

import yaml
from botocore.client import BaseClient

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
        if statement["Sid"] not in LAMBDAS_OWN
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
