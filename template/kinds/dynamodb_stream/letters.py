"""Lambda: which changes of a table it has given up; they are read from its stream again."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from letters import Failure, Letter, Stays, content

NAMES = ("streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "batchSize")
EMPTY_PAGES = 20  # a shard may give some between records
GONE = "the stream no longer keeps its records"


def read(letter: Letter) -> Failure | None:
    body = content(letter["Body"])
    if "DDBStreamBatchInfo" not in body:
        return None
    batch = {name: body["DDBStreamBatchInfo"][name] for name in NAMES}
    request = body.get("requestContext", {})
    what = (
        f"{request.get('condition', 'failed')}, batch of {batch['batchSize']} "
        f"from {batch['startSequenceNumber']} on"
    )
    function = request.get("functionArn", "")
    return Failure(what, lambda session: _event(session, batch, function), awaited=True)


def _event(session: boto3.Session, batch: dict[str, Any], function: str) -> dict[str, Any]:
    """Return what Lambda handed to the function, without what its filter has held back."""
    found = _records(session.client("dynamodbstreams"), batch)
    if len(found) > batch["batchSize"]:
        patterns = _patterns(session.client("lambda"), function, batch["streamArn"])
        found = [record for record in found if any(_passes(one, record) for one in patterns)]
    if len(found) != batch["batchSize"]:
        raise Stays(f"of its {batch['batchSize']} records, {len(found)} are found")
    return {"Records": [record | {"eventSourceARN": batch["streamArn"]} for record in found]}


def _records(streams: Any, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the records of a batch from its shard, or raise Stays where they are gone."""
    first, last = batch["startSequenceNumber"], int(batch["endSequenceNumber"])
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=first,
        )["ShardIterator"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "TrimmedDataAccessException":
            raise Stays(GONE) from None
        raise
    found: list[dict[str, Any]] = []
    empty = 0
    while iterator and empty < EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        records = [_plain(record) for record in page["Records"]]
        found += [one for one in records if _number(one) <= last]
        empty = 0 if records else empty + 1
        read = bool(records) and _number(records[-1]) >= last
        iterator = None if read else page.get("NextShardIterator")
    if not found or found[0]["dynamodb"]["SequenceNumber"] != first:
        raise Stays(GONE)
    return found


def _number(record: dict[str, Any]) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _plain(value: Any) -> Any:
    """Return a value as the event of Lambda has it."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.timestamp() if isinstance(value, datetime) else value


def _patterns(functions: Any, function: str, stream: str) -> list[Any]:
    """Return the patterns by which the mapping filters; without one, all that it reads passes."""
    mappings = functions.list_event_source_mappings(FunctionName=function, EventSourceArn=stream)
    filters = [
        one
        for mapping in mappings["EventSourceMappings"]
        for one in mapping.get("FilterCriteria", {}).get("Filters", [])
    ]
    return [json.loads(one["Pattern"]) for one in filters] or [{}]


def _passes(pattern: dict[str, Any], value: Any) -> bool:
    """Tell whether a pattern lets a value through, or raise Stays where it says what is not known.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    """
    for key, wanted in pattern.items():
        own = value.get(key) if isinstance(value, dict) else None
        passes = (
            _passes(wanted, own)
            if isinstance(wanted, dict)
            else any(_matches(rule, own) for rule in wanted)
        )
        if not passes:
            return False
    return True


def _matches(rule: Any, value: Any) -> bool:
    if not isinstance(rule, dict):
        return bool(rule == value)
    ((operator, operand),) = rule.items()
    match operator:
        case "exists":
            return (value is not None) is operand
        case "prefix":
            return isinstance(value, str) and value.startswith(operand)
        case "suffix":
            return isinstance(value, str) and value.endswith(operand)
        case "anything-but" if isinstance(operand, list):
            return value is not None and value not in operand
    raise Stays(f"hand it over by hand: {operator} of the mapping's filter is not known here")
