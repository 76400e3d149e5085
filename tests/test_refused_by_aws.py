"""What AWS refuses ends each command in one sentence that names the cure, before it is begun."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.conftest import Render, everything
from tests.forked import Tools, tools

NOBODY = {
    "PATH": os.environ["PATH"],
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
SOMEBODY = NOBODY | {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}

OF_A_STACK = {
    "rollback": "FN=orders",
    "stop": "FN=shipping YES=1",
    "start": "FN=shipping YES=1",
    "redrive": "FN=shipping",
    "redrive-executions": "",
    "test-alarm": "",
    "drift": "",
    "destroy": "NAME=orders-service-dev",
    "prune": "",
    "logs": "",
    "put-secret": "NAME=payment-key",
    "summary": "NAME=release-1",
    "execute": "NAME=release-1",
    "smoke": "",
    "test-integration": "STACK_NAME=items-service-dev AWS_REGION=eu-west-1",
}
COMMANDS = OF_A_STACK | {
    "deploy": "",
    "sync": "",
    "diff": "",
    "package": "",
    "change-set": "NAME=release-1",
    "bootstrap": "YES=1",
    "pipeline": "YES=1",
}
"""All commands that talk to AWS, with what else they are given."""

OF_ALL = {"package", "pipeline", "test-integration"}
"""Those that name no environment."""

IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>"
    "<Arn>arn:aws:iam::111122223333:user/somebody</Arn><UserId>somebody</UserId>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
EXPIRED = ERROR.format("ExpiredToken", "The security token included in the request is expired")
NO_STACK = ERROR.format("ValidationError", "Stack with id {} does not exist")


class Endpoint(BaseHTTPRequestHandler):
    """Answers as STS and CloudFormation do, of an account that has no stack."""

    expires = "never"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asks_who = given.get("Action") == "GetCallerIdentity"
        if self.expires == "before" or (self.expires == "meanwhile" and not asks_who):
            self._answer(403, EXPIRED)
        elif asks_who:
            self._answer(200, IDENTITY)
        else:
            self._answer(400, NO_STACK.format(given.get("StackName")))

    def _answer(self, status: int, content: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], dict[str, str]]]:
    """Start an endpoint; return the variables by which it is met, and let tokens expire."""

    def expiring(when: str) -> dict[str, str]:
        monkeypatch.setattr(Endpoint, "expires", when)
        return SOMEBODY | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield expiring
        server.shutdown()


@pytest.fixture(scope="module")
def service(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service with all commands; for `make` it is set up."""
    answers = everything() | {"delivery": "both", "repository": "example/orders"}
    folder = tmp_path_factory.mktemp("refused") / "service"
    shutil.copytree(render(**answers), folder)
    # What is installed by uv is no older than uv.
    for installed in (".tools/uv/bin/uv", ".venv/.ready", ".tools/sam/.ready"):
        (folder / installed).parent.mkdir(parents=True)
        (folder / installed).touch()
    return folder


@pytest.fixture(scope="module")
def forked(service: Path) -> Iterator[Tools]:
    with tools(service) as running:
        yield running


def recipes(service: Path, *words: str) -> list[str]:
    """What `make` would run, in its order."""
    done = subprocess.run(
        ["make", "--dry-run", "--silent", *words],
        cwd=service,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


Refused = Callable[..., str]


@pytest.fixture
def refused(service: Path, forked: Tools) -> Refused:
    """Run a command as `make` does until something of it fails; return the sentence."""

    def run(command: str, env: dict[str, str]) -> str:
        words = [] if command in OF_ALL else ["ENV=dev"]
        before = files(service)
        for line in recipes(service, command, *words, *COMMANDS[command].split()):
            if line.startswith("test "):
                continue
            _, *tool = shlex.split(line)
            assert tool[0] != "tools/build.py", f"{command} builds before it asks AWS"
            done = forked.run(*tool, env=env)
            if done.returncode:
                break
        assert done.returncode == 1, f"{command} is not refused: {done.stdout}"
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert files(service) == before, "something was begun"
        return done.stderr

    return run


def files(service: Path) -> set[Path]:
    """What is there, but empty folders."""
    return {path for path in service.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
def test_who_is_not_logged_in_is_told_to_log_in(refused: Refused, command: str) -> None:
    assert re.match(r"Log in to AWS.*: Unable to locate credentials", refused(command, NOBODY))


@pytest.mark.parametrize("command", ["logs", "package"])
def test_a_profile_that_is_not_there_is_told(refused: Refused, command: str) -> None:
    told = refused(command, NOBODY | {"AWS_PROFILE": "nobody"})
    assert re.match(r"Log in to AWS: The config profile \(nobody\) could not be found", told)


@pytest.mark.parametrize("command", COMMANDS)
def test_whose_token_has_expired_is_told_to_log_in_again(
    refused: Refused, endpoint: Callable[[str], dict[str, str]], command: str
) -> None:
    told = refused(command, endpoint("before"))
    assert re.match(r"Log in again to AWS.*: The security token included .* is expired", told)


@pytest.mark.parametrize("command", [*OF_A_STACK, "pipeline"])
def test_a_token_that_expires_meanwhile_ends_in_the_same_sentence(
    refused: Refused, endpoint: Callable[[str], dict[str, str]], command: str
) -> None:
    told = refused(command, endpoint("meanwhile"))
    assert re.match(r"Log in again to AWS.*: The security token included .* is expired", told)


@pytest.mark.parametrize("command", COMMANDS)
def test_where_there_is_no_network_the_network_is_named(refused: Refused, command: str) -> None:
    told = refused(command, SOMEBODY | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert re.match("Connect to the network, or name its proxy in HTTPS_PROXY: Could not", told)


@pytest.mark.parametrize("command", OF_A_STACK)
def test_a_stack_that_is_not_there_is_named_with_its_cure(
    refused: Refused, endpoint: Callable[[str], dict[str, str]], command: str
) -> None:
    told = refused(command, endpoint("never"))
    assert re.match("Deploy it first, or log in to the account that has it: Stack .*-dev d", told)


@pytest.mark.parametrize("command", ["rollback", "stop", "redrive", "logs"])
def test_a_wrong_function_is_told_before_aws_is_asked(
    service: Path, forked: Tools, command: str
) -> None:
    tool = shlex.split(recipes(service, command, "ENV=dev", "FN=nobody")[-1])[1:]
    told = forked.run(*tool, env=NOBODY).stderr
    assert told == "Use FN= with a function of this service: there is none named 'nobody'.\n"


def test_every_command_that_asks_aws_is_among_them(service: Path) -> None:
    asking = {
        path.name
        for path in (service / "tools").glob("*.py")
        if re.search(r"^import (aws|boto3)$", path.read_text(), re.MULTILINE)
    }
    targets = re.findall(
        r"^([a-z-]+):[^\n]*\n((?:\t[^\n]*\n)+)", (service / "Makefile").read_text(), re.MULTILINE
    )
    found = {
        name
        for name, recipe in targets
        if asking & {f"{tool}.py" for tool in re.findall(r"tools/(\w+)\.py", recipe)}
    }
    of_the_emulator = {"local", "test-integration"}
    first = {"logged-in", "named-environment", "stack-there"}  # asked before a command begins
    assert found - of_the_emulator - first == COMMANDS.keys() - of_the_emulator


WRONG = ("", "ENV=", "ENV=qa", "ENV=../dev", "ENV=dev prod", "ENV='dev'")


@pytest.mark.parametrize(
    ("command", "wrong"),
    # Where nothing is named, code comes to dev.
    [pair for pair in product(sorted(COMMANDS.keys() - OF_ALL), WRONG) if pair != ("sync", "")],
)
def test_a_wrong_environment_is_told_before_anything_else(
    service: Path, command: str, wrong: str
) -> None:
    before = files(service)
    given = [wrong] if wrong else []
    done = subprocess.run(
        ["make", "--silent", command, *given, *COMMANDS[command].split()],
        cwd=service,
        env=NOBODY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    sentence, made, *more = done.stderr.splitlines()
    assert sentence == "Name the environment: ENV=dev or ENV=staging or ENV=prod"
    assert re.match(r"make: \*\*\* .* Error 1$", made)
    assert not more
    assert files(service) == before
