"""A service that is deployed again and again: what of it serves, to whom, and who moved it."""

from __future__ import annotations

import http.client
import json
import os
import pty
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.emulator.samples import SAMPLES
from tests.emulator.service import LOCAL, Service


class Released:
    """A deployed service: which release of it serves, and where its alias is."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.samples = SAMPLES[service.language.name]
        self.write("first")
        service.deploy("start")
        self._lambda = service.client("lambda")
        self._function = service.resource("ItemsFunction")
        self._port = int(self._lambda.meta.endpoint_url.rpartition(":")[2])
        self._api = f"{service.resource('HttpApi')}.execute-api.localhost:{self._port}"

    def write(self, release: str) -> None:
        text = self.samples.release.replace("RELEASE", release)
        (self.service.folder / self.samples.handler).write_text(text, encoding="utf-8")

    def deploy(self, release: str) -> int:
        """Deploy a good release; return its version."""
        self.write(release)
        self.service.deploy("deploy")
        assert self.answer() == release, "the release is deployed, and another serves"
        return self.version

    def answer(self) -> str:
        """Call the API as anybody may; return which release answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("GET", "/items/1", headers={"Host": self._api})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return json.loads(body)["release"] if answer.status == 200 else f"failed: {body!r}"

    @contextmanager
    def traffic(self) -> Iterator[list[str]]:
        """Call twenty times a second; the list grows by what has answered."""
        answers: list[str] = []
        enough = threading.Event()

        def call() -> None:
            while not enough.wait(0.05):
                answers.append(self.answer())

        caller = threading.Thread(target=call)
        caller.start()
        try:
            yield answers
        finally:
            enough.set()
            caller.join()

    @property
    def alias(self) -> dict[str, Any]:
        found = self._lambda.get_alias(FunctionName=self._function, Name="live")
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    @property
    def version(self) -> int:
        return int(self.alias["FunctionVersion"])

    @property
    def newest(self) -> int:
        """The version that was published last, whether it serves or not."""
        found = self._lambda.list_versions_by_function(FunctionName=self._function)["Versions"]
        return max(int(one["Version"]) for one in found if one["Version"] != "$LATEST")

    def move(self, **to: Any) -> None:
        """Change the alias by hand."""
        self._lambda.update_alias(FunctionName=self._function, Name="live", **to)

    @property
    def status(self) -> str:
        stacks = self.service.client("cloudformation")
        return str(
            stacks.describe_stacks(StackName="items-service-dev")["Stacks"][0]["StackStatus"]
        )

    @property
    def refusal(self) -> str:
        """Why the last alias that was not updated was not."""
        stacks = self.service.client("cloudformation")
        events = stacks.describe_stack_events(StackName="items-service-dev")["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
        assert failed[0]["ResourceType"] == "AWS::Lambda::Alias", failed[0]
        return str(failed[0]["ResourceStatusReason"])

    def rollback(self, *options: str, **process: Any) -> subprocess.Popen[str]:
        """Begin `make rollback`, without a terminal if none is given."""
        make = ["make", "--no-print-directory", "rollback", "ENV=dev", "FN=items", *options]
        return self._begin("run", *make, **({"stdin": subprocess.DEVNULL} | process))

    def deploying(self) -> subprocess.Popen[str]:
        """Begin a deployment."""
        return self._begin("deploy")

    def _begin(self, *arguments: str, **process: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*LOCAL, *arguments],
            cwd=self.service.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **process,
        )

    def refuses(self, sentence: str, *options: str) -> None:
        """Expect that `make rollback` refuses with the sentence and changes nothing."""
        before = self.alias
        done = self.rollback(*options)
        said, _ = done.communicate()
        assert done.returncode, f"it is not refused:\n{said}"
        assert sentence in said
        assert self.alias == before, "it is refused, and the alias has changed"

    def answers_the_question(
        self, answer: str, meanwhile: Callable[[], None], *options: str
    ) -> tuple[bool, str]:
        """Answer what it asks on a terminal; return whether it puts back, and what it says."""
        person, terminal = pty.openpty()
        try:
            asking = self.rollback(*options, stdin=terminal)
            said = ""
            while not said.endswith("[y/N] "):
                read = asking.stdout.read(1)
                assert read, f"it ends, and has asked nothing:\n{said}"
                said += read
            meanwhile()
            os.write(person, f"{answer}\n".encode())
            said += asking.communicate()[0]
        finally:
            os.close(person)
            os.close(terminal)
        return asking.returncode == 0, said
