"""Delete the stack of an environment: python tools/destroy.py STACK REGION

It says before what goes, and what template.yaml has CloudFormation keep: that stays on AWS with
all it holds, belongs to no stack any more, and is paid for as before.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import aws
from stack import first_failure
from terminal import LEFT

KEPT = ("Retain", "RetainExceptOnCreate", "Snapshot")
TABLE = "AWS::DynamoDB::Table"
VERSION = "AWS::Lambda::Version"
GONE = "DELETE_COMPLETE"

Record = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    parser.add_argument("--production", action="store_true", help="say what backs it up first")
    parser.add_argument("--name", default="", help="the stack's name again, to be asked nothing")
    options = parser.parse_args()
    cloudformation = aws.session(options.region).client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=options.stack)["Stacks"]
    _refuse(stack)
    going, kept = _resources(cloudformation, options.stack)
    _show(options.stack, going, kept, production=options.production)
    _have_typed(options.stack, options.name)
    began = datetime.now(UTC)
    cloudformation.delete_stack(StackName=options.stack)
    _follow(cloudformation, stack["StackId"], began)
    print(f"{options.stack} is gone.")


def _refuse(stack: Record) -> None:
    """End where CloudFormation would not delete the stack, or another command is at it."""
    name, status = stack["StackName"], stack["StackStatus"]
    if stack.get("EnableTerminationProtection"):
        sys.exit(
            "Switch its protection off first: aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {name}"
        )
    if status.endswith("_IN_PROGRESS"):
        sys.exit(f"Wait until {name} is at rest, it is in {status}.")


def _resources(cloudformation: Any, stack: str) -> tuple[list[Record], list[Record]]:
    """Return what goes with the stack, and what stays."""
    body = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    declared = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    there = [
        resource
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceStatus"] != GONE
    ]
    kept = [
        resource
        for resource in there
        if declared.get(resource["LogicalResourceId"], {}).get("DeletionPolicy") in KEPT
        if resource["ResourceType"] != VERSION  # whose function takes it along
    ]
    return [resource for resource in there if resource not in kept], kept


def _show(stack: str, going: list[Record], kept: list[Record], *, production: bool) -> None:
    types: dict[str, int] = {}
    for resource in going:
        types[resource["ResourceType"]] = types.get(resource["ResourceType"], 0) + 1
    print(f"Of {stack} these go:")
    for type_, number in sorted(types.items()):
        print(f"  {number} {type_}")
    print("These stay, with what they hold and what they cost:" if kept else "Nothing stays.")
    for resource in kept:
        id_, type_ = resource["LogicalResourceId"], resource["ResourceType"]
        print(f"  {id_} ({type_}): {resource.get('PhysicalResourceId', '')}")
    tables = [one["PhysicalResourceId"] for one in kept + going if one["ResourceType"] == TABLE]
    if production and tables:
        print("This is production. Back its data up before:")
        for table in tables:
            backup = f"--table-name {table} --backup-name {table}-{datetime.now(UTC):%Y-%m-%d}"
            print(f"  aws dynamodb create-backup {backup}")


def _have_typed(stack: str, given: str) -> None:
    """Have the name typed: no command takes back what comes then."""
    if not (given or sys.stdin.isatty()):
        sys.exit(f"Add NAME={stack}: there is no terminal to type it on. All is as it was.")
    try:
        answer = given or input(f"Type {stack} to delete it: ").strip()
    except LEFT:
        answer = ""
    if answer != stack:
        sys.exit(f"Use NAME={stack}: {answer!r} is not its name. All is as it was.")


def _follow(cloudformation: Any, stack_id: str, began: datetime) -> None:
    """Wait until the stack is gone; end with what failed first where it stays."""
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
        if (status := stack["StackStatus"]) == GONE:
            return
        if status.endswith("_FAILED"):
            reason = first_failure(cloudformation, stack_id, began) or stack["StackStatusReason"]
            sys.exit(f"Mend this, and run it again: {stack['StackName']} is in {status} ({reason})")
        time.sleep(2)


if __name__ == "__main__":
    aws.run(main)
