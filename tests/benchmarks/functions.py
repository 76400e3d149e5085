"""A function of Lambda, run once in a fresh process with the runtime client that Lambda uses."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.loopback import FUNCTION_ARN, TIMEOUT, RuntimeApi


@dataclass(frozen=True)
class Runtime:
    """What runs a function: AWS's runtime client of a language."""

    command: tuple[str | Path, ...]  # a handler is its last argument
    variables: dict[str, str]  # what Lambda sets for this language only


@dataclass(frozen=True)
class Function:
    """A handler in an unpacked package, with the event of its first invocation."""

    package: Path
    handler: str
    event: bytes


@dataclass(frozen=True)
class Start:
    """How a function started: seconds, and what it answered."""

    init: float  # from the start of the process until it asks for its first event
    answered: float  # from the start of the process until it answers that
    cpu: float  # of all that, the processor's time: neighbours on the machine disturb it less
    response: bytes


class Failed(Exception):
    """The function did not start, or its invocation failed."""


def start(function: Function, runtime: Runtime, settings: dict[str, str]) -> Start:
    """Run `function` once, with nothing but Lambda's variables and its template's."""
    with RuntimeApi(function.event) as api:
        command = [*runtime.command, function.handler]
        environment = _environment(function, api.address) | runtime.variables | settings
        used = _cpu_of_children()
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=function.package,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            in_time = api.done.wait(TIMEOUT)
        finally:
            process.kill()
            output, _ = process.communicate()
        if not in_time or api.failed:
            raise Failed(f"{function.handler}: {api.response.decode()}\n{output.decode()}")
        used = _cpu_of_children() - used
        return Start(api.asked - started, api.answered - started, used, api.response)


def _cpu_of_children() -> float:
    """Return what the children that have ended used, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _environment(function: Function, api: str) -> dict[str, str]:
    """Return what Lambda sets, as far as a function or its libraries read it.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION_ARN.rpartition(":")[2],
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[1]0123456789abcdef0123456789abcdef",
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "LAMBDA_TASK_ROOT": str(function.package),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }


def settings_of(service: Path) -> dict[str, str]:
    """Return the variables that a service's template.yaml sets, with the values of its `dev`."""
    template = (service / "template.yaml").read_text()
    block = re.search(r"^      Variables:\n((?:^        .+\n)+)", template, re.MULTILINE)
    if not block:
        raise LookupError(f"{service}/template.yaml has no Variables under Globals")
    parameters = json.loads((service / "config" / "dev.json").read_text())["Parameters"]
    lines = (line.strip().split(": ", 1) for line in block[1].splitlines())
    return {name: _value(value, parameters) for name, value in lines}


def _value(value: str, parameters: dict[str, str]) -> str:
    name = value.removeprefix("!Ref ")
    return parameters.get(name, name)
