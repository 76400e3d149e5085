"""CloudWatch Logs: how a line comes to a function."""

import gzip
import json
import time
from base64 import b64encode
from itertools import count
from typing import Any

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import cloudwatch_logs, lambda_svc

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import permits
from golden_path.local.log_patterns import lets_through

LOGS = "logs.amazonaws.com"
NOT_PERMITTED = (
    "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission "
    "to execute your function."
)
MOST = 2  # subscriptions of a log group


def subscriptions_are_of_what_there_is() -> None:
    """Bridge: a subscription names a log group that exists, and a function that it may invoke.

    A log group takes two of them. The emulator makes the group, and asks for nothing.
    """
    kind, put = RESOURCES["AWS::Logs::SubscriptionFilter"], cloudwatch_logs._put_subscription_filter
    create = kind["create"]

    def create_of_group(logical_id: str, properties: Record, stack: str) -> Created:
        group = properties["LogGroupName"]
        if group not in cloudwatch_logs._log_groups:
            raise ValueError(f"The specified log group does not exist: {group}")
        return create(logical_id, properties, stack)

    def put_permitted(asked: Record) -> Any:
        group = cloudwatch_logs._log_groups.get(asked.get("logGroupName"), {})
        others = {*group.get("subscriptionFilters", {})} - {asked.get("filterName")}
        if len(others) >= MOST:
            return error_response_json("LimitExceededException", "Resource limit exceeded.", 400)
        function = asked.get("destinationArn", "")
        if group and ":function:" in function and not permits(function, LOGS, group["arn"]):
            return error_response_json("InvalidParameterException", NOT_PERMITTED, 400)
        return put(asked)

    kind["create"], cloudwatch_logs._put_subscription_filter = create_of_group, put_permitted


def lines_are_sent_asynchronously() -> None:
    """Bridge: lines are sent to the alias, with retries, where the function permits it.

    What may not be delivered is skipped. The emulator runs the newest code once, whatever the
    policy of the function says, and knows no pattern but words that are all there. Not judged: for
    how long CloudWatch Logs skips lines after that, and how many lines it puts into an event.
    """
    number = count()

    def send(group: str, stream: str, lines: list[Record]) -> None:
        found = cloudwatch_logs._log_groups.get(group) or {}
        for name, own in found.get("subscriptionFilters", {}).items():
            let = [one for one in lines if lets_through(own["filterPattern"], one["message"])]
            called = own["destinationArn"]
            function, config, _name = lambda_svc._get_func_record_for_ref(called)
            if not (let and function and config and permits(called, LOGS, found["arn"])):
                continue
            told = {
                "messageType": "DATA_MESSAGE",
                "owner": get_account_id(),
                "logGroup": group,
                "logStream": stream,
                "subscriptionFilters": [name],
                "logEvents": [
                    {"id": f"{time.time_ns():046d}{next(number):010d}"}
                    | {key: one[key] for key in ("timestamp", "message")}
                    for one in let
                ],
            }
            data = b64encode(gzip.compress(json.dumps(told).encode())).decode()
            run = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(run, {"awslogs": {"data": data}})

    cloudwatch_logs._fanout_to_subscription_filters = send


ALL = (subscriptions_are_of_what_there_is, lines_are_sent_asynchronously)
