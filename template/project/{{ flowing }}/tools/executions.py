"""Redrive the executions of a state machine that have failed: tools/executions.py STACK REGION

Mend first what made them fail: they fail again otherwise. Each goes on from where it has failed,
with the states that it began with: what is new in these is for new executions alone.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aws
from botocore.exceptions import ClientError
from stack import physical_ids
from terminal import confirm

UNDONE = ("FAILED", "TIMED_OUT")  # what was stopped by hand was stopped for a reason
REDRIVABLE = timedelta(days=14)
SHOWN = 10  # executions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    session = aws.session(options.region)
    machines = session.client("stepfunctions")
    failed = list(_failed(machines, physical_ids(session, options.stack)))
    if not failed:
        print(f"No execution of {options.stack} has failed in {REDRIVABLE.days} days.")
        return
    print(f"Executions that have failed: {len(failed)}, these among them:")
    for execution in failed[:SHOWN]:
        print(f"  {execution['stopDate']:%Y-%m-%d %H:%M:%S}  {execution['name']}")
    if not options.yes:
        confirm(f"Redrive the executions of {options.stack} that have failed?")
    left = [one["name"] for one in failed if not _redriven(machines, one["executionArn"])]
    print(f"Redriven: {len(failed) - len(left)} executions")
    if left:
        sys.exit(f"Start these anew, which cannot be redriven: {', '.join(left)}")


def _failed(machines: Any, found: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the executions of the stack's machines that may be redriven, the newest first."""
    earliest = datetime.now(UTC) - REDRIVABLE
    for machine in (name for name in found.values() if ":stateMachine:" in name):
        for status in UNDONE:
            pages = machines.get_paginator("list_executions").paginate(
                stateMachineArn=machine, statusFilter=status
            )
            for page in pages:
                yield from (one for one in page["executions"] if one["stopDate"] > earliest)


def _redriven(machines: Any, execution: str) -> bool:
    """Redrive an execution; tell whether it goes on, and say why where it does not."""
    try:
        machines.redrive_execution(executionArn=execution)
    except ClientError as error:
        print(f"{execution} stays: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    aws.run(main)
