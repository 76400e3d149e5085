"""What the benchmarks stand on: the stand-ins drive real handlers, and builds are reproducible."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks import nodejs, python
from tests.benchmarks.building import checksum
from tests.benchmarks.functions import Failed, Function, Runtime, settings_of, start
from tests.benchmarks.loopback import DynamoDb
from tests.benchmarks.workplace import Workplace, run
from tests.languages import Language, languages
from tests.pythons import newest


@dataclass(frozen=True)
class Built:
    """The service of the default answers, built for this machine, and what runs its functions."""

    path: Path
    build: tuple[str | Path, ...]
    runtime: Runtime

    def function(self, name: str) -> Function:
        event = self.path / "events" / f"{name}.json"
        package = self.path / ".build" / "local" / "package"
        language = nodejs if (self.path / "package.json").exists() else python
        return language.function(package, event)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    minor, interpreter = newest()
    return Workplace(tmp_path_factory.mktemp("bench"), interpreter, minor)


@pytest.fixture(scope="module", params=languages(), ids=str)
def built(request: pytest.FixtureRequest, workplace: Workplace) -> Built:
    language: Language = request.param
    service = workplace.service(language.name, f"runtime={language.runtime}")
    if language.name == "nodejs":
        workplace.make(service, "node_modules/.ready")
        build = (nodejs.node(service), "tools/build.ts", "--host")
        runtime = nodejs.runtime(workplace, service)
    else:
        build = (workplace.python, "tools/build.py", "--host")
        runtime = python.runtime(workplace.environment(service) / "python")
    run(build, service)
    return Built(service, build, runtime)


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
    built: Built, dynamodb: DynamoDb, name: str, answer: dict[str, object], calls: list[str]
) -> None:
    endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{dynamodb.address}"}
    settings = settings_of(built.path)
    started = start(built.function(name), built.runtime, settings | endpoint)
    response = json.loads(started.response or "null") or {}
    assert {key: response[key] for key in answer} == answer
    assert [operation for operation, _ in dynamodb.calls] == calls
    assert {request["TableName"] for request in _requests(dynamodb)} == {settings["TABLE_NAME"]}


def _requests(dynamodb: DynamoDb) -> Iterator[dict[str, object]]:
    for _, request in dynamodb.calls:
        writes = request.get("TransactItems", [])
        yield from (write["Put"] for write in writes) if writes else [request]


@pytest.mark.parametrize(
    ("python_code", "nodejs_code", "reason"),
    [
        ("raise RuntimeError('no start')", "throw new Error('no start')", "no start"),
        (
            "def handler(event, context): raise RuntimeError('no answer')",
            "export async function handler() { throw new Error('no answer'); }",
            "no answer",
        ),
    ],
    ids=["no start", "no answer"],
)
def test_a_failure_is_no_measurement(
    tmp_path: Path, built: Built, python_code: str, nodejs_code: str, reason: str
) -> None:
    (tmp_path / "broken.py").write_text(python_code)
    (tmp_path / "broken.mjs").write_text(nodejs_code)
    with pytest.raises(Failed, match=reason):
        start(Function(tmp_path, "broken.handler", b"{}"), built.runtime, {})


def test_two_builds_are_equal(built: Built) -> None:
    package = built.path / ".build" / "local" / "package"
    first = checksum(package)
    shutil.rmtree(built.path / ".build")
    run(built.build, built.path)
    assert checksum(package) == first
