"""What a source may not hand to its function: it is kept, and its work is done afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from docs.written.facts import kind as facts
from docs.written.facts import kind_names, stem
from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service, eventually


def put_event(service: Service, bus: str, _name: str, body: str) -> None:
    entry = {"Source": "shop", "DetailType": "Item ordered", "Detail": body, "EventBusName": bus}
    assert not service.client("events").put_events(Entries=[entry])["FailedEntryCount"]


def put_file(service: Service, bucket: str, name: str, body: str) -> None:
    service.client("s3").put_object(Bucket=bucket, Key=name, Body=body.encode())


def publish(service: Service, topic: str, _name: str, body: str) -> None:
    service.client("sns").publish(TopicArn=topic, Message=body)


SENDS: dict[str, tuple[str, Callable[[Service, str, str, str], None]]] = {
    "eventbridge": ("Bus", put_event),
    "s3": ("Bucket", put_file),
    "sns": ("Topic", publish),
}
"""What a function of a kind is fed from, and how something is put there."""
KEEPING = [
    kind
    for kind in kind_names()
    if "keeps" in facts(kind)["source"] and facts(kind)["shape"] == "work"
]


@of_any_language
@pytest.mark.parametrize("kind", KEEPING)
def test_what_may_not_be_delivered_is_kept_and_done_later(deployed: Service, kind: str) -> None:
    # given a function that its source may not invoke
    function, name = facts(kind)["default_name"], f"undelivered-{uuid4()}"
    own, (place, send) = stem(function), SENDS[kind]
    sqs, queue = deployed.client("sqs"), deployed.resource(f"{own}DeadLetters")
    sqs.purge_queue(QueueUrl=queue)
    # when work comes
    with deployed.without_permission(f"{own}Function"):
        body = json.dumps({"name": name, "quantity": 2})
        send(deployed, deployed.resource(f"{own}{place}"), name, body)
        eventually(lambda: _kept(sqs, queue, name), "what could not be delivered is lost")
    # then it is not done, until the function may be invoked again and is handed what was kept
    assert not deployed.items(name), "it is invoked without a permission"
    words = ("make", "--silent", "redrive", "ENV=dev", f"FN={function}", "YES=1")
    done = deployed.local_aws("run", *words)
    assert "Handed to the function again: 1 event" in done.stdout, done.stdout + done.stderr
    eventually(lambda: deployed.items(name), "what was kept is not done")


@of_any_language
def test_lines_that_may_not_be_delivered_are_skipped(deployed: Service) -> None:
    group = deployed.resource("WatcherGroup")
    # when lines come while the log group may not invoke the function, and afterwards
    skipped, let, nowhere = (f"line-{uuid4()}" for _ in range(3))
    with deployed.without_permission("WatcherFunction"):
        _log(deployed, group, skipped)
    _log(deployed, group, let)
    # then those alone are done that the function permits
    eventually(lambda: deployed.items(let), "a line is not done")
    assert not deployed.items(skipped), "it is invoked without a permission"
    # nor is a log group subscribed to that does not exist
    asked = {"LogGroupName": nowhere, "DestinationArn": "arn:aws:lambda:::function:f"}
    filter_ = {"Type": "AWS::Logs::SubscriptionFilter", "Properties": asked | {"FilterPattern": ""}}
    stacks = deployed.client("cloudformation")
    stacks.create_stack(StackName=nowhere, TemplateBody=json.dumps({"Resources": {"Own": filter_}}))

    def refused() -> bool:
        events = stacks.describe_stack_events(StackName=nowhere)["StackEvents"]
        reasons = [event.get("ResourceStatusReason", "") for event in events]
        return any(f"does not exist: {nowhere}" in reason for reason in reasons)

    eventually(refused, "a log group that does not exist is subscribed to")


def _log(service: Service, group: str, name: str) -> None:
    logs, where = service.client("logs"), {"logGroupName": group, "logStreamName": name}
    logs.create_log_stream(**where)
    message = json.dumps({"name": name, "quantity": 2})
    line = {"timestamp": int(1000 * time.time()), "message": message}
    logs.put_log_events(**where, logEvents=[line])


def _kept(sqs: Any, queue: str, name: str) -> bool:
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return any(name in letter["Body"] for letter in found.get("Messages", []))
