"""EventBridge: how a rule comes to a function."""

import json
from typing import Any

from ministack.services import eventbridge, sqs

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import permits


def rules_keep_what_they_cannot_deliver() -> None:
    """Bridge: a rule asks for the permission of the function that it invokes, and keeps its events.

    What it may not deliver it sends at once to the dead letters of its target, whose policy is
    asked, with attributes that say why. The emulator invokes every function, and knows no dead
    letters. Retries of a delivery, and how old it may be, are not judged.
    """
    invoke = eventbridge._invoke_target

    def invoke_or_keep(target: Record, event: Record, rule: Record, view: Any = None) -> None:
        of_rule = ":lambda:" in target["Arn"] and "RoleArn" not in target
        if not of_rule or permits(target["Arn"], "events.amazonaws.com", rule["Arn"]):
            invoke(target, event, rule, view)
            return
        view = view or eventbridge._pattern_event_view(event)
        queue = sqs._queue_by_arn(target.get("DeadLetterConfig", {}).get("Arn", ""))
        if queue and sqs.queue_policy_allows(
            queue["attributes"]["QueueArn"], "events.amazonaws.com", rule["Arn"], event["Account"]
        ):
            letter = {"MessageBody": json.dumps(view.event_with_detail())}
            letter |= _attributes(
                RULE_ARN=rule["Arn"],
                TARGET_ARN=target["Arn"],
                ERROR_CODE="NO_PERMISSIONS",
                ERROR_MESSAGE="The policy of the function does not let the rule invoke it.",
            )
            sqs._HANDLERS["SendMessage"](letter, queue["url"])

    eventbridge._invoke_target = invoke_or_keep


def _attributes(**values: str) -> Record:
    named = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
    return {"MessageAttributes": named}


def patterns_are_valid() -> None:
    """Bridge: a rule whose pattern EventBridge cannot read is not made.

    The emulator judges it only where it is put past CloudFormation.
    """
    rule = RESOURCES["AWS::Events::Rule"]
    create = rule["create"]

    def create_valid(logical_id: str, properties: Record, stack: str) -> Created:
        pattern = properties.get("EventPattern")
        text = json.dumps(pattern) if isinstance(pattern, dict) else pattern
        if text and (wrong := eventbridge._event_pattern_error(text)):
            raise ValueError(f"Event pattern is not valid. Reason: {wrong}")
        return create(logical_id, properties, stack)

    rule["create"] = create_valid
