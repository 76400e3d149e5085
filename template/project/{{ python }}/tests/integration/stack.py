"""The deployed stack that the integration tests speak to, on AWS or on an emulator of it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

ALIAS = "live"
PATIENCE = 60  # seconds


def eventually[T](look: Callable[[], T], otherwise: str) -> T:
    """Look until something is there and return it, or fail with the sentence."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"{otherwise} (after {PATIENCE} seconds)")
        time.sleep(0.5)
    return found


@dataclass(frozen=True)
class Answer:
    """What the HTTP API answered."""

    status: int
    body: Any


class Stack:
    """A stack by its name: its outputs, its resources, and calls of what it serves."""

    def __init__(self, name: str, region: str, emulator: str | None) -> None:
        """`emulator` is the endpoint of an emulator; without one, the stack is on AWS."""
        self.region = region
        self.emulator = emulator
        self._session = boto3.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        proxies = get_environ_proxies(emulator or "https://aws.amazon.com")
        self._http = URLLib3Session(proxies=proxies)
        cloudformation = self.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        self.resources: dict[str, str] = {
            row["LogicalResourceId"]: row["PhysicalResourceId"]
            for page in pages
            for row in page["StackResourceSummaries"]
        }

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]

    def close(self) -> None:
        self._http.close()
        for client in self._clients.values():
            client.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> Answer:
        """Call the HTTP API, as a caller with the credentials of whoever runs the tests."""
        url, host = self._address()
        content = None if body is None else json.dumps(body)
        given = {"Content-Type": "application/json", **host, **(headers or {})}
        request = AWSRequest(method=method, url=f"{url}{path}", data=content, headers=given)
        if signed:
            credentials = self._session.get_credentials()
            SigV4Auth(credentials, "execute-api", self.region).add_auth(request)
        answer = self._http.send(request.prepare())
        return Answer(answer.status_code, json.loads(answer.content))

    def _address(self) -> tuple[str, dict[str, str]]:
        """Return where the API is; an emulator finds it by the `Host` header."""
        url: str = self.outputs["ApiUrl"]
        if not self.emulator:
            return url, {}
        api_id = url.removeprefix("https://").split(".")[0]
        return self.emulator, {
            "Host": f"{api_id}.execute-api.localhost:{urlsplit(self.emulator).port}"
        }

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke the alias of a function by its logical id, and return what it returns."""
        answer = self.client("lambda").invoke(
            FunctionName=self.resources[function], Qualifier=ALIAS, Payload=json.dumps(event)
        )
        result = json.load(answer["Payload"])
        assert "FunctionError" not in answer, f"{function} fails when it is invoked: {result}"
        return result
