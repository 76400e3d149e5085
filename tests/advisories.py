"""A stand-in for who tells of vulnerabilities, OSV and npm: it knows those that a test gives it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

GHSA = "GHSA-test-0000-0000"


@dataclass
class Advisories:
    """Where it is, by the variables of `make audit`, and what it was asked about."""

    variables: dict[str, str]
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Names and versions of packages."""


@contextmanager
def advisories(vulnerable: str = "") -> Iterator[Advisories]:
    """Serve on this machine; every version of `vulnerable` has a vulnerability."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            self._answer((_of_npm if "npm" in self.path else _of_osv)(json.loads(body)))

        def do_GET(self) -> None:
            # npm asks which versions of a vulnerable package there are: none.
            self._answer({"name": vulnerable, "versions": {}, "dist-tags": {}})

        def _answer(self, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing among what the tests say."""

    def _of_osv(query: dict[str, Any]) -> dict[str, Any]:
        name = query["package"]["name"]
        told.asked.add((name, query["version"]))
        found = {"id": GHSA, "summary": "It is planted.", "affected": []}
        return {"vulns": [found]} if name == vulnerable else {}

    def _of_npm(packages: dict[str, list[str]]) -> dict[str, Any]:
        told.asked.update((name, version) for name, all_ in packages.items() for version in all_)
        found = {
            "id": 1,
            "url": f"https://github.com/advisories/{GHSA}",
            "title": "It is planted.",
            "severity": "high",
            "vulnerable_versions": "*",
        }
        return {vulnerable: [found]} if vulnerable in packages else {}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    told = Advisories({"OSV": f"{url}/v1/query", "ADVISORIES": url})
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
