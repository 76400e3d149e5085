"""Remove versions of functions that nothing needs: python tools/versions.py STACK REGION

Every release publishes a version of each function, and Lambda keeps them all: 75 GB of code for an
account in a region. Kept are those that an alias or the stack names, and what a rollback may go
back to, or forth to. What is newer than the one that serves and than what the stack names was
refused: while it is there, Lambda publishes nothing equal to it, and the same release could not be
tried again.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import aws

ALIAS = "live"
LATEST = "$LATEST"  # what was written last, and is no version
KEPT = 10  # versions before the one that serves: of 5 MB and 30 functions 1.5 GB, a fiftieth of all
VERSION = "AWS::Lambda::Version"
FUNCTION = "AWS::Lambda::Function"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = aws.session(options.region)
    try:
        prune(session, options.stack)
    except StackChangesError as error:
        sys.exit(f"{options.stack}: {error}")


class StackChangesError(Exception):
    """A release runs, whose versions nothing names yet."""


def prune(session: Any, stack: str) -> None:
    """Remove what is not kept of each function of the stack, unless the stack changes.

    A release may begin meanwhile: only what was there before the stack was seen at rest is removed.
    """
    cloudformation, client = session.client("cloudformation"), session.client("lambda")
    functions = _owned(cloudformation, stack, FUNCTION)
    published = {function: _published(client, function) for function in functions}
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    if found["StackStatus"].endswith("_IN_PROGRESS"):
        raise StackChangesError(f"Wait until it is at rest, it is in {found['StackStatus']}.")
    named = _owned(cloudformation, stack, VERSION)
    removed = sum(_prune(client, name, arns, named) for name, arns in published.items())
    print(f"Versions of functions that nothing needs, and are removed: {removed}.")


def _owned(cloudformation: Any, stack: str, kind: str) -> set[str]:
    """Return what the stack has of one type: names of functions, ARNs of versions."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        row["PhysicalResourceId"]
        for page in pages
        for row in page["StackResourceSummaries"]
        if row["ResourceType"] == kind and row["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _published(client: Any, function: str) -> dict[int, str]:
    """Return the ARNs of a function's versions, by number."""
    return {
        int(version["Version"]): version["FunctionArn"]
        for version in _all(client, "list_versions_by_function", "Versions", function)
        if version["Version"] != LATEST
    }


def _prune(client: Any, function: str, arns: dict[int, str], named: set[str]) -> int:
    """Remove those of a function's versions that nothing needs; return how many."""
    kept = {version for version, arn in arns.items() if arn in named}
    serves = sys.maxsize  # without the alias: the newest are kept, and none was refused
    newest = max(kept, default=0)
    for alias in _all(client, "list_aliases", "Aliases", function):
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        numbers = {int(it) for it in (alias["FunctionVersion"], *weights) if it != LATEST}
        kept |= numbers
        if alias["Name"] == ALIAS and alias["FunctionVersion"] != LATEST:
            serves = int(alias["FunctionVersion"])
            newest = max(newest, *numbers)
    earlier = [version for version in sorted(arns) if version < serves]
    refused = [version for version in arns if version > max(serves, newest)]
    unneeded = [version for version in (*earlier[:-KEPT], *refused) if version not in kept]
    for version in unneeded:
        # By its own ARN: the roles of the delivery have no right to delete by that of the function.
        client.delete_function(FunctionName=arns[version], Qualifier=str(version))
    return len(unneeded)


def _all(client: Any, operation: str, kind: str, function: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator(operation).paginate(FunctionName=function):
        yield from page[kind]


if __name__ == "__main__":
    aws.run(main)
