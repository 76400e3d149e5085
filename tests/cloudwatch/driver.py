"""Runs handlers made by a service's own adapters: python driver.py, a line of JSON an invocation.

The work is the tests': it fails where its input says so.
"""

import json
import sys
from types import SimpleNamespace

from service.adapters import http_api, schedule, sqs

BAD = "bad"


class Bad(Exception):
    """What the work raises."""


@http_api.handler
def items(request):
    if BAD in request.content:
        raise Bad
    return http_api.Response(200, {})


@sqs.handler
def worker(message):
    if BAD in message.content:
        raise Bad


@schedule.handler
def report(run):
    if run.scheduled_at.year == 1999:
        raise Bad


HANDLERS = {"items": items, "report": report, "worker": worker}

for line in sys.stdin:
    asked = json.loads(line)
    context = SimpleNamespace(
        function_name=asked["function"],
        function_version=asked["version"],
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:f:live",
        aws_request_id="c6af9ac6-7b61-11e6-9a41-93e812345678",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    outcome = {"error": None, "answer": None}
    try:
        outcome["answer"] = HANDLERS[asked["handler"]](asked["event"], context)
    except (Bad, sqs.BatchFailed) as error:
        outcome["error"] = type(error).__name__
    print(json.dumps({"outcome": outcome}), flush=True)
