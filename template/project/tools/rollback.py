"""Put a function back to an earlier version: python tools/rollback.py STACK REGION FUNCTION

For a release that is bad though its deployment has ended well. The alias moves at once. Then the
stack is told where it is, or CodeDeploy would refuse the next deployment, which is to come from
there. Other functions stay as they are.
"""

import argparse
import json
import sys
from typing import Any

import aws
from botocore.exceptions import BotoCoreError, ClientError
from deploy import own_bucket
from stack import physical_ids, stem
from switch import stopped
from terminal import confirm

ALIAS = "live"
SHOWN = 6  # versions

Record = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region", "function"):
        parser.add_argument(word)
    parser.add_argument("--to", help="the version, the one before by default")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    logical = f"{stem(options.function)}Function"
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    if logical not in found:
        sys.exit(f"Deploy {options.function} first: {options.stack} does not have it.")
    stack = Stack(session, options.stack, found)
    function = Function(session, found[logical])
    stack.refuse_while_it_changes()
    function.refuse_while_it_shifts()
    versions = function.versions()
    target = _target(options.to, versions, function.live, stack.believed(logical))
    _show(options.function, versions, function.live, target)
    if target != function.live:
        function.probe(target)
        if not options.yes:
            confirm(f"Put {options.function} back to version {target}?")
        function.move(target)
        print(f"Version {target} serves.")
    stack.tell({logical: target}, f"make rollback with TO={target}")
    print(
        f"The stack knows it: the next `make deploy` shifts traffic from version {target}.\n"
        "Before that, mend or revert what was wrong: it would be released again."
    )


class Function:
    """A function, and the version that its alias is at."""

    def __init__(self, session: Any, name: str) -> None:
        self.name = name
        self._lambda = session.client("lambda")
        self._alias = self._lambda.get_alias(FunctionName=name, Name=ALIAS)
        self.live = int(self._alias["FunctionVersion"])

    def refuse_while_it_shifts(self) -> None:
        """End where part of the traffic goes to another version."""
        weights = self._alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
        if weights:
            sys.exit(
                f"End the shift of traffic to version {', '.join(weights)} first: "
                "aws deploy stop-deployment --auto-rollback-enabled --deployment-id ID"
            )

    def versions(self) -> dict[int, Record]:
        """Return what was published, by number."""
        pages = self._lambda.get_paginator("list_versions_by_function")
        return {
            int(version["Version"]): version
            for page in pages.paginate(FunctionName=self.name)
            for version in page["Versions"]
            if version["Version"] != "$LATEST"
        }

    def probe(self, version: int) -> None:
        """End where the version cannot do its work, as the hook of a deployment asks."""
        try:
            answer = self._lambda.invoke(
                FunctionName=self.name, Qualifier=str(version), Payload=b'{"probe": true}'
            )
        except ClientError as error:
            if not stopped(self._lambda, self.name, error):
                raise
            print(f"Version {version} is not probed: the function is stopped.")
            return
        content = json.load(answer["Payload"])
        if "FunctionError" in answer:
            reason = content.get("errorMessage", content)
            sys.exit(f"Use TO= with another: version {version} fails its probe: {reason}")

    def move(self, version: int) -> None:
        """Move the alias, unless somebody has since it was looked at."""
        try:
            self._lambda.update_alias(
                FunctionName=self.name,
                Name=ALIAS,
                FunctionVersion=str(version),
                RevisionId=self._alias["RevisionId"],
            )
        except self._lambda.exceptions.PreconditionFailedException:
            sys.exit("Look again: the alias has been changed meanwhile. Nothing is done.")


class Stack:
    """The stack, and where it believes the aliases to be."""

    def __init__(self, session: Any, name: str, found: dict[str, str]) -> None:
        self.name = name
        self._found = found
        self._s3 = session.client("s3")
        self._cloudformation = session.client("cloudformation")
        self._template = self._cloudformation.get_template(
            StackName=name, TemplateStage="Processed"
        )["TemplateBody"]

    @property
    def functions(self) -> list[str]:
        """The logical ids of the functions that have an alias."""
        end = f"Alias{ALIAS}"
        return [
            name.removesuffix(end) for name in self._template["Resources"] if name.endswith(end)
        ]

    def believed(self, function: str) -> int:
        """Return the version that the stack has the alias of a function at, by its logical id."""
        version = self._alias(function)["Properties"]["FunctionVersion"]
        if isinstance(version, dict):  # of the resource that published it, whose id is an ARN
            version = self._found[version["Fn::GetAtt"][0]].rpartition(":")[2]
        return int(version)

    def _alias(self, function: str) -> Record:
        return self._template["Resources"][f"{function}Alias{ALIAS}"]

    def refuse_while_it_changes(self) -> None:
        """End where a deployment runs, which has its own way back."""
        self._described = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        status = self._described["StackStatus"]
        if status == "UPDATE_IN_PROGRESS":
            sys.exit(
                "Stop the deployment that runs instead, and the stack goes back by itself: "
                f"aws cloudformation cancel-update-stack --stack-name {self.name}"
            )
        if status.endswith("_IN_PROGRESS"):
            sys.exit(f"Wait until the stack is at rest: it is in {status}.")

    def tell(self, versions: dict[str, int], again: str) -> None:
        """Update the stack so that it has aliases at `versions`, without CodeDeploy.

        `again` is the command that does it, should it fail.
        """
        for function, version in versions.items():
            self._alias(function).pop("UpdatePolicy", None)
            self._alias(function)["Properties"]["FunctionVersion"] = str(version)
        code = self._template["Resources"][next(iter(versions))]["Properties"]["Code"]
        account = self._described["StackId"].split(":")[4]
        bucket = own_bucket(self._s3, self.name, account) or code["S3Bucket"]
        key = f"{code['S3Key']}.rollback"
        print("The stack is told ...")
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(self._template))
            self._cloudformation.update_stack(
                StackName=self.name,
                TemplateURL=f"{self._s3.meta.endpoint_url}/{bucket}/{key}",
                Parameters=[
                    {"ParameterKey": name, "UsePreviousValue": True}
                    for name in self._template["Parameters"]
                ],
                Capabilities=self._described["Capabilities"],
            )
            self._cloudformation.get_waiter("stack_update_complete").wait(
                StackName=self.name, WaiterConfig={"Delay": 2, "MaxAttempts": 300}
            )
        except (BotoCoreError, ClientError) as error:
            at = ", ".join(map(str, versions.values()))
            sys.exit(
                f"{error}\nTraffic is at version {at}, but the stack does not know it, and "
                "CodeDeploy will refuse the next deployment. Tell the stack again, once that is "
                f"mended: {again}."
            )


def _target(to: str | None, versions: dict[int, Record], live: int, believed: int) -> int:
    """Return the version to put back, or end with why there is none."""
    if to is None:
        earlier = [version for version in versions if version < live]
        if not earlier:
            sys.exit(f"Deploy a mended release instead: there is no version before {live}.")
        return max(earlier)
    if to not in map(str, versions):
        known = ", ".join(str(version) for version in sorted(versions)[-SHOWN:])
        sys.exit(f"Use TO= with one of {known}: there is no version {to}.")
    if int(to) == live == believed:
        sys.exit(f"Use TO= with another version: {live} serves already.")
    return int(to)


def _show(function: str, versions: dict[int, Record], live: int, target: int) -> None:
    """Print the newest versions, among them the one that serves and the one to put back."""
    shown = {live, target, *sorted(versions)[-SHOWN:]}
    marks = {live: "serves", target: "is put back"} if target != live else {live: "serves"}
    print(f"{function}\n{'version':>9}  {'published':<16}  {'code':<12}  release")
    for number in sorted(shown, reverse=True):
        version = versions[number]
        published = version["LastModified"][:16].replace("T", " ")
        release = version["Description"][:12]  # SAM puts the hash there
        code = version["CodeSha256"][:12]
        print(f"{number:>9}  {published}  {code}  {release:<12}  {marks.get(number, '')}".rstrip())


if __name__ == "__main__":
    aws.run(main)
