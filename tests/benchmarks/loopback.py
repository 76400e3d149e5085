"""Stand-ins on the loopback for what a function talks to: the Runtime API of Lambda, and DynamoDB.

The Runtime API follows https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; it hands out
one event and notes when it was asked and when it was answered. DynamoDB is a stand-in that says yes
to every write and has nothing to read: enough for a client's whole way, not for judging a table.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:bench"
TIMEOUT = 60  # seconds of the one invocation


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
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent: standard error belongs to the measured function."""


class _RuntimeApiHandler(_Handler):
    server: RuntimeApi

    def do_GET(self) -> None:
        asked = time.perf_counter()
        if self.server.asked:
            self.server.done.wait()
            self.close_connection = True
            return
        self.server.asked = asked
        headers = {
            "content-type": "application/json",
            "lambda-runtime-aws-request-id": REQUEST_ID,
            "lambda-runtime-deadline-ms": str(int((time.time() + TIMEOUT) * 1000)),
            "lambda-runtime-invoked-function-arn": FUNCTION_ARN,
            "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        }
        self.answer(200, self.server.event, headers)

    def do_POST(self) -> None:
        self.server.answered = time.perf_counter()
        self.server.failed = self.path.endswith("/error")
        self.server.response = self.content()
        self.answer(202, b"{}", {"content-type": "application/json"})
        self.server.done.set()


class RuntimeApi(Loopback):
    """The Runtime API of one function that is invoked once."""

    handler = _RuntimeApiHandler

    def __init__(self, event: bytes) -> None:
        super().__init__()
        self.event = event
        self.asked = 0.0  # when the first event was asked for: the end of INIT
        self.answered = 0.0
        self.failed = False
        self.response = b""
        self.done = threading.Event()


class _DynamoDbHandler(_Handler):
    server: DynamoDb

    def do_POST(self) -> None:
        operation = self.headers["x-amz-target"].partition(".")[2]
        self.server.calls.append((operation, json.loads(self.content())))
        found = {"Items": [], "Count": 0, "ScannedCount": 0} if operation == "Query" else {}
        headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": REQUEST_ID}
        self.answer(200, json.dumps(found).encode(), headers)


class DynamoDb(Loopback):
    """A stand-in for DynamoDB; `calls` has the operations and what came with them."""

    handler = _DynamoDbHandler

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, Any]]] = []
