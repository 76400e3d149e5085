"""What `make stop` does to a function, and what stays of it when it goes on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service, eventually


def make(service: Service, *words: str) -> str:
    done = service.local_aws("run", "make", "--silent", *words, "ENV=dev")
    assert done.returncode == 0, f"{words} fails: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def stopped(deployed: Service) -> Iterator[Service]:
    """The service with an API and a queue whose functions are stopped."""
    functions = deployed.client("lambda")
    functions.put_function_concurrency(
        FunctionName=deployed.resource("ItemsFunction"), ReservedConcurrentExecutions=7
    )
    try:
        for function in ("worker", "items"):
            assert f"{function} is stopped" in make(deployed, "stop", f"FN={function}", "YES=1")
        yield deployed
        for function in ("worker", "items"):
            assert f"{function} goes on" in make(deployed, "start", f"FN={function}", "YES=1")
        of_items = functions.get_function(FunctionName=deployed.resource("ItemsFunction"))
        assert of_items["Concurrency"]["ReservedConcurrentExecutions"] == 7, "what it had is lost"
        assert "stopped" not in of_items["Tags"]
    finally:
        functions.delete_function_concurrency(FunctionName=deployed.resource("ItemsFunction"))


@of_any_language
def test_what_is_stopped_does_nothing_and_spends_no_delivery(stopped: Service) -> None:
    # given work in a queue
    sample = json.loads((stopped.folder / "events/worker.json").read_text())
    body = json.loads(sample["Records"][0]["body"]) | {"name": "kept while stopped"}
    stopped.client("sqs").send_message(
        QueueUrl=stopped.resource("WorkerQueue"), MessageBody=json.dumps(body)
    )
    # then callers are refused, a smoke test passes over both, and the dashboard tells
    assert stopped.test("items").returncode == 1, "a stopped function answers"
    assert "Items is stopped, and not probed" in make(stopped, "smoke")
    dashboard = {"DashboardName": stopped.resource("Dashboard")}
    told = stopped.client("cloudwatch").get_dashboard(**dashboard)["DashboardBody"]
    assert "**worker is stopped** since" in told
    assert "`make start ENV=dev FN=items`" in told
    # and the message waits
    waiting = "ApproximateNumberOfMessages"
    queue = {"QueueUrl": stopped.resource("WorkerQueue"), "AttributeNames": [waiting]}
    assert stopped.client("sqs").get_queue_attributes(**queue)["Attributes"][waiting] == "1"
    assert stopped.items("kept while stopped") == []


@of_any_language
def test_what_goes_on_is_as_before(deployed: Service) -> None:
    def done() -> list[str]:
        return deployed.items("kept while stopped")

    # One delivery is all that a message has here: had it been spent, this were a dead letter.
    eventually(done, "what waited is not done")
    deployed.passes("items")
    told = deployed.client("cloudwatch").get_dashboard(DashboardName=deployed.resource("Dashboard"))
    assert "is stopped" not in told["DashboardBody"]


@of_any_language
def test_what_was_not_stopped_is_not_started(deployed: Service) -> None:
    words = ("make", "--silent", "start", "ENV=dev", "FN=worker", "YES=1")
    done: subprocess.CompletedProcess[str] = deployed.local_aws("run", *words)
    told = "Look at `make drift` instead: `make stop` has not stopped worker."
    assert told in done.stderr.splitlines()
