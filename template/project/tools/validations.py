"""What CloudFormation finds when it validates a change set, or a stack, before it changes anything.

It tells by DescribeEvents alone. A change set that has failed says only that something was found,
and a warning, of a quota that is nearly reached, stands nowhere else.
"""

from typing import Any

from botocore.exceptions import ClientError

FAILURE, WARNING = "FAIL", "WARN"  # as CloudFormation calls them
KINDS = ("VALIDATION_ERROR", "HOOK_INVOCATION_ERROR")

Record = dict[str, Any]


def found(cloudformation: Any, mode: str, **key: str) -> list[str]:
    """Return the failures or the warnings of `ChangeSetName=`, an ARN, or of `StackName=`.

    Of a stack these are those of its newest operation.
    """
    try:
        pages = cloudformation.get_paginator("describe_events").paginate(**key)
        events = [event for page in pages for event in page["OperationEvents"]]
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return [f"Allow cloudformation:DescribeEvents to see what was validated: {error}"]
    newest = max(events, key=lambda event: event["Timestamp"], default=None)
    return [
        _sentence(event)
        for event in events
        if newest and event["OperationId"] == newest["OperationId"]
        if event["EventType"] in KINDS and _mode(event) == mode
    ]


def of_newest(cloudformation: Any, stack: str) -> list[str]:
    """Return why the newest change set of a stack could not be made, if it could not."""
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=stack)
    made = [row for page in pages for row in page["Summaries"]]
    newest = max(made, key=lambda row: row["CreationTime"], default={"Status": ""})
    if newest["Status"] != "FAILED":
        return []
    return found(cloudformation, FAILURE, ChangeSetName=newest["ChangeSetId"])


def _mode(event: Record) -> str:
    return event.get("ValidationFailureMode") or event.get("HookFailureMode") or FAILURE


def _sentence(event: Record) -> str:
    """Return one event: whose it is, what is wrong, and where in the template."""
    reason = event.get("ValidationStatusReason") or event.get("HookStatusReason") or ""
    name = event.get("LogicalResourceId") or event.get("HookType") or event["EventType"]
    path = event.get("ValidationPath")
    return f"{name}: {reason}{f' ({path})' if path else ''}"
