"""Lambda: the record of an event that has failed in all its attempts, with the event in it."""

from letters import Failure, Letter, content


def read(letter: Letter) -> Failure | None:
    body = content(letter["Body"])
    if "requestPayload" not in body:
        return None
    condition = body.get("requestContext", {}).get("condition", "failed")
    return Failure(condition, lambda _session: body["requestPayload"])
