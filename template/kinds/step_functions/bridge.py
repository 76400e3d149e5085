"""Step Functions: the rights of a machine's role, and executions that go on."""

import json
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import require
from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

DELIVERS = ("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries")
DELIVERS += ("logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:PutResourcePolicy")
DELIVERS += ("logs:DescribeResourcePolicies", "logs:DescribeLogGroups")


def machines_use_their_role() -> None:
    """Bridge: a task invokes its function with the role of its machine, and by it logs are set up.

    The emulator does it all with its own rights, and writes no logs. What other services a task
    calls is not judged.
    """
    role: ContextVar[str] = ContextVar("role", default="")
    run, call = stepfunctions._execute_task, stepfunctions._call_lambda

    def run_by_role(state: Record, given: Any, execution: Record, context: Record) -> Any:
        role.set(stepfunctions._state_machines[context["StateMachine"]["Id"]]["roleArn"])
        return run(state, given, execution, context)

    def call_by_role(function: str, event: Any) -> Any:
        if role.get():
            try:
                require(role.get(), "lambda:InvokeFunction", function)
            except ValueError as denied:
                error = "Lambda.AWSLambdaException"
                raise stepfunctions._ExecutionError(error, str(denied)) from None
        return call(function, event)

    stepfunctions._execute_task, stepfunctions._call_lambda = run_by_role, call_by_role
    machine = RESOURCES["AWS::StepFunctions::StateMachine"]
    create = machine["create"]

    def create_with_logs(logical_id: str, properties: Record, stack: str) -> Created:
        if properties.get("LoggingConfiguration", {}).get("Level", "OFF") != "OFF":
            for action in DELIVERS:
                require(properties["RoleArn"], action, "*")
        return create(logical_id, properties, stack)

    machine["create"] = create_with_logs


def executions_are_redriven() -> None:
    """Bridge: an execution that has failed goes on at the state that failed, as it began.

    It has the input of that state and the definition it began with, and counts its redrives. The
    emulator has no redrive. Not judged: the fourteen days, the branches of a Parallel or a Map, of
    which all run again, and the timeout of a machine.
    """
    handle, begin, resolve = (
        stepfunctions.handle_request,
        stepfunctions._run_execution,
        stepfunctions._resolve_ctx_path,
    )

    async def handle_redrives(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return _redrive(json.loads(body)["executionArn"])
        return await handle(method, path, headers, body, query)

    def begin_with_definition(arn: str) -> None:
        execution = stepfunctions._executions[arn]
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        execution["definition"] = machine["definition"]
        begin(arn)

    def resolve_count(path: str, context: Record) -> Any:
        if path == "$$.Execution.RedriveCount":
            execution = stepfunctions._executions[context["Execution"]["Id"]]
            return execution.get("redriveCount", 0)
        return resolve(path, context)

    stepfunctions.handle_request = handle_redrives
    stepfunctions._run_execution = begin_with_definition
    stepfunctions._resolve_ctx_path = resolve_count


def _redrive(arn: str) -> Any:
    execution = stepfunctions._executions.get(arn)
    if not execution:
        return error_response_json("ExecutionDoesNotExist", f"There is no {arn}", 400)
    if execution["status"] not in ("FAILED", "ABORTED", "TIMED_OUT"):
        reason = f"Execution is {execution['status']} and cannot be redriven"
        return error_response_json("ExecutionNotRedrivable", reason, 400)
    execution["redriveCount"] = execution.get("redriveCount", 0) + 1
    execution.update(status="RUNNING", stopDate=None, output=None, error=None, cause=None)
    stepfunctions._add_event(execution, "ExecutionRedriven")
    # Of whose account it is, a thread knows by its context.
    own = copy_context()
    Thread(target=own.run, args=(_go_on, execution), daemon=True).start()
    return json_response({"redriveDate": datetime.now(UTC).timestamp()})


def _go_on(execution: Record) -> None:
    """Run the states from that which was entered last, in which the execution has failed."""
    entered = [one for one in execution["events"] if one["type"].endswith("StateEntered")]
    last = entered[-1]["stateEnteredEventDetails"]
    name, content = last["name"], json.loads(last["input"])
    definition = json.loads(execution["definition"])
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "StartTime": execution["startDate"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    try:
        while name:
            content, name = _step(definition["States"][name], name, content, execution, context)
    except stepfunctions._ExecutionError as error:
        stepfunctions._fail_execution(execution, error.error, error.cause)
        return
    output = json.dumps(content)
    execution.update(status="SUCCEEDED", output=output, stopDate=stepfunctions.now_iso())
    details = {"executionSucceededEventDetails": {"output": output}}
    stepfunctions._add_event(execution, "ExecutionSucceeded", details)
    stepfunctions._emit_execution_status_event(execution)


def _step(
    state: Record, name: str, content: Any, execution: Record, context: Record
) -> tuple[Any, str | None]:
    """Run one state; return what it hands on, and the name of the next."""
    kind, details = state["Type"], {"name": name, "input": json.dumps(content)}
    context["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
    entered = {"stateEnteredEventDetails": details}
    stepfunctions._add_event(execution, f"{kind}StateEntered", entered)
    if kind == "Fail":
        found = stepfunctions._fail_state_error(state, content, context)
        raise stepfunctions._ExecutionError(*found)
    if kind == "Succeed":
        content = stepfunctions._apply_input_path(state, content, context)
        return stepfunctions._apply_output_path(state, content, context), None
    run = getattr(stepfunctions, f"_execute_{kind.lower()}")
    own = (execution, context) if kind in ("Task", "Parallel", "Map") else (context,)
    content, following = run(state, content, *own)
    return content, following


ALL = (machines_use_their_role, executions_are_redriven)
