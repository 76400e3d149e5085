"""`make logs`: of which function, since when, and what it hands to the SAM CLI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Render

AWS = '''
"""Stands for boto3: the stack has one function."""
class Client:
    def get_caller_identity(self): return {}
    def get_paginator(self, _): return self
    def paginate(self, **_):
        row = {"LogicalResourceId": "ItemsFunction", "PhysicalResourceId": "items"}
        return [{"StackResourceSummaries": [row]}]
class Session:
    def __init__(self, region_name): pass
    def client(self, name, **_): return Client()
'''
SAM = "#!/bin/sh\necho telemetry $SAM_CLI_TELEMETRY, $@\n"

Logs = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def logs(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Logs:
    """Run `make logs`, with stand-ins for AWS and for the SAM CLI."""
    folder = tmp_path_factory.mktemp("logs")
    service = shutil.copytree(render(), folder / "service")
    (folder / "boto3.py").write_text(AWS)
    for file, text in {
        ".tools/uv/bin/uv": "",
        ".venv/bin/python": f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} -B "$@"\n',
        ".venv/.ready": "",
        ".tools/sam/bin/sam": SAM,
        ".tools/sam/.ready": "",
    }.items():
        (service / file).parent.mkdir(parents=True, exist_ok=True)
        (service / file).write_text(text)
        (service / file).chmod(0o755)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--silent", "logs", "ENV=dev", *words],
            cwd=service,
            env={"PATH": os.environ["PATH"], "TZ": "Europe/Berlin"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def since(done: subprocess.CompletedProcess[str]) -> datetime:
    """Return from when on SAM is asked for logs, in UTC."""
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    return datetime.fromisoformat(words[words.index("--start-time") + 1]).replace(tzinfo=UTC)


def test_all_logs_of_the_last_minutes_are_followed_and_nobody_is_told(logs: Logs) -> None:
    done = logs()
    assert done.stdout.startswith("telemetry 0, logs --stack-name items-service-dev --region ")
    assert "--tail" in done.stdout
    assert "--name" not in done.stdout
    assert timedelta(minutes=9) < datetime.now(UTC) - since(done) < timedelta(minutes=11)


def test_those_of_one_function_are_followed_from_a_time_on(logs: Logs) -> None:
    done = logs("FN=items", "SINCE=2h")
    assert "--name ItemsFunction" in done.stdout
    assert timedelta(minutes=119) < datetime.now(UTC) - since(done) < timedelta(minutes=121)
    assert since(logs("SINCE=2030-01-31T03:10")).isoformat() == "2030-01-31T02:10:00+00:00"
    assert since(logs("SINCE=2030-01-31T03:10Z")).isoformat() == "2030-01-31T03:10:00+00:00"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("FN=nobody", "Use FN= with a function of this service: there is none named 'nobody'."),
        ("FN=worker", "Deploy worker first: items-service-dev does not have it."),
        ("SINCE=soon", "Use SINCE= with 30m, 2h, 1d or a time, 2030-01-31T03:10: 'soon' is none."),
        ("SINCE=99999999999d", "Use SINCE= with 30m, 2h, 1d or a time"),
        ("SINCE=0001-01-01", "Use SINCE= with 30m, 2h, 1d or a time"),
    ],
)
def test_what_is_none_is_told_in_a_sentence(logs: Logs, word: str, sentence: str) -> None:
    done = logs(word)
    assert done.returncode
    told, *rest = done.stderr.splitlines()
    assert told.startswith(sentence)
    assert all(line.startswith("make: ") for line in rest)
    assert "telemetry" not in done.stdout
