"""The hook before traffic: CodeDeploy asks it whether a release may begin to serve.

It is called for each function whose alias is about to move, and probes the new versions of all:
a release of which one function is broken is refused as a whole.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.adapters import aws, probe
from service.adapters.telemetry import instrumented, logger

versions = os.environ["VERSIONS"].split(",")  # ARNs
# Seconds, for a cold start and a read per adapter. Three tries end before the timeout of this
# function, which must report: CodeDeploy would wait for an hour.
functions = aws.client("lambda", read_timeout=30)
codedeploy = aws.client("codedeploy")


@instrumented
def handler(event: dict[str, str], _context: Any) -> None:
    with ThreadPoolExecutor(len(versions)) as pool:
        refusals = [refusal for refusal in pool.map(_refusal, versions) if refusal]
    for refusal in refusals:
        logger.error("A version may not serve", extra={"reason": refusal})
    status = "Failed" if refusals else "Succeeded"
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    logger.info("The release is judged", extra={"status": status, "versions": versions})


def _refusal(version: str) -> str:
    """Return why a version may not serve, or nothing."""
    name = version.rpartition(":function:")[2]
    try:
        answer = functions.invoke(FunctionName=version, Payload=json.dumps(probe.EVENT))
        content = json.load(answer["Payload"])
    except Exception as error:
        return f"{name} cannot be probed: {error}"
    if "FunctionError" in answer:
        return f"{name} fails its probe: {content.get('errorMessage', content)}"
    if not isinstance(content, dict) or "probed" not in content:
        return f"{name} does not answer the probe: is its handler made by an adapter?"
    return ""
