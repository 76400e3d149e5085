"""Scheduler: the request that it made of Lambda; attributes say which schedule it was."""

from letters import Failure, Letter, Stays, content


def read(letter: Letter) -> Failure | None:
    attributes = letter.get("MessageAttributes", {})
    if "SCHEDULE_ARN" not in attributes:
        return None
    if attributes.get("IS_PAYLOAD_TRUNCATED", {}).get("StringValue") == "true":
        raise Stays("Scheduler has cut its event")
    event = content(letter["Body"])
    if "FunctionName" in event and "Payload" in event:
        event = content(event["Payload"])
    return Failure(attributes.get("ERROR_CODE", {}).get("StringValue", "failed"), lambda _: event)
