"""Let an alarm go off, to see that it arrives: python tools/alarm.py STACK REGION

Nothing is wrong then, and nothing is changed: CloudWatch itself sets the alarm back when it looks
at its metric next, within minutes.
"""

import argparse
import sys
from typing import Any

import aws
from stack import physical_ids

REASON = "A test by `make test-alarm`: nothing is wrong."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    confirmed = _confirmed(session.client("sns"), found["AlarmTopic"])
    alarm = found[min(name for name in found if name.endswith("ErrorsAlarm"))]
    session.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason=REASON
    )
    print(f"Set off: {alarm}")
    print(f'Within a minute "{REASON}" arrives at: {", ".join(confirmed)}')
    print("If it does not, look at the policy of AlarmKey, and at spam.")


def _confirmed(sns: Any, topic: str) -> list[str]:
    """Return whom the topic tells; end where it tells nobody."""
    told = [
        subscription
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        for subscription in page["Subscriptions"]
    ]
    for one in told:
        if one["SubscriptionArn"] == "PendingConfirmation":
            print(f"Not confirmed, and told nothing: {one['Endpoint']}", file=sys.stderr)
    confirmed = [one["Endpoint"] for one in told if one["SubscriptionArn"].startswith("arn:")]
    if not confirmed:
        sys.exit(f"Subscribe somebody to {topic}, and confirm: nobody is told of alarms.")
    return confirmed


if __name__ == "__main__":
    aws.run(main)
