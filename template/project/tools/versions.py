"""Remove versions of functions that nothing needs: python tools/versions.py STACK REGION

Every release publishes a version of each function, and Lambda keeps them all: 75 GB of code for an
account in a region. Kept are those that an alias or the stack names, and what a rollback may go
back to. What is newer than the one that serves, and named by neither, was refused: while it is
there, Lambda publishes nothing equal to it, and the same release could not be tried again.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

KEPT = 10  # versions before the one that serves: of 5 MB and 30 functions 1.5 GB, a fiftieth of all
VERSION = "AWS::Lambda::Version"
FUNCTION = "AWS::Lambda::Function"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = boto3.Session(region_name=options.region)
    try:
        prune(session, options.stack)
    except (BotoCoreError, ClientError, StackChangesError) as error:
        sys.exit(f"{options.stack}: {error}")


class StackChangesError(Exception):
    """A release runs, whose versions nothing names yet."""


def prune(session: Any, stack: str) -> None:
    """Remove what is not kept of each function of the stack, unless the stack changes."""
    cloudformation = session.client("cloudformation")
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    if found["StackStatus"].endswith("_IN_PROGRESS"):
        raise StackChangesError(f"Wait until it is at rest, it is in {found['StackStatus']}.")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    there = [row for row in rows if row["ResourceStatus"] != "DELETE_COMPLETE"]
    named = {row["PhysicalResourceId"] for row in there if row["ResourceType"] == VERSION}
    functions = [row["PhysicalResourceId"] for row in there if row["ResourceType"] == FUNCTION]
    removed = sum(_prune(session.client("lambda"), name, named) for name in functions)
    print(f"{removed} versions of functions are removed, which nothing needs.")


def _prune(client: Any, function: str, named: set[str]) -> int:
    """Remove versions of one function; return how many."""
    arns = {
        int(version["Version"]): version["FunctionArn"]
        for version in _all(client, "list_versions_by_function", "Versions", function)
        if version["Version"] != "$LATEST"
    }
    aliases = list(_all(client, "list_aliases", "Aliases", function))
    aliased = {int(alias["FunctionVersion"]) for alias in aliases}
    for alias in aliases:
        aliased |= set(map(int, alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})))
    serves = max(aliased, default=sys.maxsize)  # without an alias, the newest
    earlier = [version for version in sorted(arns) if version < serves]
    kept = aliased | set(earlier[-KEPT:])
    unneeded = [version for version in arns if version not in kept and arns[version] not in named]
    for version in unneeded:
        client.delete_function(FunctionName=function, Qualifier=str(version))
    return len(unneeded)


def _all(client: Any, operation: str, kind: str, function: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator(operation).paginate(FunctionName=function):
        yield from page[kind]


if __name__ == "__main__":
    main()
