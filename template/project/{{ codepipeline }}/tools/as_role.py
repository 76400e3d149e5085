"""Run a command with the credentials of a role: python tools/as_role.py ROLE_ARN COMMAND ...

The pipeline's builds run in one account, and the stacks that they look at are in others.
"""

import argparse
import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("role")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        assumed = boto3.client("sts").assume_role(RoleArn=options.role, RoleSessionName="delivery")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"Use a role that these credentials may assume: {error}")
    credentials = assumed["Credentials"]
    os.environ.pop("AWS_PROFILE", None)
    os.environ |= {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    os.execvp(options.command[0], options.command)  # noqa: S606 - it replaces this process


if __name__ == "__main__":
    main()
