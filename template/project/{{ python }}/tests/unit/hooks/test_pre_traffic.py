"""The hook before traffic: which version it judges, and what it tells CodeDeploy."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from service.hooks import pre_traffic

EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
HASH = {"revisionType": "String", "string": {"sha256": "0123"}}
MOVED = {"Name": "items", "Alias": "live", "CurrentVersion": "7", "TargetVersion": "8"}
AS_JSON = json.dumps({"version": 0.0, "Resources": [{"items": {"Properties": MOVED}}]})
AS_YAML = "\n".join(["version: 0.0", *(f"  {key}: {value}" for key, value in MOVED.items())])
PROBED = {"probed": ["start"]}
PROBE = {"FunctionName": "items:8", "Payload": '{"probe": true}'}

type Judged = Callable[[str], list[str]]


def answer(content: Any, **more: Any) -> dict[str, Any]:
    body = json.dumps(content).encode()
    return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **more}


@pytest.fixture
def codedeploy() -> Iterator[Stubber]:
    with Stubber(pre_traffic.codedeploy) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def functions() -> Iterator[Stubber]:
    with Stubber(pre_traffic.functions) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seconds that the hook would have waited."""
    waited: list[int] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


def deploys(codedeploy: Stubber, content: str) -> None:
    """CodeDeploy tells what it deploys: at first by its hash alone."""
    info = {"applicationName": "service", "revision": HASH}
    codedeploy.add_response("get_deployment", {"deploymentInfo": info}, {"deploymentId": "d-1"})
    revision = {"revisionType": "String", "string": {"sha256": "0123", "content": content}}
    asked = {"applicationName": "service", "revision": HASH}
    codedeploy.add_response("get_application_revision", {"revision": revision}, asked)


@pytest.fixture
def judged(codedeploy: Stubber, context: Any, logs: Any) -> Judged:
    """Run the hook, expect what it reports, and return the reasons that it logs."""

    def judge(status: str) -> list[str]:
        report = {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status}
        codedeploy.add_response("put_lifecycle_event_hook_execution_status", {}, report)
        pre_traffic.handler(EVENT, context)
        return [line["reason"] for line in logs("A version may not serve")]

    return judge


@pytest.mark.parametrize("content", [AS_JSON, AS_YAML], ids=["json", "yaml"])
def test_the_version_that_is_deployed_is_probed(
    content: str, codedeploy: Stubber, functions: Stubber, judged: Judged
) -> None:
    deploys(codedeploy, content)
    functions.add_response("invoke", answer(PROBED), PROBE)
    assert judged("Succeeded") == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            answer({"errorMessage": "table: AccessDenied"}, FunctionError="Unhandled"),
            "items:8 fails its probe: table: AccessDenied",
        ),
        (answer({"statusCode": 200}), "items:8 does not answer the probe"),
    ],
    ids=["it fails", "it does not know the probe"],
)
def test_a_version_is_refused_with_its_reason(
    given: dict[str, Any],
    reason: str,
    codedeploy: Stubber,
    functions: Stubber,
    judged: Judged,
) -> None:
    deploys(codedeploy, AS_JSON)
    functions.add_response("invoke", given)
    (told,) = judged("Failed")
    assert told.startswith(reason)


def test_what_names_no_version_is_refused(codedeploy: Stubber, judged: Judged) -> None:
    deploys(codedeploy, "version: 0.0")
    (told,) = judged("Failed")
    assert "cannot be read: its revision has no Name" in told


PASSING = "TooManyRequestsException", "ResourceConflictException", "ResourceNotReadyException"


def test_what_passes_is_waited_for(
    codedeploy: Stubber, functions: Stubber, judged: Judged, context: Any, pauses: list[int]
) -> None:
    context.remaining = 240
    codedeploy.add_client_error("get_deployment", "AccessDeniedException")
    deploys(codedeploy, AS_JSON)
    for error in PASSING:
        functions.add_client_error("invoke", error)
    functions.add_response("invoke", answer(PROBED), PROBE)
    assert judged("Succeeded") == []
    assert pauses == [2] * (1 + len(PASSING))


RESERVED = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}


def refused(functions: Stubber, reserved: int) -> None:
    """What is reserved for the function is in use, or is nothing."""
    error = "TooManyRequestsException"
    functions.add_client_error("invoke", error, modeled_fields=RESERVED)
    kept = {"ReservedConcurrentExecutions": reserved}
    functions.add_response("get_function_concurrency", kept, {"FunctionName": "items"})


def test_what_is_stopped_is_passed_over(
    codedeploy: Stubber, functions: Stubber, judged: Judged, context: Any, logs: Any
) -> None:
    context.remaining = 240
    deploys(codedeploy, AS_JSON)
    refused(functions, reserved=5)
    refused(functions, reserved=0)
    assert judged("Succeeded") == []
    (told,) = logs("A version is not probed: its function is stopped")
    assert told["version"] == "items:8"


PASSES_NOT = {
    "too late": (99, "TooManyRequestsException"),
    "it does not pass": (240, "ResourceNotFoundException"),
}


@pytest.mark.parametrize("case", PASSES_NOT)
def test_what_does_not_pass_is_refused(
    case: str, codedeploy: Stubber, functions: Stubber, judged: Judged, context: Any
) -> None:
    context.remaining, error = PASSES_NOT[case]
    deploys(codedeploy, AS_JSON)
    functions.add_client_error("invoke", error)
    (told,) = judged("Failed")
    assert told.startswith("items:8 cannot be probed:")
    assert error in told
