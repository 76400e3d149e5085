"""Call a function of the service in this folder: call.py MODULE EVENTS ANSWERS.

Both files are lists in JSON. An error that ends an invocation stands as a text among the answers.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


class Context:
    """What Lambda hands over besides an event."""

    function_name = "function"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function:live"
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e812345678"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def called(handler: Any, event: Any) -> Any:
    try:
        return handler(event, Context())
    except Exception as error:  # noqa: BLE001 - any of them ends an invocation
        return repr(error)


sys.path.insert(0, "src")
module, events, answers = sys.argv[1:]
handler = import_module(f"service.handlers.{module}").handler
found = [called(handler, event) for event in json.loads(Path(events).read_text())]
Path(answers).write_text(json.dumps(found))
