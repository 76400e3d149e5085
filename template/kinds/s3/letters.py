"""EventBridge: the event of a file that its rule could not deliver; attributes say why."""

from letters import Failure, Letter, content


def read(letter: Letter) -> Failure | None:
    attributes = letter.get("MessageAttributes", {})
    event = content(letter["Body"]) if "RULE_ARN" in attributes else {}
    if event.get("source") != "aws.s3":
        return None
    return Failure(attributes.get("ERROR_CODE", {}).get("StringValue", "failed"), lambda _: event)
