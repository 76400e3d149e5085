"""A stand-in for S3 and for connections on this machine, for handlers of the tests.

They read what an event names, and answer who is connected.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

WHERE = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI")
SAMPLE = b'{"name": "lamp", "quantity": 2}'
KEPT: dict[str, bytes] = {}
SENT: list[bytes] = []


def keep(content: str) -> str:
    """Keep an object, and return its key."""
    key = f"{uuid4()}"
    KEPT[key] = content.encode()
    return key


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = KEPT.get(self.path.partition("?")[0].rpartition("/")[2], SAMPLE)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        SENT.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def kept() -> Iterator[dict[str, str]]:
    """Serve what is kept, and the sample under every other key; yield the variables of a client."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            **dict.fromkeys(WHERE, f"http://127.0.0.1:{server.server_port}"),
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
    finally:
        server.shutdown()
        server.server_close()
