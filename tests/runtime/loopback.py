"""Stand-ins on the loopback for what a function talks to: the Runtime API of Lambda, and AWS.

The Runtime API follows https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; it hands out
events one after the other and notes when each was asked for and answered. AWS is a stand-in that
says yes to every write and has nothing to read but secrets and one object: enough for a client's
whole way, not for judging a service.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.objects import SAMPLE

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3f{:02x}"
# As CloudFormation names it, at its longest.
FUNCTION_NAME = "customer-order-service-pr-PaymentNotificationsFuncti-AbCdEfGhIjKl"
FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:123456789012:function:{FUNCTION_NAME}"
TIMEOUT = 60  # seconds of an invocation
PENDING = "8f0a6c5e-2d1b-4a55-9f0e-3b6d1c7e4a10"  # of a rotation, as in its sample event
GENERATED = "planted-generated-value"


class Loopback(ThreadingHTTPServer):
    """A server at a free port of the loopback, while its block lasts."""

    daemon_threads = True
    handler: type[BaseHTTPRequestHandler]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.handler)
        self.address = f"127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        # The poll decides how long closing takes; requests wake the server at once.
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Stay silent: a function that was measured is killed while its connections are open."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would meet Nagle's algorithm and wait 40 ms

    def content(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent: standard error belongs to the measured function."""


@dataclass(frozen=True)
class Answer:
    """What an invocation ended in."""

    at: float  # seconds of the performance counter
    failed: bool
    content: bytes


class _RuntimeApiHandler(_Handler):
    server: RuntimeApi

    def do_GET(self) -> None:
        turn = len(self.server.answers)
        self.server.asked()
        if turn == len(self.server.events):
            self.server.done.set()
            self.server.closed.wait()
            self.close_connection = True
            return
        headers = {
            "content-type": "application/json",
            "lambda-runtime-aws-request-id": REQUEST_ID.format(turn % 256),
            "lambda-runtime-deadline-ms": str(int((time.time() + TIMEOUT) * 1000)),
            "lambda-runtime-invoked-function-arn": FUNCTION_ARN,
            "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        }
        self.answer(200, self.server.events[turn], headers)

    def do_POST(self) -> None:
        answer = Answer(time.perf_counter(), self.path.endswith("/error"), self.content())
        self.server.answers.append(answer)
        self.answer(202, b"{}", {"content-type": "application/json"})
        if self.path.endswith("/init/error"):
            self.server.done.set()


class RuntimeApi(Loopback):
    """The Runtime API of one function; `asked` is called each time that it asks for an event."""

    handler = _RuntimeApiHandler

    def __init__(self, events: Sequence[bytes], asked: Callable[[], None]) -> None:
        super().__init__()
        self.events = events
        self.asked = asked
        self.answers: list[Answer] = []
        self.done = threading.Event()  # it has asked for more events than there are
        self.closed = threading.Event()

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        super().__exit__()


@dataclass(frozen=True)
class Call:
    """A request of an AWS service, by the service that it is signed for."""

    service: str
    operation: str  # where a header names it, or it reads an object
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.content)


class _AwsHandler(_Handler):
    server: Aws

    def do_POST(self) -> None:
        signed = re.search(
            r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization", "")
        )
        service = signed[1] if signed else ""
        operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
        # S3 Control signs as S3 does, and names the account beside.
        buckets = service == "s3" and "x-amz-account-id" not in self.headers
        if buckets and self.command == "GET" and re.match("/[^/?]+/[^?]", self.path):
            operation = "GetObject"
        if "/@connections/" in self.path.replace("%40", "@"):
            operation = "PostToConnection"
        call = Call(service, operation, self.content())
        self.server.calls.append(call)
        kind = self.headers.get("content-type", "")
        headers = {"x-amzn-requestid": REQUEST_ID.format(0)}
        if kind.startswith("application/x-amz-json"):
            status, found = self.server.found(call)
            self.answer(status, json.dumps(found).encode(), headers | {"content-type": kind})
        elif kind.startswith("application/x-www-form-urlencoded"):
            action = re.search(rb"Action=(\w+)", call.content)[1]
            found = b"<%b><%b/></%b>" % (
                action + b"Response",
                action + b"Result",
                action + b"Response",
            )
            self.answer(200, found, headers | {"content-type": "text/xml"})
        elif "rpc-v2-cbor" in self.headers.get("smithy-protocol", ""):
            cbor = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            self.answer(200, b"\xa0", headers | cbor)
        elif operation == "GetObject":
            self.answer(200, SAMPLE, headers)
        elif self.path.endswith("/invocations"):
            self.answer(200, b'{"probed": ["start"]}', headers)
        else:
            self.answer(200, b"", headers)

    do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_POST  # noqa: N815 - the server's names


class Aws(Loopback):
    """A stand-in for AWS.

    `calls` has what was asked; `secrets` are by a part of what refers to them. What is `denied`, by
    a part of it too, may not be read. A rotation is under way to the version `PENDING`.
    """

    handler = _AwsHandler

    def __init__(self, secrets: dict[str, str] | None = None, denied: str = "") -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.secrets = secrets or {}
        self.denied = denied

    def instead(self, variables: dict[str, str]) -> dict[str, str]:
        """Return variables by which a function meets this one, wherever AWS is in them."""
        own = (name for name in variables if name.startswith("AWS_ENDPOINT_URL_"))
        return variables | dict.fromkeys(("AWS_ENDPOINT_URL", *own), f"http://{self.address}")

    def found(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Return the status and the content of an answer in JSON."""
        body = call.body
        reference = body.get("SecretId") or body.get("Name") or ""
        if self.denied and self.denied in reference:
            return 400, {"__type": "AccessDeniedException", "message": f"No access: {reference}"}
        value = next((one for part, one in self.secrets.items() if part in reference), "")
        match call.operation:
            case "Query":
                return 200, {"Items": [], "Count": 0, "ScannedCount": 0}
            case "GetParameter":
                return 200, {"Parameter": {"Name": reference, "Value": value}}
            case "GetSecretValue" if body.get("VersionId") == PENDING and not self._put():
                return 400, {"__type": "ResourceNotFoundException", "message": "No such version"}
            case "GetSecretValue":
                return 200, {"ARN": reference, "SecretString": value}
            case "GetRandomPassword":
                return 200, {"RandomPassword": GENERATED}
            case "DescribeSecret":
                stages = {"before": ["AWSCURRENT"], PENDING: ["AWSPENDING"]}
                return 200, {"VersionIdsToStages": stages}
        return 200, {}

    def _put(self) -> bool:
        return any(call.operation == "PutSecretValue" for call in self.calls)
