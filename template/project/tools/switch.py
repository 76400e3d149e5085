"""Stop a function, or let it go on: python tools/switch.py stop|start STACK REGION FUNCTION

What it polls is left alone: the mapping is disabled, so that messages wait where they are and no
delivery of any is spent. Any other function is left no concurrency: who calls it is refused, and
of what is sent to it as an event, Lambda puts the new into its dead letters at once. A tag of the
function keeps what it had, and the dashboard says that it is stopped.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import aws
from botocore.exceptions import ClientError
from stack import physical_ids, stem
from terminal import confirm

TAG = "stopped"
BUSY = "ReservedFunctionConcurrentInvocationLimitExceeded"  # or nothing is reserved: it is stopped
FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("stop", "start"))
    for word in ("stack", "region", "function"):
        parser.add_argument(word)
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    logical = f"{stem(options.function)}Function"
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    if logical not in found:
        sys.exit(f"Deploy {options.function} first: {options.stack} does not have it.")
    function = Function(session, found[logical], _of_type(session, options.stack, MAPPING).values())
    stopping = options.verb == "stop"
    if not stopping and not function.had:
        sys.exit(f"Look at `make drift` instead: `make stop` has not stopped {options.function}.")
    if not options.yes:
        confirm(f"{options.verb.capitalize()} {options.function} of {options.stack}?")
    if stopping:
        function.stop()
        kept = "what comes waits" if function.polled else "calls are refused"
        print(f"{options.function} is stopped, {kept}. No deployment starts it: `make start` does.")
    else:
        function.start()
        print(f"{options.function} goes on.")
        if f"{logical.removesuffix('Function')}DeadLetters" in found and not function.polled:
            print("What came meanwhile as an event is among its dead letters: see `make redrive`.")
    if "Dashboard" in found:
        _show(session, found["Dashboard"], options.function, options.stack, stopping)


class Function:
    """A function, what of the stack polls for it, and what it had before it was stopped."""

    def __init__(self, session: Any, name: str, mappings: Any) -> None:
        self._lambda, self._name = session.client("lambda"), name
        found = self._lambda.get_function(FunctionName=name)
        self._arn = found["Configuration"]["FunctionArn"]
        self._reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions", 0)
        self.had = found.get("Tags", {}).get(TAG, "")
        self.polled = [one for one in mappings if f":{name}:" in self._mapping(one)["FunctionArn"]]

    def stop(self) -> None:
        """Let nothing run it; what it has begun ends."""
        if not self.had:
            self._lambda.tag_resource(Resource=self._arn, Tags={TAG: self._has()})
        for mapping in self.polled:
            self._poll(mapping, enabled=False)
        if not self.polled:
            self._lambda.put_function_concurrency(
                FunctionName=self._name, ReservedConcurrentExecutions=0
            )

    def start(self) -> None:
        """Give back what it had."""
        kind, _, value = self.had.partition("=")
        if kind == "mappings":
            for mapping in self.polled:
                if mapping in value:
                    self._poll(mapping, enabled=True)
        elif value:
            self._lambda.put_function_concurrency(
                FunctionName=self._name, ReservedConcurrentExecutions=int(value)
            )
        else:
            self._lambda.delete_function_concurrency(FunctionName=self._name)
        self._lambda.untag_resource(Resource=self._arn, TagKeys=[TAG])

    def _has(self) -> str:
        if not self.polled:
            return f"reserved={self._reserved or ''}"
        polling = [one for one in self.polled if "Disabl" not in self._mapping(one)["State"]]
        return f"mappings={'/'.join(polling)}"

    def _poll(self, mapping: str, *, enabled: bool) -> None:
        """Enable a mapping or disable it, and wait until it is."""
        self._lambda.update_event_source_mapping(UUID=mapping, Enabled=enabled)
        while self._mapping(mapping)["State"] != ("Enabled" if enabled else "Disabled"):
            time.sleep(1)

    def _mapping(self, mapping: str) -> dict[str, Any]:
        return dict(self._lambda.get_event_source_mapping(UUID=mapping))


def kept(session: Any, stack: str) -> Iterator[str]:
    """Stop again what a deployment may have started; yield the functions that are stopped."""
    mappings = _of_type(session, stack, MAPPING).values()
    for logical, name in _of_type(session, stack, FUNCTION).items():
        function = Function(session, name, mappings)
        if function.had:
            function.stop()
            yield logical.removesuffix("Function")


def _of_type(session: Any, stack: str, kind: str) -> dict[str, str]:
    """Return the names on AWS of the stack's resources of one type, by their logical ids."""
    pages = session.client("cloudformation").get_paginator("list_stack_resources")
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == kind and resource["ResourceStatus"] != "DELETE_COMPLETE"
    }


def stopped(functions: Any, name: str, error: ClientError) -> bool:
    """Tell whether a call was refused as the function is stopped, and not as it is busy."""
    if error.response.get("Reason") != BUSY:
        return False
    reserved = functions.get_function_concurrency(FunctionName=name)
    return reserved.get("ReservedConcurrentExecutions") == 0


def _show(session: Any, dashboard: str, function: str, stack: str, stopping: bool) -> None:
    """Say on the dashboard that a function is stopped, or no longer."""
    client = session.client("cloudwatch")
    body = json.loads(client.get_dashboard(DashboardName=dashboard)["DashboardBody"])
    sign = f"**{function} is stopped**"
    body["widgets"] = [one for one in body["widgets"] if sign not in json.dumps(one)]
    if stopping:
        since = datetime.now(UTC).isoformat(" ", "minutes")
        again = f"`make start ENV={stack.rpartition('-')[2]} FN={function}`"
        properties = {"markdown": f"{sign} since {since}: {again}"}
        sign_post = {"type": "text", "width": 24, "height": 1, "properties": properties}
        body["widgets"].insert(0, sign_post)
    client.put_dashboard(DashboardName=dashboard, DashboardBody=json.dumps(body))


if __name__ == "__main__":
    aws.run(main)
