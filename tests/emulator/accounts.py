"""AWS accounts on an emulator, where a rendered service's own commands make what delivers it.

The emulator keeps accounts apart, judges who calls, and makes the roles, keys and buckets. It
records CodePipeline, and has no connections: what a connection says comes from a stub, and what
GitHub says from a stand-in for its command line.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.emulator.service import client_of, emulator_of
from tests.github import GitHub

REGION = "eu-west-1"
DEV, PROD, HOME = "111122223333", "444455556666", "777788889999"
CONNECTION = f"arn:aws:codeconnections:{REGION}:{HOME}:connection/0aa1bb2c"
PENDING = f"{CONNECTION}-0"
ISSUER = "token.actions.githubusercontent.com"

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Accounts:
    """A running emulator, and the service whose delivery is made on it."""

    service: Path
    emulator: Any
    connections: str
    github: GitHub

    def make(self, account: str, *words: str) -> Done:
        """Run `make` with credentials of an account, and without a terminal."""
        own = {
            "AWS_ACCESS_KEY_ID": account,
            "AWS_ENDPOINT_URL_CODECONNECTIONS": self.connections,
            "PATH": self.github.path,
        }
        return subprocess.run(
            ["make", "--silent", *words],
            cwd=self.service,
            env=self.emulator.variables() | own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def client(self, account: str, name: str) -> Any:
        return client_of(name, self.emulator.endpoint, REGION, account, "test")

    def know_github(self, account: str) -> None:
        self.client(account, "iam").create_open_id_connect_provider(
            Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"]
        )

    def have_the_boundary(self, account: str) -> None:
        anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        self.client(account, "iam").create_policy(
            PolicyName="bound",
            Path="/platform/",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [anything]}),
        )

    def prepare(self) -> None:
        """Make what the stacks need of others, in every account."""
        for account in (DEV, PROD, HOME):
            self.know_github(account)
            self.have_the_boundary(account)

    def stacks(self, account: str) -> list[str]:
        rows = self.client(account, "cloudformation").list_stacks()["StackSummaries"]
        return [row["StackName"] for row in rows if row["StackStatus"] != "DELETE_COMPLETE"]


@contextmanager
def accounts_of(service: Path) -> Iterator[Accounts]:
    """Start an emulator with nothing on it, for a service that is set up."""
    emulator = emulator_of(service, "none")
    try:
        with HTTPServer(("127.0.0.1", 0), Connections) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            connections = f"http://127.0.0.1:{server.server_port}"
            yield Accounts(service, emulator, connections, _github(service.parent / "github"))
            server.shutdown()
    finally:
        emulator.stop()


def _github(folder: Path) -> GitHub:
    """Put a `gh` there, by which the environments on GitHub are as they should be."""
    folder.mkdir(exist_ok=True)
    github = GitHub(folder, "example/orders")
    for place in ("dev", "prod", "prod-review"):
        github.have(place, "main")
    return github


class Connections(BaseHTTPRequestHandler):
    """Answers GetConnection: one connection is pending, all others were authorised."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = "PENDING" if asked["ConnectionArn"] == PENDING else "AVAILABLE"
        found = {"ConnectionName": "orders", "ConnectionStatus": status}
        body = json.dumps({"Connection": found}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
