"""A state machine on the emulator: whose rights it has, and executions that go on."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service, eventually

RIGHTS = "StateMachineRights"
DENIED = "Lambda.AWSLambdaException"


def ended(service: Service, execution: str) -> dict[str, Any]:
    """An execution, once it has ended."""

    def look() -> dict[str, Any]:
        found = service.client("stepfunctions").describe_execution(executionArn=execution)
        return {} if found["status"] == "RUNNING" else dict(found)

    return eventually(look, "an execution does not end")


def errors(service: Service, execution: str) -> set[str]:
    """What the tasks of an execution have failed by."""
    history = service.client("stepfunctions").get_execution_history(executionArn=execution)
    failures = [one.get("taskFailedEventDetails", {}) for one in history["events"]]
    return {failure["error"] for failure in failures if failure}


@of_any_language
def test_an_execution_goes_on_once_its_machine_may_invoke_again(deployed: Service) -> None:
    machines, name = deployed.client("stepfunctions"), f"redriven-{uuid4()}"
    asked = {"stateMachineArn": deployed.resource("StateMachine"), "name": name}
    asked["input"] = json.dumps({"name": name, "quantity": 2})
    # when an execution is started while the machine's role may not invoke functions
    with deployed.with_rights(RIGHTS, "lambda:InvokeFunction", "lambda:GetFunction"):
        execution = machines.start_execution(**asked)["executionArn"]
        failed = ended(deployed, execution)
    # then it fails, though the task has tried again, and has its effect once it is redriven
    assert failed["status"] == "FAILED", "a machine invokes without a right"
    assert errors(deployed, execution) == {DENIED}
    assert not deployed.items(name)
    words = ("make", "--silent", "redrive-executions", "ENV=dev", "YES=1")
    done = deployed.local_aws("run", *words)
    assert name in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert ended(deployed, execution)["status"] == "SUCCEEDED"
    assert len(deployed.items(name)) == 1
