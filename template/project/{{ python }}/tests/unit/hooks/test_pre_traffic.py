"""The hook before traffic: what it tells CodeDeploy about new versions that fail."""

import io
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

VERSION = "arn:aws:lambda:eu-west-1:123456789012:function:items"
os.environ["VERSIONS"] = f"{VERSION}:7,{VERSION}:8"

from service.hooks import pre_traffic  # noqa: E402 - it reads the variable

type Judge = Callable[..., list[str]]


def answer(content: Any, **more: Any) -> dict[str, Any]:
    body = json.dumps(content).encode()
    return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **more}


@pytest.fixture
def refuses(context: Any, logs: Any) -> Judge:
    """Expect that the release is refused for the answer of one version; return what is logged."""

    def judge(given: dict[str, Any] | None) -> list[str]:
        with (
            Stubber(pre_traffic.functions) as functions,
            Stubber(pre_traffic.codedeploy) as codedeploy,
        ):
            functions.add_response("invoke", answer({"probed": ["start"]}))
            if given is None:
                functions.add_client_error("invoke", "AccessDeniedException", "not allowed")
            else:
                functions.add_response("invoke", given)
            codedeploy.add_response(
                "put_lifecycle_event_hook_execution_status",
                {"lifecycleEventHookExecutionId": "e-1"},
                {
                    "deploymentId": "d-1",
                    "lifecycleEventHookExecutionId": "e-1",
                    "status": "Failed",
                },
            )
            event = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
            pre_traffic.handler(event, context)
            codedeploy.assert_no_pending_responses()
        return [line["reason"] for line in logs("A version may not serve")]

    return judge


def test_a_version_that_fails_is_refused_with_its_reason(refuses: Judge) -> None:
    failed = answer({"errorMessage": "table: AccessDenied"}, FunctionError="Unhandled")
    (reason,) = refuses(failed)
    assert "fails its probe: table: AccessDenied" in reason


def test_a_version_that_does_not_know_the_probe_is_refused(refuses: Judge) -> None:
    (reason,) = refuses(answer({"statusCode": 200}))
    assert "does not answer the probe" in reason


def test_a_version_that_cannot_be_called_is_refused(refuses: Judge) -> None:
    (reason,) = refuses(None)
    assert "cannot be probed" in reason
