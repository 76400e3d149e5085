"""WebSocket APIs on the emulator: whom functions let in, and what clients hear of failures."""

from __future__ import annotations

import json

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service


@of_any_language
def test_messages_need_what_aws_demands(deployed: Service) -> None:
    # given
    iam, role = deployed.client("iam"), deployed.resource("ChatRole")
    key = {"RoleName": role, "PolicyName": "chat"}
    before = json.dumps(iam.get_role_policy(**key)["PolicyDocument"])
    functions, alias = deployed.client("lambda"), deployed.resource("ChatFunction")
    called = {"FunctionName": alias, "Qualifier": "live"}
    policy = json.loads(functions.get_policy(**called)["Policy"])["Statement"]
    (default,) = (one for one in policy if json.dumps(one["Condition"]).endswith('$default"}}'))
    # when the role may not answer, and when the API may not invoke
    try:
        less = before.replace("execute-api:ManageConnections", "execute-api:Invoke")
        iam.put_role_policy(**key, PolicyDocument=less)
        unanswered = deployed.test("chat")
    finally:
        iam.put_role_policy(**key, PolicyDocument=before)
    logged = deployed.logged("ChatLogs")
    functions.remove_permission(**called, StatementId=default["Sid"])
    try:
        uncalled = deployed.test("chat")
    finally:
        (source,) = default["Condition"]["ArnLike"].values()
        functions.add_permission(
            **called,
            StatementId=default["Sid"],
            Action=default["Action"],
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )
    # then clients hear of it, and the log tells why
    assert unanswered.returncode == 1, "a message is answered without the right to"
    assert "The invocation failed" in logged, logged
    assert uncalled.returncode == 1, "a route invokes without a permission"
    again = deployed.test("chat")
    assert again.returncode == 0, again.stdout + again.stderr
