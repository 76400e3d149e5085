"""Streams: what Lambda does with records that fail."""

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ministack.services import lambda_svc, sqs

from golden_path.local.bridges.cloudformation import Record

PAUSE = 0.1  # seconds before records are read again; Lambda waits longer from attempt to attempt
Records = list[Record]


def failed_records_are_read_again_and_given_up() -> None:
    """Bridge: what fails of a batch is read again as its mapping says, and then given up.

    Lambda goes on from the first record that the function names, tries the halves of a batch that
    crashes, and tells the failure destination which records were too old or failed too often. The
    emulator takes a batch that comes back in part for done, and tries a crash again for ever. The
    attempts begin anew here with each half, and behind each part of a batch that is done.
    """
    polls: ContextVar[bool] = ContextVar("polls", default=False)
    execute = lambda_svc._execute_function

    def run(function: Record, event: Any) -> Record:
        if not polls.get():
            return execute(function, event)
        source = event["Records"][0]["eventSourceARN"]
        Reader(_mapping(function, source), function, execute).work_off(event["Records"])
        return {"body": None}

    def polling(poll: Callable[[], bool]) -> Callable[[], bool]:
        def poll_streams() -> bool:
            token = polls.set(True)
            try:
                return poll()
            finally:
                polls.reset(token)

        return poll_streams

    lambda_svc._execute_function = run
    lambda_svc._poll_kinesis = polling(lambda_svc._poll_kinesis)
    lambda_svc._poll_dynamodb_streams = polling(lambda_svc._poll_dynamodb_streams)


def _mapping(function: Record, source: str) -> Record:
    """Return the mapping by which a version, or its alias, reads a stream."""
    name, version = function["config"]["FunctionName"], function["config"]["Version"]
    aliases = lambda_svc._functions[name].get("aliases", {})
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if (mapping["FunctionName"], mapping["EventSourceArn"]) == (name, source):
            called = mapping.get("Qualifier") or version
            if version == aliases.get(called, {}).get("FunctionVersion", called):
                return mapping
    raise LookupError(f"nothing maps {source} to version {version} of {name}")


@dataclass(frozen=True)
class Reader:
    """Reads batches of a stream for a function."""

    mapping: Record
    function: Record
    execute: Callable[[Record, Any], Record]

    def work_off(self, records: Records) -> None:
        """Do records in their order; return once each is done or given up."""
        most = self.mapping.get("MaximumRetryAttempts", -1)
        answer, attempts = {}, 0
        while records:
            if late := [record for record in records if self._too_old(record)]:
                self._give_up(late, "RecordAgeExceeded", answer, attempts)
                records = records[len(late) :]
                continue
            answer = self.execute(self.function, {"Records": records})
            done = self._done(records, answer)
            records, attempts = records[done:], (0 if done else attempts) + 1
            if not records:
                return
            if self._is_halved(answer) and len(records) > 1:
                middle = len(records) // 2
                self.work_off(records[:middle])
                records, attempts = records[middle:], 0
            elif 0 <= most < attempts:
                self._give_up(records, "RetryAttemptsExhausted", answer, attempts)
                return
            else:
                time.sleep(PAUSE)

    def _done(self, records: Records, answer: Record) -> int:
        """Return how many records are done: all before the first that the function names.

        https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
        """
        if answer.get("error"):
            return 0
        body = answer.get("body")
        failures = body.get("batchItemFailures") if isinstance(body, dict) else None
        if not failures or "ReportBatchItemFailures" not in self.mapping["FunctionResponseTypes"]:
            return len(records)
        named = [failure.get("itemIdentifier") for failure in failures]
        places = [place for place, record in enumerate(records) if _number(record) in named]
        return min(places, default=0)  # where no record bears the name, all have failed

    def _is_halved(self, answer: Record) -> bool:
        return bool(answer.get("error") and self.mapping.get("BisectBatchOnFunctionError"))

    def _too_old(self, record: Record) -> bool:
        oldest = self.mapping.get("MaximumRecordAgeInSeconds", -1)
        return 0 <= oldest < time.time() - _arrived(record)

    def _give_up(self, records: Records, reason: str, answer: Record, attempts: int) -> None:
        """Tell the failure destination which records these were; it does not get the records.

        https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
        """
        letter = {
            "requestContext": {
                "requestId": str(uuid4()),
                "functionArn": self.mapping["FunctionArn"],
                "condition": reason,
                "approximateInvokeCount": attempts,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": self.function["config"]["Version"],
                "functionError": "Unhandled" if answer.get("error") else None,
            },
            "version": "1.0",
            "timestamp": _written(time.time(), "milliseconds"),
            **_batch_info(records, self.mapping["EventSourceArn"]),
        }
        on_failure = self.mapping.get("DestinationConfig", {}).get("OnFailure", {})
        if queue := sqs._queue_by_arn(on_failure.get("Destination", "")):
            sqs._HANDLERS["SendMessage"]({"MessageBody": json.dumps(letter)}, queue["url"])


def _batch_info(records: Records, stream: str) -> Record:
    """Return which records these are, as a letter says it."""
    first, last = records[0], records[-1]
    name, precision = "DDBStreamBatchInfo", "seconds"
    shard = "shardId-00000000000000000000-00000000"  # the only one that a table has here
    if "kinesis" in first:
        name, precision = "KinesisBatchInfo", "milliseconds"
        shard = first["eventID"].partition(":")[0]
    return {
        name: {
            "shardId": shard,
            "startSequenceNumber": _number(first),
            "endSequenceNumber": _number(last),
            "approximateArrivalOfFirstRecord": _written(_arrived(first), precision),
            "approximateArrivalOfLastRecord": _written(_arrived(last), precision),
            "batchSize": len(records),
            "streamArn": stream,
        }
    }


def _number(record: Record) -> str:
    if "kinesis" in record:
        return record["kinesis"]["sequenceNumber"]
    return record["dynamodb"]["SequenceNumber"]


def _arrived(record: Record) -> float:
    if "kinesis" in record:
        return record["kinesis"]["approximateArrivalTimestamp"]
    return record["dynamodb"]["ApproximateCreationDateTime"]


def _written(second: float, precision: str) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec=precision)[:-6] + "Z"


ALL = (failed_records_are_read_again_and_given_up,)
