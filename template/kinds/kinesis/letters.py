"""Lambda: which records of a Kinesis stream it has given up; they are read from there again."""

from base64 import b64encode
from typing import Any

import boto3

from letters import Failure, Letter, Stays, content

NAMES = ("streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "batchSize")


def read(letter: Letter) -> Failure | None:
    body = content(letter["Body"])
    if "KinesisBatchInfo" not in body:
        return None
    batch = {name: body["KinesisBatchInfo"][name] for name in NAMES}
    condition = body.get("requestContext", {}).get("condition", "failed")
    what = f"{condition}, batch of {batch['batchSize']} from {batch['startSequenceNumber']} on"
    return Failure(what, lambda session: _event(session, batch), awaited=True)


def _event(session: boto3.Session, batch: dict[str, Any]) -> dict[str, Any]:
    """Return what Lambda handed to the function."""
    stream, shard = batch["streamArn"], batch["shardId"]
    caller = session.client("sts").get_caller_identity()["Arn"]
    records = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": caller,
            "awsRegion": session.region_name,
            "eventSourceARN": stream,
        }
        for record in _records(session.client("kinesis"), batch)
    ]
    return {"Records": records}


def _records(kinesis: Any, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the records of a batch from its shard, or raise Stays where they are gone."""
    stream, first, last = (
        batch[name] for name in ("streamArn", "startSequenceNumber", "endSequenceNumber")
    )
    iterator = kinesis.get_shard_iterator(
        StreamARN=stream,
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=first,
    )["ShardIterator"]
    found: list[dict[str, Any]] = []
    while iterator:
        page = kinesis.get_records(StreamARN=stream, ShardIterator=iterator)
        found += page["Records"]
        read = bool(found) and int(found[-1]["SequenceNumber"]) >= int(last)
        behind = page.get("MillisBehindLatest", 0) > 0
        iterator = page.get("NextShardIterator") if behind and not read else None
    # What is too old is passed over in silence.
    if not found or found[0]["SequenceNumber"] != first:
        raise Stays("the stream no longer keeps its records")
    return [record for record in found if int(record["SequenceNumber"]) <= int(last)]
