"""Make what an environment needs for its delivery: python tools/bootstrap.py ENV [--yes]

Roles, in the environment's own account. Run it again after an update of the golden path, and before
the first release with a new kind of resource.
"""

import argparse
import sys
from typing import Any

import aws
import boto3
from delivery_stack import DeliveryStack, Record, caller, facts, home, tags
from terminal import confirm

ISSUER = "token.actions.githubusercontent.com"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environment")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    options = parser.parse_args()
    environment, service = options.environment, facts()
    if environment not in service["environments"]:
        known = " or ".join(f"ENV={name}" for name in service["environments"])
        sys.exit(f"Use {known}: there is no environment {environment!r}.")
    session = boto3.Session(region_name=service["region"])
    found = caller(session, _account(service, environment), environment)
    _, partition, *_ = found["Arn"].split(":")
    iam = f"arn:{partition}:iam::{found['Account']}"
    _require(session, service, iam)
    stack = DeliveryStack(session, f"{service['service']}-{environment}-delivery")
    print(f"{stack.name} in {found['Account']}, {service['region']}:")
    _warn(service, environment, found["Account"], asks=stack.is_new and not options.yes)
    parameters = {"Environment": environment}
    stack.deploy("account.yaml", parameters, tags(environment), asks=not options.yes)
    print(f"{environment} is ready for its delivery.")


def _account(service: Record, environment: str) -> str:
    """Return the account of the environment: that of the pipeline where it has no name."""
    own = service["environments"][environment]
    if service["delivery"] == "github_actions":
        return own
    pipeline = home(service)
    return own or pipeline


def _warn(service: Record, environment: str, account: str, *, asks: bool) -> None:
    """Say, and ask, where a role may be made in production's account that nobody has approved."""
    production = service["production"]
    found = {name: _account(service, name) or account for name in service["environments"]}
    others = [name for name in found if name != production and found[name] == found[production]]
    if service["boundary"] or environment not in (production, *others) or not others:
        return
    print(
        f"Without a permissions boundary, a release to {' or '.join(others)}, which nobody "
        f"approves, may make a role that reaches {production}, in the same account."
    )
    if asks:
        confirm("Is that as it should be?")


def _require(session: Any, service: Record, iam: str) -> None:
    """End where something is missing that no stack of ours makes."""
    client = session.client("iam")
    if service["delivery"] != "codepipeline":
        if not service["repository"]:
            sys.exit("Name the repository by the answer `repository`: the roles trust no other.")
        provider = f"{iam}:oidc-provider/{ISSUER}"
        try:
            client.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
        except client.exceptions.NoSuchEntityException:
            sys.exit(
                "Make the account know GitHub first, once for all its services: aws iam "
                f"create-open-id-connect-provider --url https://{ISSUER} "
                "--client-id-list sts.amazonaws.com"
            )
    if service["boundary"]:
        boundary = f"{iam}:policy/{service['boundary']}"
        try:
            client.get_policy(PolicyArn=boundary)
        except client.exceptions.NoSuchEntityException:
            sys.exit(f"Make the permissions boundary first: there is no policy {boundary}.")


if __name__ == "__main__":
    aws.run(main)
