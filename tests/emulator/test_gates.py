"""A release that fails under traffic is taken back by its gates."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.emulator.conftest import OwnService
from tests.emulator.service import Service

HANDLER = "src/service/handlers/worker.py"
WORK = "    item = items.process("
EVERY = '    raise RuntimeError("bad")\n'
SECOND = f"    if int(message.message_id[0], 16) % 2:\n    {EVERY}"
ALL_AT_ONCE, LINEAR = "AllAtOnce", "Linear10PercentEvery1Minute"


@pytest.fixture(scope="module")
def worker(own_service: OwnService) -> Iterator[Service]:
    """A worker whose traffic shifts."""
    service = own_service({"worker": "sqs"}, data_store="none")
    service.edit("config/dev.json", ALL_AT_ONCE, LINEAR)
    service.deploy("start", "--bridge", str(Path(__file__).with_name("gates.py")))
    yield service
    service.stop()


@contextmanager
def messages(service: Service) -> Iterator[None]:
    """Send good messages, some fifty a second."""
    sqs, queue = service.client("sqs"), service.resource("WorkerQueue")
    body = json.dumps({"name": "lamp", "quantity": 2})
    entries = [{"Id": str(number), "MessageBody": body} for number in range(5)]
    enough = threading.Event()

    def send() -> None:
        while not enough.wait(0.1):
            sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        enough.set()
        sender.join()


def reason(service: Service) -> str:
    """Why the alias was not updated."""
    stacks = service.client("cloudformation")
    events = stacks.describe_stack_events(StackName="items-service-dev")["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
    return str(failed[0]["ResourceStatusReason"])


@pytest.mark.parametrize("bad", [EVERY, SECOND], ids=["every message", "one of two"])
def test_a_release_that_fails_messages_is_taken_back(worker: Service, bad: str) -> None:
    # given
    before = worker.alias("WorkerFunction")["Version"]
    worker.edit(HANDLER, WORK, bad + WORK)
    # when
    with messages(worker):
        done = worker.local_aws("deploy")
    worker.edit(HANDLER, bad + WORK, WORK)
    # then
    assert done.returncode, f"it is deployed:\n{done.stdout}"
    assert "WorkerReleaseMessagesAlarm" in reason(worker)
    assert worker.alias("WorkerFunction")["Version"] == before


def test_a_release_that_does_its_work_is_not(worker: Service) -> None:
    # given
    before = worker.alias("WorkerFunction")["Version"]
    worker.edit("config/dev.json", '"LogLevel": "DEBUG"', '"LogLevel": "INFO"')
    # when
    with messages(worker):
        done = worker.local_aws("deploy")
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert worker.alias("WorkerFunction")["Version"] != before
