"""Make, show or execute a change set of what `make package` has prepared.

    python tools/change_set.py make STACK REGION CONFIGURATION NAME
    python tools/change_set.py execute STACK REGION NAME
    python tools/change_set.py diff STACK REGION CONFIGURATION

A change set that would change nothing is no error: it is made, and its execution does nothing.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import aws
import changes
import validations
import versions
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from changes import EMPTY, NOTHING
from package import DELIVERY, where
from stack import first_failure

# The slowest DeploymentType takes 90 minutes, and the hook before it up to 60.
WAITING = {"Delay": 2, "MaxAttempts": 4800}  # seconds: 160 minutes
UNBORN = ("", "REVIEW_IN_PROGRESS")  # a stack that is not there, or has change sets alone

Record = dict[str, Any]


class ChangeSet:
    """A change set of a stack, by its name."""

    def __init__(self, session: Any, stack: str, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", name):
            sys.exit("Use NAME= with letters, digits and hyphens, beginning with a letter.")
        self._session = session
        self._cloudformation = session.client("cloudformation")
        self._key = {"StackName": stack, "ChangeSetName": name}
        self.stack = stack
        self._first = False

    def make(self, configuration: Record, **role: str) -> None:
        """Make it of the packaged template."""
        self._first = self._status() == ""
        self._cloudformation.create_change_set(
            **self._key,
            **role,
            ChangeSetType="CREATE" if self._status() in UNBORN else "UPDATE",
            TemplateURL=self._upload(DELIVERY / "template.yaml"),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in configuration["Parameters"].items()
            ],
            Tags=[{"Key": name, "Value": value} for name, value in configuration["Tags"].items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        while (found := self._describe())["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            time.sleep(1)
        if found["Status"] == "FAILED" and not EMPTY.search(found["StatusReason"]):
            key = {"ChangeSetName": found["ChangeSetId"]}
            reasons = validations.found(self._cloudformation, validations.FAILURE, **key)
            because = [f"The change set cannot be made: {found['StatusReason']}", *reasons]
            sys.exit("\n  ".join(because))

    def _status(self) -> str:
        """Return the stack's status, or nothing where there is none."""
        try:
            found = self._cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return ""
            raise
        return found["StackStatus"]

    def _upload(self, template: Path) -> str:
        """Put the template beside the package that it names, for it may be large."""
        bucket, package = where(template.read_text())
        key = f"{package}.template"
        s3 = self._session.client("s3")
        s3.put_object(Bucket=bucket, Key=key, Body=template.read_bytes())
        return f"{s3.meta.endpoint_url}/{bucket}/{key}"

    def _describe(self) -> Record:
        return self._cloudformation.describe_change_set(**self._key)

    def execute(self) -> None:
        """Execute it, and wait for the stack; end with what has failed."""
        again = f"Make another change set: {self._key['ChangeSetName']}"
        try:
            found = self._describe()
        except self._cloudformation.exceptions.ChangeSetNotFoundException:
            sys.exit(f"{again} is not there, or was executed.")
        if found["Status"] == "FAILED" and EMPTY.search(found["StatusReason"]):
            print(NOTHING)
            return
        if found["ExecutionStatus"] != "AVAILABLE":
            sys.exit(f"{again} cannot be executed, it is {found['ExecutionStatus']}.")
        waiter = f"stack_{'create' if self._status() in UNBORN else 'update'}_complete"
        self._cloudformation.execute_change_set(**self._key)
        try:
            self._cloudformation.get_waiter(waiter).wait(StackName=self.stack, WaiterConfig=WAITING)
        except WaiterError as error:
            because = first_failure(self._cloudformation, self.stack)
            sys.exit(f"{self.stack} is not as the change set says: {because or error}")
        finally:
            self._prune()
        print(f"{self.stack} is as the change set says.")

    def _prune(self) -> None:
        """Remove versions that nothing needs, so that a release that was refused can be retried."""
        try:
            versions.prune(self._session, self.stack)
        except (BotoCoreError, ClientError, versions.StackChangesError) as error:
            print(f"Versions stay. Run `make bootstrap` if that is denied: {error}")

    def delete(self) -> None:
        """Delete it, and the stack without resources that came with the first of all."""
        self._cloudformation.delete_change_set(**self._key)
        if self._first:
            self._cloudformation.delete_stack(StackName=self.stack)


def make(session: Any, stack: str, configuration: Path, name: str) -> None:
    """Make a change set that is executed with the rights of the stack's own execution role."""
    caller = aws.caller(session)
    partition = caller["Arn"].split(":")[1]
    role = f"arn:{partition}:iam::{caller['Account']}:role/{stack}-execution"
    ChangeSet(session, stack, name).make(_read(configuration), RoleARN=role)
    print(f"The change set {name} of {stack} is made.")


def execute(session: Any, stack: str, name: str) -> None:
    ChangeSet(session, stack, name).execute()


def diff(session: Any, stack: str, configuration: Path) -> None:
    """Show what a deployment would change, and leave nothing behind."""
    name = f"diff-{uuid4().hex}"
    change_set = ChangeSet(session, stack, name)
    try:
        change_set.make(_read(configuration))
        print(changes.of(session, stack, name).text())
    finally:
        change_set.delete()


def _read(configuration: Path) -> Record:
    if not configuration.exists():
        sys.exit("Run `make package` first: there is no release to make a change set of.")
    return json.loads(configuration.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(required=True)
    taking = {make: ("configuration", "name"), execute: ("name",), diff: ("configuration",)}
    for verb, words in taking.items():
        command = verbs.add_parser(verb.__name__)
        command.set_defaults(verb=verb)
        for word in ("stack", "region", *words):
            command.add_argument(word, type=Path if word == "configuration" else str)
    given = vars(parser.parse_args())
    verb, session = given.pop("verb"), aws.session(given.pop("region"))
    verb(session, **given)


if __name__ == "__main__":
    aws.run(main)
