"""Follow the logs of a stack: python tools/logs.py STACK REGION [FUNCTION] [--since TIME]

Of one function, and from a time on, if they are named; else of all, from ten minutes ago on.
"""

import argparse
import os
import re
import sys
from datetime import UTC, datetime, timedelta

import aws
from deploy import SAM
from stack import physical_ids, stem

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
NO_TIME = (OverflowError, ValueError)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    parser.add_argument("function", nargs="?", default="", help="all by default")
    parser.add_argument("--since", default="10m", help="30m, 2h, 1d, or a time: 2030-01-31T03:10")
    options = parser.parse_args()
    command = [SAM, "logs", "--stack-name", options.stack, "--region", options.region, "--tail"]
    command += ["--start-time", _start(options.since)]
    if options.function:
        name = f"{stem(options.function)}Function"
        command += ["--name", name]
    found = physical_ids(aws.session(options.region), options.stack)
    if options.function and name not in found:
        sys.exit(f"Deploy {options.function} first: {options.stack} does not have it.")
    os.execv(SAM, command)  # noqa: S606 - it replaces this process


def _start(since: str) -> str:
    """Return a time in UTC, as SAM takes it; one without its zone is of this machine's."""
    try:
        if ago := re.fullmatch(f"(\\d+)([{''.join(UNITS)}])", since):
            time = datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        else:
            time = datetime.fromisoformat(since).astimezone(UTC)
    except NO_TIME:
        sys.exit(f"Use SINCE= with 30m, 2h, 1d or a time, 2030-01-31T03:10: {since!r} is none.")
    return time.strftime("%Y-%m-%dT%H:%M:%S")


if __name__ == "__main__":
    aws.run(main)
