"""`make put-secret`: a value goes to its place, and is seen nowhere else."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render

VALUE = "s3cret value"  # pragma: allowlist secret

AWS = '''
"""Stands for boto3, and records what is asked to change."""
import json, pathlib
class Client:
    def get_caller_identity(self): return {"Account": "111122223333"}
    def put_parameter(self, **given): pathlib.Path("put.json").write_text(json.dumps(given))
    put_secret_value = put_parameter
    def describe_stack_resource(self, StackName, LogicalResourceId):
        arn = f"arn:{StackName}:{LogicalResourceId}"
        return {"StackResourceDetail": {"PhysicalResourceId": arn}}
class Session:
    def __init__(self, region_name): pass
    def client(self, name, **_): return Client()
'''

Put = Callable[[str, str], subprocess.CompletedProcess[str]]


@pytest.fixture
def tool(render: Render, tmp_path: Path) -> dict[str, Any]:
    """What `make put-secret` runs, with a stand-in for AWS; the name is missing."""
    secrets = {"partner-token": "medium", "payment-key": "high", "partner-url": "low"}
    (tmp_path / "boto3.py").write_text(AWS)
    return {
        "args": [sys.executable, render(secrets=secrets) / "tools/put_secret.py", "dev"],
        "cwd": tmp_path,
        "env": {"PYTHONPATH": str(tmp_path)},
        "text": True,
    }


@pytest.fixture
def put(tool: dict[str, Any]) -> Put:
    """Write a value that comes from a pipe."""

    def run(name: str, value: str) -> subprocess.CompletedProcess[str]:
        command = tool | {"args": [*tool["args"], name]}
        return subprocess.run(**command, input=value, capture_output=True, check=False)

    return run


def test_a_secret_of_level_medium_is_an_encrypted_parameter(put: Put, tmp_path: Path) -> None:
    done = put("partner-token", f"{VALUE}\n")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "put.json").read_text()) == {
        "Name": "/items-service/dev/partner-token",
        "Value": VALUE,
        "Type": "SecureString",
        "Overwrite": True,
    }
    assert VALUE not in done.stdout + done.stderr


def test_a_secret_of_level_high_is_that_of_the_stack(put: Put, tmp_path: Path) -> None:
    done = put("payment-key", VALUE)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "put.json").read_text()) == {
        "SecretId": "arn:items-service-dev:PaymentKeySecret",
        "SecretString": VALUE,
    }


def test_a_value_that_is_typed_is_not_echoed(tool: dict[str, Any], tmp_path: Path) -> None:
    # given a terminal
    keyboard, terminal = pty.openpty()
    command = tool | {"args": [*tool["args"], "partner-token"], "start_new_session": True}
    streams = {"stdin": terminal, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(**command, **streams) as running:
        # when the value is typed at the prompt
        prompt = "Value of partner-token in dev: "
        assert running.stdout.read(len(prompt)) == prompt
        os.write(keyboard, f"{VALUE}\n".encode())
        said = running.stdout.read()
    # then it is written, and not to be seen
    assert json.loads((tmp_path / "put.json").read_text())["Value"] == VALUE
    assert VALUE not in said
    os.write(terminal, b"what the terminal has shown ends here")
    assert VALUE.encode() not in os.read(keyboard, 1024)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("partner-url", VALUE, "Use NAME=partner-token or NAME=payment-key"),
        ("", VALUE, "Use NAME=partner-token or NAME=payment-key"),
        ("partner-token", "\n", "Give a value"),
    ],
)
def test_what_cannot_be_written_is_told_in_a_sentence(
    put: Put, tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = put(name, value)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "put.json").exists()
