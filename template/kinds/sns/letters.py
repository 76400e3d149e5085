"""SNS: a notification that it could not deliver, as it would reach a queue."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from letters import Failure, Letter, content

# What Lambda is told under another name, and what even where there is none.
RENAMED = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
ALWAYS: dict[str, Any] = {"Subject": None, "MessageAttributes": {}}


def read(letter: Letter) -> Failure | None:
    notification = content(letter["Body"])
    if notification.get("Type") != "Notification" or "TopicArn" not in notification:
        return None
    own = ALWAYS | {RENAMED.get(name, name): value for name, value in notification.items()}
    subscription = parse_qs(urlsplit(own.get("UnsubscribeUrl", "")).query).get("SubscriptionArn")
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription[0] if subscription else "",
        "Sns": own,
    }
    return Failure("not delivered", lambda _session: {"Records": [record]})
