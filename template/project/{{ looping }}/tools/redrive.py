"""Send the dead letters of a function back to work: python tools/redrive.py STACK REGION FUNCTION

Mend first what made them fail: they come back otherwise. Messages of a queue go back to that queue.
What else has failed is handed to the function again, and its letter is deleted once the function
has it; what no sender of this function has left stays where it is.
"""

import argparse
import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aws
import boto3
import letters
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from letters import Letter, Stays
from stack import physical_ids, stem
from terminal import confirm

LONG_POLL = 5  # seconds: a shorter look asks some of SQS's servers only, and may find nothing
HIDDEN = 300  # seconds that a letter is nobody else's while it is handed over
SHOWN = 10  # letters
LONGEST = 900  # seconds that Lambda lets a function run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region", "function"):
        parser.add_argument(word)
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    logical = stem(options.function)
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    if f"{logical}DeadLetters" not in found:
        sys.exit(f"Choose another function: {options.function} keeps no dead letters.")
    dead = DeadLetters(session, found[f"{logical}DeadLetters"])
    of_queue = f"{logical}Queue" in found
    if not dead.show(of_queue):
        print(f"{options.function} has no dead letters.")
        return
    if not options.yes:
        confirm(f"Send the dead letters of {options.function} back to work?")
    if of_queue:
        dead.move_back()
    else:
        dead.invoke_again(f"{found[f'{logical}Function']}:live")
    if left := dead.count():
        sys.exit(f"Look at what is left: about {left} dead letters.")


class DeadLetters:
    """A queue of dead letters."""

    def __init__(self, session: boto3.Session, url: str) -> None:
        self._session, self._sqs, self._url = session, session.client("sqs"), url
        self._arn = self._attribute("QueueArn")

    def count(self) -> int:
        """Return about how many letters there are that nobody has taken."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def show(self, of_queue: bool) -> bool:
        """Print how many letters there are, and what the first ones are; tell whether any is."""
        first = self._receive(hidden=0, most=SHOWN)
        if first:
            print(f"Dead letters: about {max(self.count(), len(first))}, these among them:")
        for letter in first:
            when = datetime.fromtimestamp(_sent(letter), UTC).isoformat(" ", "seconds")
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
            print(f"Messages moved back: about {moved}", flush=True)
            if task["Status"] != "RUNNING":
                break
            time.sleep(2)
        if task["Status"] != "COMPLETED":
            reason = task.get("FailureReason", "no reason is given")
            sys.exit(f"Mend this and run it again, the move is {task['Status']}: {reason}")

    def invoke_again(self, alias: str) -> None:
        """Hand each event to the function, and delete its letter; say what stays, and why."""
        waiting = Config(read_timeout=LONGEST, retries={"total_max_attempts": 1})
        functions = self._session.client("lambda", config=waiting)
        began = time.time()
        sent, left = 0, {}  # receipts of the letters that stay, by their ids
        try:
            # One at a time: while the function is awaited, the others of a batch would come back.
            while batch := self._receive(HIDDEN, most=1):
                name, receipt = batch[0]["MessageId"], batch[0]["ReceiptHandle"]
                if name in left:  # it has come back: it is hidden again now
                    left[name] = receipt
                    continue
                try:
                    self._hand_over(batch[0], functions, alias, began)
                except (BotoCoreError, ClientError, Stays) as error:
                    left[name] = receipt
                    print(f"{name} stays: {error}", file=sys.stderr)
                else:
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)
                    sent += 1
        except KeyboardInterrupt:
            most = (LONGEST + HIDDEN) // 60
            sys.exit(
                f"Run it again: it was stopped, and one letter may be hidden for {most} minutes."
            )
        finally:
            for receipt in left.values():
                with suppress(BotoCoreError, ClientError):
                    self._hide(receipt, 0)
        print(f"Handed to the function again: {sent} events")

    def _hand_over(self, letter: Letter, functions: Any, alias: str, began: float) -> None:
        if _sent(letter) > began:
            raise Stays("it has come since: what was handed over fails again")
        failure = letters.read(letter)
        event = json.dumps(failure.event(self._session))
        if not failure.awaited:
            functions.invoke(FunctionName=alias, InvocationType="Event", Payload=event)
            return
        self._hide(letter["ReceiptHandle"], LONGEST + HIDDEN)
        answer = functions.invoke(FunctionName=alias, Payload=event)
        outcome = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise Stays(f"the function fails again: {outcome.get('errorMessage')}")
        if failed := (outcome or {}).get("batchItemFailures"):
            raise Stays(f"the function fails again, from {failed[0]['itemIdentifier']} on")

    def _hide(self, receipt: str, seconds: int) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def _receive(self, hidden: int, most: int) -> list[Letter]:
        batch = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=hidden,
            WaitTimeSeconds=LONG_POLL,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return list(batch.get("Messages", []))

    def _attribute(self, name: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return str(found["Attributes"][name])


def _sent(letter: Letter) -> float:
    """Return when a letter was sent, in seconds."""
    return int(letter["Attributes"]["SentTimestamp"]) / 1000


def _described(letter: Letter) -> str:
    """Say what has failed, or why a letter will stay."""
    try:
        return f"event: {letters.read(letter).what}"
    except Stays as reason:
        return f"stays: {reason}"


if __name__ == "__main__":
    aws.run(main)
