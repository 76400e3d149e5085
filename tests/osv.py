"""A stand-in for OSV, which tells of vulnerabilities: it knows those that a test gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Asked = list[tuple[str, str]]
"""Names and versions of the packages that it was asked about."""


@contextmanager
def osv(vulnerable: str = "") -> Iterator[tuple[str, Asked]]:
    """Serve on this machine; every version of `vulnerable` has a vulnerability."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            asked.append((name, query["version"]))
            found = {"id": "GHSA-test-0000-0000", "summary": "It is planted.", "affected": []}
            body = json.dumps({"vulns": [found]} if name == vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing among what the tests say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()
