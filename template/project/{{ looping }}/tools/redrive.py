"""Send the dead letters of a function back to work: python tools/redrive.py STACK REGION FUNCTION

Mend first what made them fail: they come back otherwise. Messages of a queue go back to that queue.
Failed events are handed to the function again, each is deleted once it is taken; what is no such
event stays where it is.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError
from stack import physical_ids, stem
from terminal import confirm

LONG_POLL = 5  # seconds: a shorter look asks some of SQS's servers only, and may find nothing
HIDDEN = 300  # seconds that a letter is nobody else's while it is handed over
SHOWN = 10  # letters

Letter = dict[str, Any]


class NotUnderstood(Exception):
    """A letter is no event that has failed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region", "function"):
        parser.add_argument(word)
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    session = boto3.Session(region_name=options.region)
    logical = stem(options.function)
    found = physical_ids(session, options.stack)
    if f"{logical}DeadLetters" not in found:
        sys.exit(f"Choose another function: {options.function} keeps no dead letters.")
    letters = DeadLetters(session.client("sqs"), found[f"{logical}DeadLetters"])
    of_queue = f"{logical}Queue" in found
    if not letters.show(of_queue):
        print(f"{options.function} has no dead letters.")
        return
    if not options.yes:
        confirm(f"Send the dead letters of {options.function} back to work?")
    if of_queue:
        letters.move_back()
    else:
        letters.invoke_again(session.client("lambda"), f"{found[f'{logical}Function']}:live")
    if left := letters.count():
        sys.exit(f"Look at what is left: about {left} dead letters.")


class DeadLetters:
    """A queue of dead letters."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url
        self._arn = self._attribute("QueueArn")

    def count(self) -> int:
        """Return about how many letters there are that nobody has taken."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def show(self, of_queue: bool) -> bool:
        """Print how many letters there are, and what the first ones are; tell whether any is."""
        first = self._receive(hidden=0)
        if first:
            print(f"About {max(self.count(), len(first))} dead letters, and these are among them:")
        for letter in first:
            sent = int(letter["Attributes"]["SentTimestamp"]) / 1000
            when = datetime.fromtimestamp(sent, UTC).isoformat(" ", "seconds")
            print(
                f"  {when}  {letter['MessageId']}  {'message' if of_queue else _described(letter)}"
            )
        return bool(first)

    def move_back(self) -> None:
        """Move all to the queue they come from, and wait until they are there."""
        self._sqs.start_message_move_task(SourceArn=self._arn)
        while True:
            task = self._sqs.list_message_move_tasks(SourceArn=self._arn)["Results"][0]
            moved = task.get("ApproximateNumberOfMessagesMoved", 0)
            print(f"Moved back: about {moved} messages", flush=True)
            if task["Status"] != "RUNNING":
                break
            time.sleep(2)
        if task["Status"] != "COMPLETED":
            reason = task.get("FailureReason", "no reason is given")
            sys.exit(f"Mend this and run it again, the move is {task['Status']}: {reason}")

    def invoke_again(self, functions: Any, alias: str) -> None:
        """Hand each event to the function, and delete its letter; say what stays, and why."""
        sent, left = 0, {}  # receipts of the letters that stay, by their ids
        while True:
            batch = {letter["MessageId"]: letter for letter in self._receive(HIDDEN)}
            new = batch.keys() - left.keys()
            left |= {name: letter["ReceiptHandle"] for name, letter in batch.items()}
            for name in new:
                try:
                    payload = json.dumps(_event(batch[name]))
                    functions.invoke(FunctionName=alias, InvocationType="Event", Payload=payload)
                except (ClientError, NotUnderstood) as error:
                    print(f"{name} stays: {error}", file=sys.stderr)
                else:
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=left.pop(name))
                    sent += 1
            if not new:
                break
        for receipt in left.values():
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        print(f"Handed to the function again: {sent} events")

    def _receive(self, hidden: int) -> list[Letter]:
        batch = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=SHOWN,
            VisibilityTimeout=hidden,
            WaitTimeSeconds=LONG_POLL,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return list(batch.get("Messages", []))

    def _attribute(self, name: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return str(found["Attributes"][name])


def _event(letter: Letter) -> Any:
    """Return the event that a letter holds; raise NotUnderstood where it is no failed event.

    Lambda keeps a record of the failure, with the event in it. Scheduler keeps the request that it
    made of Lambda, and says in attributes which schedule it was.
    """
    body = _json(letter["Body"])
    if "requestPayload" in body:
        return body["requestPayload"]
    attributes = letter.get("MessageAttributes", {})
    if "SCHEDULE_ARN" not in attributes:
        raise NotUnderstood("it is neither a record of Lambda nor an event of Scheduler")
    if attributes.get("IS_PAYLOAD_TRUNCATED", {}).get("StringValue") == "true":
        raise NotUnderstood("Scheduler has cut its event")
    if "FunctionName" in body and "Payload" in body:
        return _json(body["Payload"])
    return body


def _json(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        raise NotUnderstood("it is no JSON") from None
    if not isinstance(found, dict):
        raise NotUnderstood("it is no JSON object")
    return found


def _described(letter: Letter) -> str:
    """Say what has failed, or why a letter will stay."""
    try:
        _event(letter)
    except NotUnderstood as error:
        return f"stays: {error}"
    code = letter.get("MessageAttributes", {}).get("ERROR_CODE", {}).get("StringValue")
    record = _json(letter["Body"]).get("requestContext", {})
    return f"event: {code or record.get('condition', 'failed')}"


if __name__ == "__main__":
    main()
