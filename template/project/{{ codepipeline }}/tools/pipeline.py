"""Make the pipeline, or change it: python tools/pipeline.py [--connection ARN] [--yes]

In the account `tools`, else in the one that all environments share. The connection to the
repository is named the first time; a person has to authorise it in the console.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws
import boto3
from delivery_stack import DeliveryStack, Record, caller, facts, home, tags

ROOT = Path(__file__).parent.parent
CONNECTION = r"arn:[a-z-]+:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/.+"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connection", help="its ARN, that of the last time by default")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    service = facts()
    if not service["repository"]:
        sys.exit("Name the repository by the answer `repository`: the pipeline has no source.")
    session = boto3.Session(region_name=service["region"])
    account = caller(session, home(service), "the pipeline")["Account"]
    stack = DeliveryStack(session, f"{service['service']}-pipeline")
    connection = options.connection or stack.parameters.get("ConnectionArn", "")
    _require_connection(session, connection)
    _require_roles(session, service, account)
    print(f"{stack.name} in {account}, {service['region']}:")
    tagged = tags(service["production"])
    tagged.pop("environment", None)  # whose roles may change a key that bears it
    stack.deploy("pipeline.yaml", {"ConnectionArn": connection}, tagged, asks=not options.yes)
    print(f"Each push to {service['branch']} is released from now on.")
    _tell_other_branch(service["branch"])


def _tell_other_branch(branch: str) -> None:
    """Say so where the repository here calls its branch otherwise: nothing would be released."""
    asked = ["git", "rev-parse", "--quiet", "--verify", f"refs/heads/{branch}"]
    if subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode:
        print(f"Call your branch so (git branch -m {branch}): there is none of that name here.")


def _require_connection(session: Any, arn: str) -> None:
    """End where there is no connection that works."""
    if not (form := re.fullmatch(CONNECTION, arn)):
        sys.exit(
            "Use CONNECTION= with the ARN of a connection to the repository: make one in the"
            " console, Developer Tools, Settings, Connections."
        )
    found = session.client(form[1]).get_connection(ConnectionArn=arn)["Connection"]
    if found["ConnectionStatus"] != "AVAILABLE":
        sys.exit(
            "Authorise the connection first, in the console, Developer Tools, Settings,"
            f" Connections: {found['ConnectionName']} is {found['ConnectionStatus']}."
        )


def _require_roles(session: Any, service: Record, account: str) -> None:
    """End where an environment of this account was not bootstrapped; of others, say so."""
    iam = session.client("iam")
    elsewhere = []
    for environment, own in service["environments"].items():
        if own not in ("", account):
            elsewhere.append(f"{environment} in {own}")
            continue
        try:
            iam.get_role(RoleName=f"{service['service']}-{environment}-action")
        except iam.exceptions.NoSuchEntityException:
            sys.exit(f"Run `make bootstrap ENV={environment}` first: its roles are missing.")
    if elsewhere:
        print(f"Not seen from here, each needs `make bootstrap`: {', '.join(elsewhere)}.")


if __name__ == "__main__":
    aws.run(main)
