"""The process that emulates AWS on this machine: started, found again by a later command, stopped.

It runs on the Python of the service's `.tools/emulator`, whose minor version is the service's:
functions do too.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import boto3

from golden_path.local.install import PYTHON

WORK = Path(".build/local")  # of the service, in whose folder this runs
STATE = WORK / "state.json"
LOG = WORK / "emulator.log"
USUAL_PORT = 4566
START_SECONDS = 60
STOP_SECONDS = 10
KEY = "test"  # the emulator's root key, and its secret


@dataclass(frozen=True)
class Emulator:
    """A running emulator and the stack that is deployed on it."""

    pid: int
    port: int
    environment: str
    stack: str
    region: str
    files: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def variables(self) -> dict[str, str]:
        """What a command needs in its environment to meet the emulator, and nothing but it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return own | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",  # what Python looks at first
            "SAM_CLI_POLL_DELAY": "0.2",  # seconds; AWS takes longer than an emulator
            "SAM_CLI_TELEMETRY": "0",
            "STACK_NAME": self.stack,
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End this emulator's process, and no other."""
        STATE.unlink(missing_ok=True)
        deadline = time.monotonic() + STOP_SECONDS
        while _lives(self.pid):
            late = time.monotonic() > deadline
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL if late else signal.SIGTERM)
            time.sleep(0.1)
        shutil.rmtree(self.files, ignore_errors=True)


def _lives(pid: int) -> bool:
    with suppress(ChildProcessError):  # it is no child of ours when another command started it
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def running() -> Emulator | None:
    """Return the emulator that the last command left running, if it still answers."""
    if not STATE.exists():
        return None
    emulator = Emulator(**json.loads(STATE.read_text()))
    return emulator if _lives(emulator.pid) and emulator.answers() else None


def start(
    environment: str, stack: str, region: str, port: int | None, own: Sequence[Path] = ()
) -> Emulator:
    """Start an emulator with more bridges; it outlives this command unless it is stopped."""
    if earlier := running():
        down = ".tools/golden-path/bin/golden-path local down"
        sys.exit(f"Stop the emulator at {earlier.endpoint} first: {down}")
    if not PYTHON.exists():
        sys.exit("The emulator is not installed. Install it: make .tools/emulator/.ready")
    WORK.mkdir(parents=True, exist_ok=True)
    # Functions run there, where nothing of the service's folder can be taken for their package's.
    files = tempfile.mkdtemp(prefix="emulator-")
    port = port or _free_port()
    command = [PYTHON, "-m", "golden_path.local.server", f"--port={port}"]
    bridges = (f"--bridge={path.absolute()}" for path in own)
    with LOG.open("w") as log:
        process = subprocess.Popen(
            [*command, f"--region={region}", *bridges],
            # Functions inherit this environment: nothing of the developer's gets to them.
            env={"PATH": os.environ["PATH"], "TMPDIR": files},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for this command, which then stops the emulator
        )
    emulator = Emulator(process.pid, port, environment, stack, region, files)
    deadline = time.monotonic() + START_SECONDS
    try:
        while not emulator.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The emulator did not start. Its log, {LOG}, ends so:\n{_end_of(LOG)}")
            time.sleep(0.1)
        STATE.write_text(json.dumps(asdict(emulator)))
    except BaseException:  # also what stops this command: nobody would know of the emulator
        emulator.stop()
        raise
    return emulator


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)) as server:
            return server.getsockname()[1]
    sys.exit("No port is free on 127.0.0.1.")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text().splitlines()[-20:])
