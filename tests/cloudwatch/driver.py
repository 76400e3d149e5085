"""Runs handlers made by a service's own adapters: python driver.py KINDS, a line of JSON an event.

KINDS are the shapes of their handlers by kind. The work is the tests': it fails where what comes is
no item, or long ago.
"""

import json
import sys
from importlib import import_module
from types import SimpleNamespace

from service.adapters.validation import Invalid
from service.domain import items


class Bad(Exception):
    """What the work raises."""


def take(body):
    try:
        body(items.NewItem)
    except Invalid:
        raise Bad from None


def request(adapter):
    @adapter.handler
    def handler(request):
        take(request.body)
        return adapter.Response(200, {})

    return handler


def work(adapter):
    return adapter.handler(lambda record: take(record.body))


def run(adapter):
    @adapter.handler
    def handler(run):
        if run.scheduled_at.year == 1999:
            raise Bad

    return handler


def step(adapter):
    @adapter.handler
    def handler(step):
        take(step.input)
        return {}

    return handler


def hook(adapter):
    @adapter.handler
    def handler(trigger):
        if trigger.user == "poison":
            raise Bad

    return handler


SHAPES = {"hook": hook, "request": request, "run": run, "step": step, "work": work}
HANDLERS = {
    kind: SHAPES[shape](import_module(f"service.adapters.{kind}"))
    for kind, shape in json.loads(sys.argv[1]).items()
}

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
        outcome["answer"] = HANDLERS[asked["kind"]](asked["event"], context)
    except Exception as error:
        # An adapter raises errors of its own too; all others are the driver's.
        if not type(error).__module__.startswith((__name__, "service.adapters.")):
            raise
        outcome["error"] = type(error).__name__
    print(json.dumps({"outcome": outcome}), flush=True)
