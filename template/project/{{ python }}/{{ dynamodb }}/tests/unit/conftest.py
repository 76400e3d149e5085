"""A table like the deployed one, and a check of each handler's calls against its role."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.unit.permissions import Recorder, allowed, resource

# Handlers make their clients when they are imported: none of them may find real credentials.
os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "testing"


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
