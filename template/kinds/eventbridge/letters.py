"""EventBridge: an event that its rule could not deliver; attributes say which rule, and why."""

from letters import Failure, Letter, content


def read(letter: Letter) -> Failure | None:
    attributes = letter.get("MessageAttributes", {})
    if "RULE_ARN" not in attributes:
        return None
    event = content(letter["Body"])
    return Failure(attributes.get("ERROR_CODE", {}).get("StringValue", "failed"), lambda _: event)
