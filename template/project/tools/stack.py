"""A deployed stack: what its resources are called."""

import re
import sys
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent.parent / "template.yaml"


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
