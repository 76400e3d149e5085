"""Lambda: how functions are invoked."""

import json
import re
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record

# What a version has of its own, and what says how far a change is.
OWN = ("FunctionArn", "Last", "RevisionId", "State", "Version")


def invoke_configuration_of_an_alias() -> None:
    """Bridge: retries and failure destination that an alias has hold for the events sent to it.

    Lambda reads them by the qualifier of the call. The emulator reads those of `$LATEST` alone.
    A version called by its number gets here what its alias says, which Lambda would not do.
    """
    invoke = lambda_svc.invoke_async_with_retry

    def with_configuration(function: Record, event: Any) -> None:
        config = function["config"]
        whole = lambda_svc._functions.get(config["FunctionName"]) or {}
        configured = whole.get("event_invoke_configs") or {}
        for name, alias in whole.get("aliases", {}).items():
            if alias["FunctionVersion"] == config["Version"] and name in configured:
                function = {**function, "event_invoke_config": configured[name]}
        invoke(function, event)

    lambda_svc.invoke_async_with_retry = with_configuration


def reserves_hold_for_versions() -> None:
    """Bridge: what is reserved for a function is the most that run of all its versions together.

    The emulator asks the record of the version for it, which has none: a function that is left no
    concurrency would go on answering at its alias.
    """
    reserved = lambda_svc._reserved_concurrency

    def of_the_function(function: Record, config: Record) -> int | None:
        whole = lambda_svc._functions.get(config.get("FunctionName")) or function
        return reserved(whole, config)

    lambda_svc._reserved_concurrency = of_the_function


def events_are_sent_asynchronously() -> None:
    """Bridge: a schedule or rule sends its event asynchronously: with retries and dead letters.

    The emulator runs the function once and forgets a failure.
    """

    def dispatch(function_arn: str, payload: str) -> None:
        function, config, _name = lambda_svc._get_func_record_for_ref(function_arn)
        if function and config:
            record = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch


def equal_versions_exist_already() -> None:
    """Bridge: nothing is published where code and configuration are those of the last version.

    Lambda answers that version then, which CloudFormation takes for a failure. The emulator looks
    at when the function was changed.
    """
    version = RESOURCES["AWS::Lambda::Version"]
    create = version["create"]

    def create_another(logical_id: str, properties: Record, stack: str) -> Created:
        function, _name = provisioners._lambda_version_function(properties)
        versions = function["versions"]
        latest = max(versions, key=int, default=None)
        if latest and _released(versions[latest]) == _released(function):
            raise ValueError(f"A version for this Lambda function exists ( {latest} ).")
        return create(logical_id, properties, stack)

    version["create"] = create_another


def _released(version: Record) -> Record:
    return {name: value for name, value in version["config"].items() if not name.startswith(OWN)}


def errors_bear_their_class() -> None:
    """Bridge: a failed invocation answers with the class of its error.

    Lambda gives it in `errorType`, by which callers tell errors apart. The emulator gives
    `Runtime.HandlerError` for all.
    """
    execute = lambda_svc._execute_function

    def with_class(function: Record, event: Any) -> Record:
        result = execute(function, event)
        body = result.get("body")
        if isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            # In Python's trace the error follows the calls, in that of Node.js it comes before.
            _before, python, trace = result.get("log", "").rpartition("Traceback (most recent call")
            found = re.findall(r"^(?:\w+\.)*([A-Za-z_]\w*)(?::|$)", trace, re.MULTILINE)
            if found:
                body["errorType"] = found[0 if python else -1]
        return result

    lambda_svc._execute_function = with_class


def functions_stream() -> None:
    """Bridge: a function of Node.js has what it needs to stream its answers.

    The emulator's runtime offers no `awslambda`, and hands answers on whole. Not judged: that a
    caller has each piece at once, what a caller has where the function fails on the way, the rates
    and the 200 MB.
    """
    ours = Path(__file__).with_name("streaming.js").read_text()
    lambda_runtime._NODEJS_WORKER_SCRIPT = ours + lambda_runtime._NODEJS_WORKER_SCRIPT
