"""SNS: how a notification comes to a function."""

import json
from typing import Any

from ministack.services import lambda_svc, sns

from golden_path.local.bridges.roles import permits


def notifications_are_sent_asynchronously() -> None:
    """Bridge: a notification is sent to a function with retries, and what fails is kept.

    SNS asks for the permission of what it calls; what it may not deliver, or to nobody, it sends
    to the dead letters of the subscription. The emulator runs the function once, whatever its
    policy says, and forgets a failure.
    """

    def deliver(called: str, notification: str, topic: str, subscription: str, *_: Any) -> None:
        function, config, _name = lambda_svc._get_func_record_for_ref(called)
        if not (function and config and permits(called, "sns.amazonaws.com", topic)):
            keep(notification, topic, subscription)
            return
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {"Subject": None, "MessageAttributes": {}} | json.loads(notification),
        }
        found = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(found, {"Records": [record]})

    def keep(notification: str, topic: str, subscription: str) -> None:
        for one in sns._topic_by_arn_any_scope(topic)["subscriptions"]:
            policy = json.loads(one.get("attributes", {}).get("RedrivePolicy") or "{}")
            if one["arn"] == subscription and "deadLetterTargetArn" in policy:
                queue = policy["deadLetterTargetArn"]  # whose policy is asked
                sns._deliver_to_sqs(queue, notification, False, "", topic_arn=topic)

    sns._deliver_to_lambda = deliver


ALL = (notifications_are_sent_asynchronously,)
