"""Streams on the emulator: what of a batch is read again, and what is given up."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SetUp

Poll = Callable[..., dict[str, Any]]
POLL = Path(__file__).with_name("poll.py")


@pytest.fixture(scope="module")
def poll(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poll]:
    """Let the emulator poll a stream, with the bridge for streams."""
    service = set_up(tmp_path_factory.mktemp("emulator"), ".tools/emulator/.ready")
    command = [service / ".tools/emulator/bin/python", POLL]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}

    def once(*records: str, service_of_aws: str = "kinesis", **mapping: Any) -> dict[str, Any]:
        ages, answer = mapping.pop("ages", {}), mapping.pop("answer", {"batchItemFailures": []})
        given = {"service": service_of_aws, "records": records, "ages": ages, "answer": answer}
        print(json.dumps(given | {"mapping": mapping}), file=process.stdin, flush=True)
        found: dict[str, Any] = json.loads(process.stdout.readline())
        assert found["went_on"], "the shard is blocked for ever"
        return found

    with subprocess.Popen(command, text=True, **pipes) as process:
        yield once


def given_up(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    told = []
    for letter in found["letters"]:
        batch = letter.get("KinesisBatchInfo") or letter["DDBStreamBatchInfo"]
        numbers = (batch["startSequenceNumber"], batch["endSequenceNumber"])
        told.append((letter["requestContext"]["condition"], *numbers))
    return told


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, "text"], ids=str)
def test_what_is_done_is_not_read_again(poll: Poll, answer: Any) -> None:
    found = poll("done", "done", answer=answer)
    assert found["handed"] == [["done", "done"]]
    assert found["letters"] == []


def test_a_batch_that_is_done_in_part_goes_on_from_its_first_failure(poll: Poll) -> None:
    found = poll("done", "fails", "done", "fails", MaximumRetryAttempts=1)
    rest = ["fails", "done", "fails"]
    assert found["handed"] == [["done", *rest], rest]
    assert given_up(found) == [("RetryAttemptsExhausted", "1", "3")]
    assert found["letters"][0]["responseContext"]["functionError"] is None


def test_attempts_begin_anew_behind_what_is_done(poll: Poll) -> None:
    batch = ["fails once", "done", "fails once", "done"]
    found = poll(*batch, MaximumRetryAttempts=1)
    assert found["handed"] == [batch, batch, batch[2:]]
    assert found["letters"] == []


def test_what_names_no_record_has_failed_whole(poll: Poll) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": ""}]}
    found = poll("done", "done", MaximumRetryAttempts=1, answer=answer)
    assert found["handed"] == [["done", "done"]] * 2
    assert given_up(found) == [("RetryAttemptsExhausted", "0", "1")]


def test_an_answer_says_nothing_where_the_mapping_asks_for_none(poll: Poll) -> None:
    found = poll("fails", "done", FunctionResponseTypes=[])
    assert found["handed"] == [["fails", "done"]]


def test_of_a_batch_that_crashes_halves_are_tried_until_one_record_is_alone(poll: Poll) -> None:
    batch = ["done", "done", "crashes", "done"]
    halved = poll(*batch, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
    alone = [["crashes"], ["crashes"]]
    assert halved["handed"] == [batch, batch[:2], batch[2:], *alone, ["done"]]
    assert given_up(halved) == [("RetryAttemptsExhausted", "2", "2")]
    whole = poll(*batch, MaximumRetryAttempts=1)
    assert whole["handed"] == [batch, batch]
    assert given_up(whole) == [("RetryAttemptsExhausted", "0", "3")]


def test_what_is_too_old_is_given_up_unread(poll: Poll) -> None:
    found = poll("old", "old", "done", MaximumRecordAgeInSeconds=60, ages={"old": 61, "done": 59})
    assert found["handed"] == [["done"]]
    assert given_up(found) == [("RecordAgeExceeded", "0", "1")]


@pytest.mark.parametrize(
    ("service", "name", "shard", "moment"),
    [
        ("kinesis", "KinesisBatchInfo", "shardId-7", r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z"),
        ("dynamodb", "DDBStreamBatchInfo", "shardId-0", r"\d{4}-\d\d-\d\dT[\d:]{8}Z"),
    ],
)
def test_a_letter_is_as_lambda_writes_it(
    poll: Poll, service: str, name: str, shard: str, moment: str
) -> None:
    found = poll("crashes", "done", service_of_aws=service, MaximumRetryAttempts=2)
    (letter,) = found["letters"]
    batch = letter.pop(name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", letter.pop("timestamp"))
    assert letter["requestContext"].pop("requestId")
    arn = "arn:aws:lambda:us-east-1:000000000000:function:reader:live"
    context = {"functionArn": arn, "condition": "RetryAttemptsExhausted"}
    response = {"statusCode": 200, "executedVersion": "3", "functionError": "Unhandled"}
    assert letter == {
        "requestContext": context | {"approximateInvokeCount": 3},
        "responseContext": response,
        "version": "1.0",
    }
    assert batch.pop("shardId").startswith(shard)
    for place in ("First", "Last"):
        assert re.fullmatch(moment, batch.pop(f"approximateArrivalOf{place}Record"))
    stream = f"arn:aws:{service}:us-east-1:000000000000:stream"
    assert batch == {
        "startSequenceNumber": "0",
        "endSequenceNumber": "1",
        "batchSize": 2,
        "streamArn": stream,
    }
