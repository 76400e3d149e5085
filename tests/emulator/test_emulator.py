"""The rendered service with IAM enforced: traffic, failures, changes, missing permissions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.emulator.conftest import OwnService
from tests.emulator.service import Service, eventually
from tests.languages import Language


@pytest.mark.parametrize("function", ["items", "report", "worker"])
def test_the_service_passes_its_own_integration_tests(deployed: Service, function: str) -> None:
    # when
    done = deployed.test(function)
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout, f"a test was not run:\n{done.stdout}"


@pytest.mark.parametrize("function", ["ItemsFunction", "ReportFunction", "WorkerFunction"])
def test_a_version_answers_the_probe_and_writes_nothing(deployed: Service, function: str) -> None:
    # when
    answer = deployed.client("lambda").invoke(
        FunctionName=deployed.resource(function), Qualifier="live", Payload=b'{"probe": true}'
    )
    # then
    assert json.load(answer["Payload"]) == {"probed": ["start", "table"]}
    probed = deployed.client("dynamodb").get_item(
        TableName=deployed.resource("Table"), Key={"pk": {"S": "probe"}}
    )
    assert "Item" not in probed


def test_a_changed_parameter_reaches_the_alias(deployed: Service) -> None:
    # given
    before = deployed.alias("ItemsFunction")
    assert before["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == "DEBUG"
    # when
    warning = deployed.language.warning
    deployed.edit("config/dev.json", '"LogLevel": "DEBUG"', f'"LogLevel": "{warning}"')
    deployed.deploy("deploy")
    # then
    after = deployed.alias("ItemsFunction")
    assert after["Version"] != before["Version"], "the alias still points to the old version"
    assert after["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == warning, (
        "callers of the alias are served with the old parameter"
    )


def test_a_call_without_its_permission_is_denied(own: OwnService, language: Language) -> None:
    # given
    service = own({"items": "http_api"}, language)
    service.edit("template.yaml", "                  - dynamodb:PutItem\n", "")
    service.deploy("start")
    # when
    done = service.test("items")
    # then
    assert done.returncode == 1, "the test passes without the permission: roles are not enforced"
    assert "AccessDenied" in service.logged("ItemsLogs"), service.logged("ItemsLogs")


def test_a_poller_without_its_permission_is_not_deployed(own: OwnService) -> None:
    # given
    service = own({"worker": "sqs"})
    service.edit("template.yaml", "                  - sqs:ReceiveMessage\n", "")
    # when
    done = service.local_aws("start")
    # then
    assert done.returncode == 1, "a function is deployed that may not read its queue"
    assert "AccessDenied" in done.stdout + done.stderr, done.stdout + done.stderr


# Last, since a minute must pass after the deployment, and the tests before this one use it.
def test_the_schedule_runs_its_function(deployed: Service) -> None:
    table = deployed.client("dynamodb")
    name = deployed.resource("Table")

    def reported() -> bool:
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
        found = table.get_item(TableName=name, Key={"pk": {"S": f"report#{yesterday}"}})
        return "Item" in found

    eventually(reported, "no report of yesterday is stored: the schedule runs nothing")
