"""The service on an emulator of AWS on this machine: no AWS account, no Docker.

`bridges` says what is recorded there rather than judged.
"""

import argparse
import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from golden_path.local import emulator
from golden_path.local.emulator import KEY, LOG, WORK, Emulator
from golden_path.local.install import install_with
from golden_path.local.secrets import give_values
from golden_path.local.watching import Stamps, settled, stamps
from golden_path.progress import doing

SAM = Path(".tools/sam/bin/sam")
SERVED = re.compile(r"https://(\w+\.(?:execute-api|lambda-url\.[\w-]+))\.[^/]+")


def required() -> Emulator:
    """Return the running emulator, or end with the command that starts one."""
    return emulator.running() or sys.exit("No emulator is running. Start one: make local")


def _target(environment: str | None) -> tuple[str, str, str]:
    """Return an environment, the first by default, with its stack's name and region."""
    sections = tomllib.loads(Path("samconfig.toml").read_text())
    names = [name for name, section in sections.items() if isinstance(section, dict)]
    name = environment or names[0]
    if name not in names:
        sys.exit(f"There is no environment {name}. Choose one of: {', '.join(names)}")
    deploy = sections[name]["deploy"]["parameters"]
    return name, deploy["stack_name"], deploy["region"]


def deploy(local: Emulator, *, only_changes: bool = False) -> bool:
    """Build for this machine and deploy, as `make deploy` does it; return whether it did.

    With `only_changes` what the stack runs is not deployed again.
    """
    if not SAM.exists():
        sys.exit("The SAM CLI is not installed. Install it: make .tools/sam/.ready")
    with (WORK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a test and `make local WATCH=1` may see one change
        with doing("Preparing the package for this machine"):
            _do(local, "make", "--no-print-directory", "build", "HOST=1")
        tool = (".venv/bin/python", "tools/deploy.py", local.environment, local.stack)
        tool += (local.region, "--host")
        if only_changes:
            release = json.loads(_do(local, *tool, "--show"))["Release"]
            if release == _released(local):
                return False
            print("Deploying what has changed on disk.", flush=True)
        with doing(f"Deploying {local.stack} to the emulator"):
            give_values(local)
            _do(local, *tool)
    return True


def _released(local: Emulator) -> str:
    """Return the release that the stack runs: none, where the last one was taken back."""
    stack = local.client("cloudformation").describe_stacks(StackName=local.stack)["Stacks"][0]
    if "ROLLBACK" in stack["StackStatus"]:
        return ""
    return {row["ParameterKey"]: row["ParameterValue"] for row in stack["Parameters"]}["Release"]


def _do(local: Emulator, *command: str | Path) -> str:
    """Run a command against the emulator; return what it prints, and end with it if it fails."""
    said = {"capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, env=local.variables(), **said)
    if done.returncode:
        words = shlex.join(str(word) for word in command[:3])
        sys.exit(f"{done.stdout}{done.stderr}\nThis failed: {words}. The emulator's log: {LOG}")
    return done.stdout


def _started(options: argparse.Namespace) -> Emulator:
    with doing("Starting the emulator"):
        return emulator.start(*_target(options.env), options.port, options.bridge)


@contextmanager
def deployed(options: argparse.Namespace) -> Iterator[Emulator]:
    """Have an emulator with the service on it for a while."""
    local = _started(options)
    try:
        deploy(local)
        yield local
    finally:
        local.stop()


def announce(local: Emulator) -> None:
    """Print where the service is, and a call of its API that works as it stands."""
    stack = local.client("cloudformation").describe_stacks(StackName=local.stack)["Stacks"][0]
    print(f"\n{local.stack} runs on {local.endpoint} ({local.region}, {KEY}, {KEY})\n")
    outputs = {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}
    outputs = {name: _reachable(local, value) for name, value in outputs.items()}
    for name, value in outputs.items():
        print(f"  {name:<20} {value}")
    for sample in sorted(Path("events").glob("*.json")):
        event = json.loads(sample.read_text())
        if _path(event) and (url := _called(event, outputs)):
            print(f"\n  {_curl(local, event, url)}")


def _reachable(local: Emulator, value: str) -> str:
    """Return where this machine finds an API or the URL of a function; else the value itself."""
    return SERVED.sub(rf"http://\1.localhost:{local.port}", value)


def _path(event: dict[str, Any]) -> str:
    """Return the path at which a request is sent, in either format; "" for what is no request."""
    context = event.get("requestContext", {})
    return str(context.get("path", event.get("rawPath", "")))


def _called(event: dict[str, Any], outputs: dict[str, str]) -> str:
    """Return where a request is sent: to the URL of its function, or to the API."""
    path = _path(event)
    for value in outputs.values():
        if urlsplit(value).path == path:
            return value
    return outputs["ApiUrl"] + path if "ApiUrl" in outputs else ""


def _curl(local: Emulator, event: dict[str, Any], url: str) -> str:
    curls_own = ("accept", "host", "user-agent")
    headers = {
        name: value
        for name, value in event["headers"].items()
        if name.lower() not in curls_own and not name.lower().startswith("x-forwarded-")
    }
    service = "lambda" if ".lambda-url." in url else "execute-api"
    given = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return (
        f"curl -sS -w '\\n%{{http_code}}\\n' --aws-sigv4 aws:amz:{local.region}:{service} "
        f"--user {KEY}:{KEY} {given} "
        f"-d {shlex.quote(event['body'])} {url}"
    )


def follow(local: Emulator, seen: Stamps | None) -> None:
    """Print what the functions log, as it comes; deploy what differs from what was seen."""
    logs, groups = local.client("logs"), _groups(local)
    printed: Counter[str] = Counter()  # lines by stream
    while True:
        if seen is not None and (now := settled(seen)) != seen:
            seen = now
            _deploy_again(local)
            groups = _groups(local)
        for function, group in groups.items():
            lines: Counter[str] = Counter()
            for event in logs.filter_log_events(logGroupName=group)["events"]:
                lines[event["logStreamName"]] += 1
                if lines[event["logStreamName"]] > printed[event["logStreamName"]]:
                    print(f"{function:<16} {event['message'].rstrip()}", flush=True)
            printed |= lines
        time.sleep(1)


def _groups(local: Emulator) -> dict[str, str]:
    """Return the log groups of the stack by the names of their functions."""
    stacks = local.client("cloudformation")
    pages = stacks.get_paginator("list_stack_resources").paginate(StackName=local.stack)
    return {
        resource["LogicalResourceId"].removesuffix("Logs"): resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    }


def _deploy_again(local: Emulator) -> None:
    """Deploy what was written, and say so; what cannot be deployed yet ends nothing."""
    try:
        done = deploy(local, only_changes=True)
        print("Deployed." if done else "Nothing that runs has changed.", flush=True)
    except SystemExit as failed:
        print(f"{failed}\nThe release before goes on.", flush=True)


def main(words: Sequence[str]) -> int:
    """Do what the command line says; return an exit code."""
    parser = argparse.ArgumentParser(prog="golden-path local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, meaning in {
        "up": "start, deploy, and follow the logs until Ctrl-C",
        "start": "start and deploy, and leave it running",
        "run": "run a command that finds the stack by its environment variables",
        "deploy": "build and deploy again what has changed",
        "down": "delete the stack and stop",
        "install": "install what the emulator needs into .tools/emulator",
    }.items():
        options = verbs.add_parser(verb, help=meaning)
        if verb in ("up", "start", "run"):
            options.add_argument("--env", help="whose parameters to use, the first by default")
            options.add_argument("--port", type=int, help=f"{emulator.USUAL_PORT} if it is free")
            options.add_argument(
                "--bridge",
                type=Path,
                action="append",
                default=[],
                metavar="FILE",
                help="what else the emulator lacks: functions in the file's ALL",
            )
        if verb == "up":
            options.add_argument("--watch", action="store_true", help="deploy what is written")
        if verb == "run":
            changes = "deploy first what has changed on disk"
            options.add_argument("--deploy", action="store_true", help=changes)
            options.add_argument("command", nargs=argparse.REMAINDER)
        if verb == "install":
            options.add_argument("uv", help="the uv to install with")
    arguments = parser.parse_args(words[1:])
    # The emulator is an account of its own: no profile or endpoint of the developer reaches it.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    # Ended from outside is ended as by Ctrl-C: what was started is stopped.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    with suppress(KeyboardInterrupt):
        return VERBS[arguments.verb](arguments) or 0
    return 128 + signal.SIGINT


def up(arguments: argparse.Namespace) -> None:
    seen = stamps() if arguments.watch else None  # before it is built
    with deployed(arguments) as local:
        announce(local)
        print("\nThe functions' logs follow. Ctrl-C stops the emulator.\n", flush=True)
        follow(local, seen)


def start(arguments: argparse.Namespace) -> None:
    local = _started(arguments)
    try:
        deploy(local)
    except BaseException:
        local.stop()
        raise
    announce(local)


def run(arguments: argparse.Namespace) -> int:
    """Run a command against the running emulator, or else against one for the while of it."""
    found = emulator.running()
    if found and arguments.deploy:
        deploy(found, only_changes=True)
    with nullcontext(found) if found else deployed(arguments) as local:
        done = subprocess.run(arguments.command, env=local.variables(), check=False)
        return done.returncode


def redeploy(_arguments: argparse.Namespace) -> None:
    deploy(required())
    print("Deployed.")


def down(_arguments: argparse.Namespace) -> None:
    local = required()
    try:
        stack = ("--stack-name", local.stack, "--region", local.region)
        with doing(f"Deleting {local.stack}"):
            _do(local, SAM, "delete", "--no-prompts", *stack)
    finally:
        local.stop()


def install(arguments: argparse.Namespace) -> int:
    return install_with(arguments.uv)


VERBS = {
    "up": up,
    "start": start,
    "run": run,
    "deploy": redeploy,
    "down": down,
    "install": install,
}
