"""Send the dead letters of a function back to work: python tools/redrive.py STACK REGION FUNCTION

Look at them first, and mend what made them fail: they come back otherwise. Messages of a queue go
back to that queue. Failed events are handed to the function again; each is deleted once taken.
"""

import argparse
import json
import sys
from typing import Any

import boto3
from stack import physical_ids, stem


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region", "function"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = boto3.Session(region_name=options.region)
    logical = stem(options.function)
    found = physical_ids(session, options.stack)
    if f"{logical}DeadLetters" not in found:
        sys.exit(f"Choose another function: {options.function} keeps no dead letters.")
    dead_letters = found[f"{logical}DeadLetters"]
    sqs = session.client("sqs")
    if f"{logical}Queue" in found:
        _move_back(sqs, dead_letters)
    else:
        alias = f"{found[f'{logical}Function']}:live"
        _invoke_again(sqs, session.client("lambda"), dead_letters, alias)


def _move_back(sqs: Any, dead_letters: str) -> None:
    attributes = sqs.get_queue_attributes(
        QueueUrl=dead_letters, AttributeNames=["QueueArn", "ApproximateNumberOfMessages"]
    )["Attributes"]
    sqs.start_message_move_task(SourceArn=attributes["QueueArn"])
    print(f"On their way back: about {attributes['ApproximateNumberOfMessages']} messages")


def _invoke_again(sqs: Any, functions: Any, dead_letters: str, alias: str) -> None:
    sent = 0
    while True:
        batch = sqs.receive_message(QueueUrl=dead_letters, MaxNumberOfMessages=10)
        if not batch.get("Messages"):
            break
        for message in batch["Messages"]:
            event = json.loads(message["Body"])
            # Lambda wraps the event in a record of its failure; the scheduler keeps it as it was.
            payload = json.dumps(event.get("requestPayload", event))
            functions.invoke(FunctionName=alias, InvocationType="Event", Payload=payload)
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            sent += 1
    print(f"Handed to the function again: {sent} events")


if __name__ == "__main__":
    main()
