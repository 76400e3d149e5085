"""Say what of a stack was changed by hand: python tools/drift.py STACK REGION

CloudFormation compares what the stack has made with what there is now, with the rights of whoever
asks. It changes nothing. It knows most types of resources, and is silent about the others.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import aws

COMPARED = ("IN_SYNC", "MODIFIED", "DELETED")
RUNNING = "DETECTION_IN_PROGRESS"

Record = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    cloudformation = aws.session(options.region).client("cloudformation")
    _detect(cloudformation, options.stack)
    drifts = list(_drifts(cloudformation, options.stack))
    compared = [one for one in drifts if one["StackResourceDriftStatus"] in COMPARED]
    changed = [one for one in compared if one["StackResourceDriftStatus"] != COMPARED[0]]
    print(f"{options.stack}: resources changed by hand: {len(changed)} of {len(compared)}.")
    for drift in changed:
        print("\n".join(_lines(drift)))


def _detect(cloudformation: Any, stack: str) -> None:
    """Let CloudFormation compare, which takes a minute or more."""
    key = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    status = cloudformation.describe_stack_drift_detection_status
    while (found := status(StackDriftDetectionId=key))["DetectionStatus"] == RUNNING:
        time.sleep(1)
    if found["DetectionStatus"] == "DETECTION_FAILED":
        reason = found.get("DetectionStatusReason", "CloudFormation does not say why")
        print(f"Not all that can be compared was: {reason}", file=sys.stderr)


def _drifts(cloudformation: Any, stack: str) -> Iterator[Record]:
    """Yield what was found of each resource: the SDK knows no pages of it."""
    more: dict[str, str] = {}
    while True:
        page = cloudformation.describe_stack_resource_drifts(StackName=stack, **more)
        yield from page["StackResourceDrifts"]
        if "NextToken" not in page:
            return
        more = {"NextToken": page["NextToken"]}


def _lines(drift: Record) -> Iterator[str]:
    """Yield a resource, and from what to what each of its properties went."""
    gone = " was deleted" if drift["StackResourceDriftStatus"] == "DELETED" else ""
    yield f"  {drift['LogicalResourceId']} ({drift['ResourceType']}){gone}"
    for one in drift.get("PropertyDifferences", []):
        yield f"    {one['PropertyPath']}: {one['ExpectedValue']} -> {one['ActualValue']}"


if __name__ == "__main__":
    aws.run(main)
