"""A function of Lambda, run in a fresh process with the runtime client that Lambda uses."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.runtime.loopback import FUNCTION_NAME, TIMEOUT, RuntimeApi

SESSION_TOKEN = "planted-session-token"
SECRET_KEY = "planted-secret-access-key"


@dataclass(frozen=True)
class Runtime:
    """What runs a function: AWS's runtime client of a language."""

    command: tuple[str | Path, ...]  # a handler is its last argument
    variables: dict[str, str]  # what Lambda sets for this language only


@dataclass(frozen=True)
class Function:
    """A handler in an unpacked package, and the variables that its template sets."""

    package: Path
    handler: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Mark:
    """Where a process stood when it asked for an event."""

    at: float  # seconds from its start
    cpu: float  # seconds of the processor: neighbours on the machine disturb it less
    written: int  # bytes


@dataclass(frozen=True)
class Invocation:
    """One invocation."""

    answered: float  # seconds from the start of the process
    cpu: float  # seconds of the processor, until the next event is asked for
    failed: bool
    response: bytes
    lines: list[bytes]  # that it wrote

    @property
    def size(self) -> int:
        """Bytes that it wrote."""
        return sum(map(len, self.lines))


@dataclass(frozen=True)
class Run:
    """A function from its start to the last of its events."""

    init: float  # seconds from the start of the process until it asks for its first event
    init_cpu: float  # seconds of the processor
    init_lines: list[bytes]
    invocations: list[Invocation]

    @property
    def lines(self) -> list[bytes]:
        """All that was written."""
        return [*self.init_lines, *(line for one in self.invocations for line in one.lines)]


class Failed(Exception):
    """The function did not start, or an invocation did not end."""


def run(function: Function, runtime: Runtime, events: Sequence[bytes]) -> Run:
    """Run `function` for `events`, with nothing but Lambda's variables and its template's."""
    marks: list[Mark] = []
    with (
        tempfile.TemporaryFile() as output,
        RuntimeApi(events, lambda: marks.append(mark())) as api,
    ):
        started = time.perf_counter()
        process = subprocess.Popen(
            [*runtime.command, function.handler],
            cwd=function.package,
            env=_environment(function, api.address) | runtime.variables | function.variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

        def mark() -> Mark:
            return Mark(
                time.perf_counter() - started, _cpu(process.pid), os.fstat(output.fileno()).st_size
            )

        try:
            in_time = _wait(api, process)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        written = output.read()
    if not in_time or len(marks) <= len(events):
        reasons = b"\n".join([answer.content for answer in api.answers] + [written])
        raise Failed(f"{function.handler}: {reasons.decode()}")
    invocations = [
        Invocation(
            answer.at - started,
            after.cpu - before.cpu,
            answer.failed,
            answer.content,
            written[before.written : after.written].splitlines(keepends=True),
        )
        for answer, (before, after) in zip(api.answers, pairwise(marks), strict=True)
    ]
    first = marks[0]
    return Run(first.at, first.cpu, written[: first.written].splitlines(True), invocations)


def _wait(api: RuntimeApi, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the function wants more events than there are, or is at its end."""
    until = time.monotonic() + TIMEOUT
    while not api.done.wait(0.05):
        if process.poll() is not None or time.monotonic() > until:
            return False
    return True


def _cpu(process: int) -> float:
    """Return what a process has used of the processor so far, in seconds (clock_getcpuclockid)."""
    return time.clock_gettime((~process << 3) | 2)


def _environment(function: Function, api: str) -> dict[str, str]:
    """Return what Lambda sets, as far as a function or its libraries read it.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION_NAME,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION_NAME}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[1]0123456789abcdef0123456789abcdef",
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(function.package),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
