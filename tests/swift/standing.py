"""A Copier that is imported once, and does each command in a fork of itself.

Half of what a swift update takes is importing Copier. `python -m copier` in the Pythons that a test
starts hands over, by `started/sitecustomize.py`, what a process has: its words, its folder, its
environment, the limit of a file's size, and its open streams. It ends as the fork ends.
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STANDING = "COPIER_STANDING"
"""The variable that names the environment of its Python, and its socket."""

ROOT = Path(__file__).parents[2]
BACKLOG = 16

SERVER = """
import sys
from tests.swift import swift
from tests.swift.standing import serve

with swift():
    serve(sys.argv[1])
"""


@contextmanager
def standing() -> Iterator[None]:
    """Have one while this lasts: it ends when its input does."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        command = (sys.executable, "-c", SERVER, path)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, **pipes) as server:
            assert server.stdout.readline() == b"ready\n"
            os.environ[STANDING] = f"{sys.prefix}{os.pathsep}{path}"
            try:
                yield
            finally:
                del os.environ[STANDING]
                server.stdin.close()


def serve(path: str) -> None:
    """Do commands until nobody is there to ask for one."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(BACKLOG)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who tells how one has ended
    print("ready", flush=True)
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        asked, _ = listener.accept()
        if os.fork() == 0:
            _tell(asked)
        asked.close()


def _tell(asked: socket.socket) -> None:
    """Do a command in one more fork, tell how that has ended, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, streams, *_ = socket.recv_fds(asked, 1 << 20, 3)
    child = os.fork()
    if child == 0:
        asked.close()
        _do(json.loads(text), streams)
    _, status = os.waitpid(child, 0)
    asked.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _do(command: dict[str, Any], streams: list[int]) -> None:
    """Be the process that was to be started."""
    from plumbum.machines.local import LocalEnv, LocalMachine

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    LocalMachine.env = LocalEnv()  # Copier asks for git there
    resource.setrlimit(resource.RLIMIT_FSIZE, tuple(command["size"]))
    tempfile.tempdir = None
    sys.argv = ["copier", *command["words"]]
    runpy.run_module("copier", run_name="__main__", alter_sys=True)
    sys.exit()
