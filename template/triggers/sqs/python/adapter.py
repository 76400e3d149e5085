"""SQS: a batch becomes one call a message; what failed or was not reached goes back."""

from collections.abc import Callable
from typing import Any

import msgspec

from service.adapters import telemetry, validation
from service.adapters.deadline import Deadline


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message; its id stays the same in every delivery."""

    message_id: str
    content: str

    def body[T: msgspec.Struct](self, type_: type[T]) -> T:
        """Read the body as `type_`, or raise `Invalid` with every error in it."""
        return validation.parse(self.content, type_)


def handler(work: Callable[[Message], None]) -> Callable[[Any, Any], dict[str, Any]]:
    """Turn a function of one message into a Lambda handler of a batch.

    A message whose call fails is delivered again, and ends in the dead-letter queue in the end; the
    others of its batch are done.
    """

    def entry(event: dict[str, Any], context: Any) -> dict[str, Any]:
        deadline = Deadline(context)
        left: list[str] = []
        for record in event["Records"]:
            message = Message(message_id=record["messageId"], content=record["body"])
            if not deadline.allows_another_step() or not _done(work, message):
                left.append(message.message_id)
        telemetry.count("MessagesDone", len(event["Records"]) - len(left))
        telemetry.count("MessagesReturned", len(left))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in left]}

    return telemetry.instrumented(entry)


def _done(work: Callable[[Message], None], message: Message) -> bool:
    telemetry.logger.set_correlation_id(message.message_id)
    try:
        work(message)
    except Exception:  # whatever is wrong with one message must not fail the rest of its batch
        telemetry.logger.exception("A message failed")
        return False
    return True
