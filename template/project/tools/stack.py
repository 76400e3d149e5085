"""A deployed stack: what its resources are called, and what of it has failed."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
BEGUN = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
EVER = datetime.min.replace(tzinfo=UTC)


def physical_ids(session: Any, stack: str) -> dict[str, str]:
    """Return the names of the stack's resources on AWS, by their logical ids.

    Ends with a sentence where it has none: a change set was made of it, and nothing else.
    """
    pages = session.client("cloudformation").get_paginator("list_stack_resources")
    found = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if "PhysicalResourceId" in resource
    }
    return found or sys.exit(f"Deploy {stack} first: it has no resources.")


def first_failure(cloudformation: Any, stack: str, since: datetime = EVER) -> str:
    """Return what failed first, and why, in the stack's newest operation: the others follow."""
    pages = cloudformation.get_paginator("describe_stack_events")
    first = ""
    for page in pages.paginate(StackName=stack):
        for event in page["StackEvents"]:
            status = event["ResourceStatus"]
            if event["LogicalResourceId"] == stack and status in BEGUN:
                return first
            if event["Timestamp"] < since:
                return first
            if status.endswith("_FAILED"):
                reason = event.get("ResourceStatusReason", status)
                first = f"{event['LogicalResourceId']}: {reason}"
    return first


def stem(function: str) -> str:
    """Return `Worker`, with which the logical ids of the function `worker` begin."""
    module = re.escape(function).replace(r"\-", "[-_]")
    code = re.compile(
        rf"^      (Handler: (\S*[./])?{module}\.\w+|CodeUri: \S*/{module})$", re.MULTILINE
    )
    blocks = re.split(r"\n(?=  \w+:\n    Type: )", TEMPLATE.read_text())
    stems = [
        found[1]
        for block in blocks
        if code.search(block) and (found := re.match(r"  (\w+)Function:", block))
    ]
    if not function or not stems:
        sys.exit(f"Use FN= with a function of this service: there is none named {function!r}.")
    return stems[0]
