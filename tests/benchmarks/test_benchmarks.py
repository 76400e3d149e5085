"""What the benchmarks stand on: the stand-ins drive real handlers, and builds are reproducible."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.building import checksum
from tests.benchmarks.functions import Failed, Function, settings_of, start
from tests.benchmarks.loopback import DynamoDb
from tests.benchmarks.workplace import Workplace
from tests.pythons import newest


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    minor, python = newest()
    return Workplace(tmp_path_factory.mktemp("bench"), python, minor)


@pytest.fixture(scope="module")
def service(workplace: Workplace) -> Path:
    """The service of the default answers, built for this machine."""
    rendered = workplace.service("dynamodb")
    workplace.build(rendered, "--host")
    return rendered


@pytest.fixture(scope="module")
def python(workplace: Workplace, service: Path) -> Path:
    return workplace.environment(service) / "python"


@pytest.fixture
def dynamodb() -> Iterator[DynamoDb]:
    with DynamoDb() as server:
        yield server


@pytest.mark.parametrize(
    ("name", "answer", "calls"),
    [
        ("items", {"statusCode": 201}, ["TransactWriteItems"]),
        ("worker", {"batchItemFailures": []}, ["TransactWriteItems"]),
        ("report", {}, ["Query", "PutItem"]),
    ],
)
def test_a_handler_is_driven(
    service: Path,
    python: Path,
    dynamodb: DynamoDb,
    name: str,
    answer: dict[str, object],
    calls: list[str],
) -> None:
    package = service / ".build" / "local" / "package"
    event = (service / "events" / f"{name}.json").read_bytes()
    settings = settings_of(service) | {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{dynamodb.address}"}
    started = start(Function(package, f"service.handlers.{name}.handler", event), python, settings)
    response = json.loads(started.response) or {}
    assert {key: response[key] for key in answer} == answer
    assert [operation for operation, _ in dynamodb.calls] == calls
    assert {request["TableName"] for request in _requests(dynamodb)} == {settings["TABLE_NAME"]}


def _requests(dynamodb: DynamoDb) -> Iterator[dict[str, object]]:
    for _, request in dynamodb.calls:
        writes = request.get("TransactItems", [])
        yield from (write["Put"] for write in writes) if writes else [request]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no start')", "no start"),
        ("def handler(event, context): raise RuntimeError('no answer')", "no answer"),
    ],
)
def test_a_failure_is_no_measurement(tmp_path: Path, python: Path, code: str, reason: str) -> None:
    (tmp_path / "broken.py").write_text(code)
    with pytest.raises(Failed, match=reason):
        start(Function(tmp_path, "broken.handler", b"{}"), python, {})


def test_two_builds_are_equal(workplace: Workplace, service: Path) -> None:
    package = service / ".build" / "local" / "package"
    first = checksum(package)
    shutil.rmtree(service / ".build")
    workplace.build(service, "--host")
    assert checksum(package) == first
