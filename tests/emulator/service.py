"""A rendered service on its own emulator, driven by its own tools."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from golden_path.local import emulator
from golden_path.local.emulator import Emulator

from tests.languages import Language

LOCAL = (".tools/golden-path/bin/golden-path", "local")
PATIENCE = 120  # seconds
MAKES = re.compile(r"make(\[\d+\])?: ")  # what it says itself, also when another one runs it
Found = TypeVar("Found")


def free_port() -> int:
    """A port of this machine that nobody has, also when several emulators start at once.

    The service's own choice is the usual port, if it is free when it looks.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def emulator_of(service: Path, stack: str, *bridges: Path) -> Emulator:
    """Start the emulator of a service that is set up, with nothing on it."""
    with chdir(service):
        return emulator.start("dev", stack, "eu-west-1", free_port(), bridges)


@cache
def client_of(
    service: str, endpoint: str, region: str, key: str, secret: str, token: str | None = None
) -> Any:
    """A client of whoever has credentials, made once: each reads megabytes of data."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


@dataclass(frozen=True)
class Service:
    """The folder of a rendered service that is set up."""

    folder: Path
    language: Language

    def local_aws(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the tool behind `make local`."""
        port = ["--port", str(free_port())] if arguments[0] == "start" else []
        command = [*LOCAL, *arguments, *port]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def deploy(self, verb: str, *options: str) -> None:
        """Start the emulator and deploy, or deploy again: `start` or `deploy`."""
        done = self.local_aws(verb, *options)
        assert done.returncode == 0, f"the service is not deployed:\n{done.stdout}{done.stderr}"

    def stop(self) -> None:
        """Stop the emulator, with all that is on it."""
        with chdir(self.folder):
            emulator.running().stop()

    def test(self, function: str) -> subprocess.CompletedProcess[str]:
        """Run the service's own integration tests of a function against it."""
        module = self.language.module(function)
        file = f"tests/integration/{self.language.test.format(module)}"
        return self.local_aws("run", *self.language.integration_tests, file)

    def passes(self, *functions: str) -> str:
        """See integration tests of functions pass: they run at once, since most of them wait.

        Return what they say.
        """
        said = ""
        with ThreadPoolExecutor() as pool:
            for done in pool.map(self.test, functions):
                assert done.returncode == 0, done.stdout + done.stderr
                said += done.stdout
        return said

    @property
    def port(self) -> int:
        """Where the emulator listens on this machine."""
        return int(self._state()["port"])

    def client(self, service: str) -> Any:
        state = self._state()
        endpoint = f"http://127.0.0.1:{state['port']}"
        return client_of(service, endpoint, state["region"], "test", "test")

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource."""
        stacks = self.client("cloudformation")
        found = stacks.describe_stack_resource(
            StackName=self._state()["stack"], LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def output(self, name: str) -> str:
        """An output of its stack."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self._state()["stack"])[
            "Stacks"
        ]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        return outputs[name]

    def logged(self, group: str) -> str:
        """All that was written to a log group, by its logical id."""
        events = self.client("logs").filter_log_events(logGroupName=self.resource(group))["events"]
        return "\n".join(event["message"] for event in events)

    def alias(self, function: str) -> dict[str, Any]:
        """The configuration behind the alias of a function, by its logical id."""
        name = self.resource(function)
        found = self.client("lambda").get_function_configuration(
            FunctionName=name, Qualifier="live"
        )
        return dict(found)

    def items(self, name: str) -> list[str]:
        """The keys of the items that bear a name."""
        found = self.client("dynamodb").scan(TableName=self.resource("Table"))["Items"]
        named = [item for item in found if item.get("name", {}).get("S") == name]
        return [item["pk"]["S"] for item in named if item["pk"]["S"].startswith("item#")]

    @contextmanager
    def without_permission(self, function: str, route: str = "") -> Iterator[None]:
        """Let nobody invoke a function for a while, by its logical id.

        Of an API with several routes no longer one, as in `/GET/items/*`: so its ARN ends.
        """
        functions = self.client("lambda")
        alias = {"FunctionName": self.resource(function), "Qualifier": "live"}
        statements = json.loads(functions.get_policy(**alias)["Policy"])["Statement"]
        (found,) = [
            one
            for one in statements
            if one["Condition"]["ArnLike"]["AWS:SourceArn"].endswith(route)
        ]
        functions.remove_permission(**alias, StatementId=found["Sid"])
        account = found["Condition"].get("StringEquals", {}).get("AWS:SourceAccount")
        try:
            yield
        finally:
            functions.add_permission(
                **alias,
                StatementId=found["Sid"],
                Action=found["Action"],
                Principal=found["Principal"]["Service"],
                SourceArn=found["Condition"]["ArnLike"]["AWS:SourceArn"],
                **{"SourceAccount": account} if account else {},
            )

    @contextmanager
    def with_rights(self, role: str, old: str, new: str) -> Iterator[None]:
        """Let a role have other rights for a while, by its logical id: `new` for `old`."""
        iam, name = self.client("iam"), self.resource(role)
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        key = {"RoleName": name, "PolicyName": policy}
        before = json.dumps(iam.get_role_policy(**key)["PolicyDocument"])
        assert old in before, f"{role} has no {old}: the test takes nothing away"
        iam.put_role_policy(**key, PolicyDocument=before.replace(old, new))
        try:
            yield
        finally:
            iam.put_role_policy(**key, PolicyDocument=before)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not say {old!r}: the test has nothing to change"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def bring_back_soon(self, seconds: int = 5) -> None:
        """Let each queue bring failed messages back after few seconds, not after six timeouts."""
        sqs = self.client("sqs")
        for url in sqs.list_queues().get("QueueUrls", []):
            asked = {"QueueUrl": url, "AttributeNames": ["RedrivePolicy"]}
            if sqs.get_queue_attributes(**asked).get("Attributes"):
                sqs.set_queue_attributes(
                    QueueUrl=url, Attributes={"VisibilityTimeout": f"{seconds}"}
                )

    def _state(self) -> Any:
        return json.loads((self.folder / ".build" / "local" / "state.json").read_text())


def eventually(look: Callable[[], Found], otherwise: str) -> Found:
    """Look until something is there and return it, or fail with the sentence."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"{otherwise} (after {PATIENCE} seconds)")
        time.sleep(0.5)
    return found
