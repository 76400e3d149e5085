"""AWS as all commands here ask it: what it refuses ends them with one sentence, the cure.

By itself, `python tools/aws.py REGION [--stack NAME]` sees that somebody is logged in, and that a
stack is there, before what takes long.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as UnreachableError

# Who is not there, or not let in, learns it at once: the SDK tries for half a minute.
AT_ONCE = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
NO_NETWORK = (UnreachableError, HTTPClientError)
NO_LOGIN = (
    CredentialRetrievalError,
    NoCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
REFUSED = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)

Record = dict[str, Any]


def session(region: str) -> boto3.Session:
    """Return a session of whoever is logged in; end where nobody is."""
    found = boto3.Session(region_name=region)
    caller(found)
    return found


def caller(session: boto3.Session, place: str = "AWS") -> Record:
    """Return whose credentials are at hand; end where there are none for the place."""
    try:
        return dict(session.client("sts", config=AT_ONCE).get_caller_identity())
    except NO_NETWORK as error:
        sys.exit(sentence(error))
    except ClientError as error:
        sys.exit(sentence(error, place))
    except BotoCoreError as error:
        sys.exit(f"Log in to {place}: {_line(error)}")


def sentence(error: Exception, place: str = "AWS") -> str:
    """Return what to do where AWS was not reached, or has refused."""
    if isinstance(error, NO_NETWORK):
        return f"Connect to the network, or name its proxy in HTTPS_PROXY: {_line(error)}"
    if isinstance(error, NO_LOGIN):
        return f"Log in to {place}: {_line(error)}"
    if isinstance(error, ClientError):
        code, reason = (error.response["Error"].get(key, "") for key in ("Code", "Message"))
        if code in REFUSED:
            return f"Log in again to {place}: {reason or code}"
        if code.startswith("ChangeSetNotFound"):
            return f"Use NAME= with a change set of this stack: {reason}"
        if "tack" in reason and "does not exist" in reason:
            return f"Deploy it first, or log in to the account that has it: {reason}"
    return f"Mend this and run it again: {_line(error)}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def run(main: Callable[[], None]) -> None:
    """Do what a command line says; end with a sentence where AWS does not do it."""
    try:
        main()
    except (BotoCoreError, ClientError) as error:
        sys.exit(sentence(error))
    except KeyboardInterrupt:
        sys.exit("Run it again: it was stopped before its end.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("region")
    parser.add_argument("--stack", help="see that this one is there, too")
    options = parser.parse_args()
    client = session(options.region).client("cloudformation", config=AT_ONCE)
    if options.stack:
        client.describe_stacks(StackName=options.stack)


if __name__ == "__main__":
    run(main)
