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


def named(service: Service, name: str) -> int:
    """How many items there are of a name."""
    found = service.client("dynamodb").scan(TableName=service.resource("Table"))["Items"]
    items = [item for item in found if item["pk"]["S"].startswith("item#")]
    return sum(item["name"]["S"] == name for item in items)


@of_any_language
def test_an_execution_goes_on_once_its_machine_may_invoke_again(deployed: Service) -> None:
    # given a machine whose role may not invoke functions any more
    iam, role = deployed.client("iam"), deployed.resource(RIGHTS)
    key = {"RoleName": role, "PolicyName": "state-machine"}
    before = iam.get_role_policy(**key)["PolicyDocument"]
    less = json.dumps(before).replace("lambda:InvokeFunction", "lambda:GetFunction")
    iam.put_role_policy(**key, PolicyDocument=less)
    machines, name = deployed.client("stepfunctions"), f"redriven-{uuid4()}"
    # when an execution is started
    try:
        asked = {"stateMachineArn": deployed.resource("StateMachine"), "name": name}
        asked["input"] = json.dumps({"name": name, "quantity": 2})
        execution = machines.start_execution(**asked)["executionArn"]
        failed = ended(deployed, execution)
    finally:
        iam.put_role_policy(**key, PolicyDocument=json.dumps(before))
    # then it fails, though the task has tried again, and has its effect once it is redriven
    assert failed["status"] == "FAILED", "a machine invokes without a right"
    assert errors(deployed, execution) == {DENIED}
    assert not named(deployed, name)
    words = ("make", "--silent", "redrive-executions", "ENV=dev", "YES=1")
    done = deployed.local_aws("run", *words)
    assert name in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert ended(deployed, execution)["status"] == "SUCCEEDED"
    assert named(deployed, name) == 1
