"""The tool that sends dead letters back, on a queue that hides what is received for a time only."""

from __future__ import annotations

import io
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from docs.written.facts import kind, kind_names
from tests.conftest import Render

STREAM = next(name for name in kind_names() if kind(name)["invoked"] == "by-stream")


class Queue:
    """A queue of letters, and its clock."""

    def __init__(self, *bodies: Any) -> None:
        self.now = 0
        self.bodies = {str(number): json.dumps(body) for number, body in enumerate(bodies)}
        self.hidden = dict.fromkeys(self.bodies, 0)
        self.sent = dict.fromkeys(self.bodies, "0")

    def receive_message(self, **given: Any) -> dict[str, Any]:
        seen = [name for name in self.bodies if self.hidden[name] <= self.now]
        received = seen[: given["MaxNumberOfMessages"]]
        self.hidden |= dict.fromkeys(received, self.now + given["VisibilityTimeout"])
        return {
            "Messages": [
                {"MessageId": name, "ReceiptHandle": name, "Body": self.bodies[name]}
                | {"Attributes": {"SentTimestamp": self.sent[name]}}
                for name in received
            ]
        }

    def change_message_visibility(self, **given: Any) -> None:
        name = given["ReceiptHandle"]
        if self.hidden[name] <= self.now:
            error = {"Code": "InvalidParameterValue", "Message": "not available for a change"}
            raise ClientError({"Error": error}, "ChangeMessageVisibility")
        self.hidden[name] = self.now + given["VisibilityTimeout"]

    def send(self, sent: int) -> None:
        """Take another letter, sent at a time in milliseconds."""
        name = f"sent {len(self.sent)}"
        self.bodies[name], self.hidden[name], self.sent[name] = "{}", 0, str(sent)

    def delete_message(self, **given: Any) -> None:
        del self.bodies[given["ReceiptHandle"]]

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn", "ApproximateNumberOfMessages": "0"}}


class Session:
    """A queue, and a function that takes a minute for each event."""

    def __init__(self, queue: Queue, answer: Callable[[], bytes]) -> None:
        self._queue, self._answer = queue, answer

    def client(self, service: str, **_: Any) -> Any:
        return self._queue if service == "sqs" else self

    def invoke(self, **_: Any) -> dict[str, Any]:
        self._queue.now += 60
        return {"Payload": io.BytesIO(self._answer())}


@pytest.fixture
def redrive(render: Render, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The tool of a service whose letters have been read: it waits for the function."""
    monkeypatch.syspath_prepend(str(render(functions={"reader": STREAM}) / "tools"))
    before = set(sys.modules)
    import redrive

    monkeypatch.setattr(
        "letters.read", lambda _: redrive.letters.Failure("", lambda _: {}, awaited=True)
    )
    yield redrive
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_each_letter_is_handed_over_however_long_the_others_take(redrive: ModuleType) -> None:
    queue = Queue(*range(25))
    redrive.DeadLetters(Session(queue, lambda: b"null"), "url").invoke_again("f:live")
    assert queue.bodies == {}, "letters came back before it was their turn"


def test_letters_that_stay_do_not_end_it_when_they_come_back(redrive: ModuleType) -> None:
    queue = Queue(*range(25))
    answers = iter([b'{"batchItemFailures": [{"itemIdentifier": "1"}]}'] * 5 + [b"null"] * 25)
    redrive.DeadLetters(Session(queue, lambda: next(answers)), "url").invoke_again("f:live")
    assert len(queue.bodies) == 5
    assert [queue.hidden[name] <= queue.now for name in queue.bodies] == [True] * 5


def test_what_fails_again_at_once_is_not_handed_over_for_ever(
    redrive: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    queue, calls = Queue(*range(3)), itertools.count(1)

    def fail() -> bytes:
        assert next(calls) <= 3, "a letter that has come since is handed over"
        queue.send(round(time.time() * 1000) + 1)
        return b"null"

    redrive.DeadLetters(Session(queue, fail), "url").invoke_again("f:live")
    assert len(queue.bodies) == 3
    assert capsys.readouterr().err.count("what was handed over fails again") == 3


def _no_answer() -> bytes:
    raise ReadTimeoutError(endpoint_url="lambda")


def test_a_function_that_does_not_answer_lets_its_letter_stay(
    redrive: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = Queue("letter")
    redrive.DeadLetters(Session(queue, _no_answer), "url").invoke_again("f:live")
    assert "0 stays: Read timeout" in capsys.readouterr().err
    assert queue.hidden == {"0": queue.now}


def test_what_stays_can_be_seen_again_when_somebody_stops_it(redrive: ModuleType) -> None:
    def answer() -> bytes:
        if queue.now > 60:
            raise KeyboardInterrupt
        return b'{"batchItemFailures": [{"itemIdentifier": "1"}]}'

    queue = Queue(*range(5))
    with pytest.raises(SystemExit, match="Run it again"):
        redrive.DeadLetters(Session(queue, answer), "url").invoke_again("f:live")
    hidden = [name for name in queue.bodies if queue.hidden[name] > queue.now]
    assert hidden == ["1"], "only what the function may still be doing is to be hidden"


@pytest.mark.parametrize(
    "body",
    [
        {"KinesisBatchInfo": {}},
        {"KinesisBatchInfo": None},
        {"requestContext": None, "requestPayload": {}},
        {"Type": "Notification", "TopicArn": "arn", "UnsubscribeURL": 5},
    ],
    ids=str,
)
def test_a_letter_that_only_looks_like_one_of_a_sender_stays(
    render: Render, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    functions = {name.replace("_", "-"): name for name in kind_names()}
    monkeypatch.syspath_prepend(str(render(functions=functions) / "tools"))
    before = set(sys.modules)
    import letters

    with pytest.raises(letters.Stays, match="not as its sender writes it"):
        letters.read({"Body": json.dumps(body)})
    for name in set(sys.modules) - before:
        del sys.modules[name]
