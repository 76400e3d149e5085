"""The hook before traffic: CodeDeploy asks it whether a new version may begin to serve.

It is called for each function whose alias is about to move, and probes the version that this
deployment moves it to. One that is refused ends the release.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from service.adapters import aws, probe
from service.adapters.telemetry import instrumented, logger

# Seconds, for a cold start and a read per adapter.
functions = aws.client("lambda", read_timeout=30)
codedeploy = aws.client("codedeploy")

# All concurrency of the account is in use, the role got its permission seconds ago, or the version
# is not ready: Lambda still prepares it.
PASSING = (
    "TooManyRequestsException",
    "ThrottlingException",
    "AccessDeniedException",
    "ResourceConflictException",
    "ResourceNotReadyException",
)
PAUSE = 2  # seconds
# Why a call is refused where what is reserved for the function is in use, or where that is nothing.
RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
# A probe takes up to three tries of thirty seconds, and this function must report before its
# timeout: CodeDeploy would wait for an hour.
LAST_TRY = 100_000  # milliseconds before the timeout


@instrumented
def handler(event: dict[str, str], context: Any) -> None:
    reason = _refusal(event["DeploymentId"], context)
    if reason:
        logger.error("A version may not serve", extra={"reason": reason})
    status = "Failed" if reason else "Succeeded"
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    logger.info("The version is judged", extra={"status": status})


def _refusal(deployment: str, context: Any) -> str:
    """Return why the version that a deployment moves traffic to may not serve, or nothing."""
    try:
        name = _patiently(context, lambda: _moved(deployment))
    except Exception as error:
        return f"What {deployment} deploys cannot be read: {error}"
    try:
        answer = _patiently(context, lambda: _probed(name))
        content = json.load(answer["Payload"])
    except StoppedError:
        logger.warning("A version is not probed: its function is stopped", extra={"version": name})
        return ""
    except Exception as error:
        return f"{name} cannot be probed: {error}"
    if "FunctionError" in answer:
        return f"{name} fails its probe: {content.get('errorMessage', content)}"
    if not isinstance(content, dict) or "probed" not in content:
        return f"{name} does not answer the probe: is its handler made by an adapter?"
    return ""


class StoppedError(Exception):
    """Nobody may call the function, until `make start`."""


def _probed(name: str) -> Any:
    """Return what a version answers to the probe."""
    try:
        return functions.invoke(FunctionName=name, Payload=json.dumps(probe.EVENT))
    except ClientError as error:
        if error.response.get("Reason") == RESERVED:
            kept = functions.get_function_concurrency(FunctionName=name.rpartition(":")[0])
            if kept.get("ReservedConcurrentExecutions") == 0:
                raise StoppedError from error
        raise


def _moved(deployment: str) -> str:
    """Return function and version, as `name:7`, that a deployment moves its alias to."""
    info = codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
    # It gives only the hash of what is deployed.
    revision = codedeploy.get_application_revision(
        applicationName=info["applicationName"], revision=info["revision"]
    )["revision"]
    content = (revision.get("string") or revision["appSpecContent"])["content"]
    return f"{_value(content, 'Name')}:{_value(content, 'TargetVersion')}"


def _value(content: str, key: str) -> str:
    """Return the value of a key of an AppSpec, which is written in JSON or YAML."""
    found = re.search(rf'\b{key}"?\s*:\s*["\']?([\w$:-]+)', content)
    if not found:
        raise ValueError(f"its revision has no {key}: {content}")
    return found[1]


def _patiently[T](context: Any, call: Callable[[], T]) -> T:
    """Return what a call answers; repeat it while what refuses it may pass by itself."""
    while True:
        try:
            return call()
        except ClientError as error:
            passing = error.response["Error"]["Code"] in PASSING
            if not passing or context.get_remaining_time_in_millis() < LAST_TRY:
                raise
        time.sleep(PAUSE)
