"""WebSocket APIs on the emulator: whom functions let in, and what clients hear of failures."""

from __future__ import annotations

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service


@of_any_language
def test_messages_need_what_aws_demands(deployed: Service) -> None:
    # when the role may not answer, and when the API may not invoke
    with deployed.with_rights("ChatRole", "execute-api:ManageConnections", "execute-api:Invoke"):
        unanswered = deployed.test("chat")
    logged = deployed.logged("ChatLogs")
    with deployed.without_permission("ChatFunction", "$default"):
        uncalled = deployed.test("chat")
    # then clients hear of it, and the log tells why
    assert unanswered.returncode == 1, "a message is answered without the right to"
    assert "The invocation failed" in logged, logged
    assert uncalled.returncode == 1, "a route invokes without a permission"
    again = deployed.test("chat")
    assert again.returncode == 0, again.stdout + again.stderr
