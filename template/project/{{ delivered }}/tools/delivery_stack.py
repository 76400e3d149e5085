"""The stacks that deliver: in whose account they belong, and how they are made or changed."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aws
import validations
import yaml
from botocore.exceptions import ClientError, WaiterError
from terminal import confirm

ROOT = Path(__file__).parent.parent
NEW = "REVIEW_IN_PROGRESS"  # a stack that has nothing but a change set
WAIT = {"Delay": 2, "MaxAttempts": 300}  # seconds
LONGEST = 51_200  # bytes of a template that lies in no bucket

Record = dict[str, Any]


def facts() -> Record:
    """Return what the answers say of the delivery."""
    return json.loads((ROOT / "pipeline" / "service.json").read_text())


def tags(environment: str) -> dict[str, str]:
    """Return the tags of an environment."""
    return json.loads((ROOT / "config" / f"{environment}.json").read_text())["Tags"]


def home(service: Record) -> str:
    """Return the account of the pipeline, or nothing where no account is named."""
    named = {account for account in service["environments"].values() if account}
    if not service["tools"] and len(named) > 1:
        sys.exit(
            "Name tools in `accounts`: the environments are in several accounts,"
            " and none is said to have the pipeline."
        )
    return service["tools"] or "".join(named)


def caller(session: Any, account: str, whose: str) -> Record:
    """Return whose credentials are at hand; end where they are of another than `account`."""
    found = aws.caller(session, f"{account or 'AWS'}, for {whose}")
    if account and found["Account"] != account:
        sys.exit(
            f"Use credentials of {account}, the account of {whose}:"
            f" those at hand are of {found['Account']}."
        )
    return found


def body(template: str) -> str:
    """Return a template as it is, or where that is too long, a line a section, without comments."""
    if len(template.encode()) <= LONGEST:
        return template
    node = yaml.compose(template)
    for pair in node.value:  # the whole is no flow: what begins with { is taken for JSON
        for one in pair:
            _flow(one)
    return str(yaml.serialize(node, width=sys.maxsize))


def _flow(node: yaml.Node) -> None:
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = True
        for part in node.value:
            for one in part if isinstance(part, tuple) else (part,):
                _flow(one)


class DeliveryStack:
    """A stack of CloudFormation, that may not exist yet."""

    def __init__(self, session: Any, name: str) -> None:
        self.name = name
        self._cloudformation = session.client("cloudformation")
        try:
            (self._found,) = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            self._found = {"StackStatus": NEW}

    @property
    def is_new(self) -> bool:
        return self._found["StackStatus"] == NEW

    @property
    def parameters(self) -> dict[str, str]:
        """What the stack was given the last time."""
        given = self._found.get("Parameters", [])
        return {row["ParameterKey"]: row["ParameterValue"] for row in given}

    def deploy(
        self, template: str, parameters: dict[str, str], tagged: dict[str, str], *, asks: bool
    ) -> None:
        """Show what changes, ask, and wait until it is done."""
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"delivery-{uuid4().hex}",
            ChangeSetType="CREATE" if self.is_new else "UPDATE",
            TemplateBody=body((ROOT / "pipeline" / template).read_text()),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            Tags=[{"Key": name, "Value": value} for name, value in tagged.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **({"OnStackFailure": "DELETE"} if self.is_new else {}),
        )
        with ExitStack() as undo:
            undo.callback(self._discard, made["Id"])
            changes = self._changes(made["Id"])
            if not changes:
                print("Nothing is to be changed.")
                return
            for change in changes:
                print(f"  {_told(change['ResourceChange'])}")
            if asks:
                confirm(f"{'Make' if self.is_new else 'Change'} the stack {self.name}?")
            undo.pop_all()
        self._cloudformation.execute_change_set(ChangeSetName=made["Id"])
        self._wait(made["StackId"])

    def _changes(self, change_set: str) -> list[Record]:
        ready = self._cloudformation.get_waiter("change_set_create_complete")
        try:
            ready.wait(ChangeSetName=change_set, WaiterConfig=WAIT)
        except WaiterError as error:
            reason = error.last_response.get("StatusReason", str(error))
            if "didn't contain changes" in reason or "No updates" in reason:
                return []
            because = self._validated(ChangeSetName=change_set)
            sys.exit(f"Mend this and run it again, nothing is changed: {reason}{because}")
        pages = self._cloudformation.get_paginator("describe_change_set")
        found = pages.paginate(ChangeSetName=change_set)
        return [change for page in found for change in page["Changes"]]

    def _discard(self, change_set: str) -> None:
        """Leave everything as it was."""
        self._cloudformation.delete_change_set(ChangeSetName=change_set)
        if self.is_new:
            self._cloudformation.delete_stack(StackName=self.name)

    def _wait(self, stack_id: str) -> None:
        done = f"stack_{'create' if self.is_new else 'update'}_complete"
        try:
            self._cloudformation.get_waiter(done).wait(StackName=stack_id, WaiterConfig=WAIT)
        except WaiterError as error:
            pages = self._cloudformation.get_paginator("describe_stack_events")
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for page in pages.paginate(StackName=stack_id)
                for event in page["StackEvents"]
                if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
            ]
            first = reasons[-1] if reasons else str(error)  # the others follow from it
            because = self._validated(StackName=stack_id)
            sys.exit(f"Mend this and run it again, all is as it was: {first}{because}")

    def _validated(self, **key: str) -> str:
        """Return what CloudFormation refuses before it begins."""
        found = validations.found(self._cloudformation, validations.FAILURE, **key)
        return "".join(f"; {one}" for one in found)


def _told(change: Record) -> str:
    replaced = ", replaced by another" if change.get("Replacement") == "True" else ""
    words = (change["Action"].lower(), change["LogicalResourceId"], change["ResourceType"])
    return "{:<7} {:<24} {}".format(*words) + replaced
