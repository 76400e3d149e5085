"""SQS: what failed or was not reached goes back to the queue, the rest is done."""

from typing import Any

from msgspec import Struct

from service.adapters import sqs


class Parcel(Struct):
    label: str


def batch(*bodies: str) -> dict[str, Any]:
    records = [{"messageId": f"m{place}", "body": body} for place, body in enumerate(bodies)]
    return {"Records": records}


def returned(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_message_that_fails_is_returned_and_the_others_are_done(context: Any) -> None:
    done: list[str] = []

    @sqs.handler
    def handler(message: sqs.Message) -> None:
        done.append(message.body(Parcel).label)

    answer = handler(batch('{"label": "A"}', "poison", '{"label": "C"}'), context)

    assert returned(answer) == ["m1"]
    assert done == ["A", "C"]


def test_what_no_time_is_left_for_is_returned_unread(context: Any) -> None:
    # given a first message after which only a tenth of a second is left
    @sqs.handler
    def handler(_message: sqs.Message) -> None:
        context.remaining = 0.1

    answer = handler(batch("{}", "{}", "{}"), context)

    assert returned(answer) == ["m1", "m2"]
