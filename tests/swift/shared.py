"""A folder in which the processes of one run of the tests keep what they would make anew."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

SHARED = "COPIER_SHARED"
"""The variable that names the folder."""


def folder() -> Path | None:
    """Return the folder, if there is one."""
    named = os.environ.get(SHARED)
    return Path(named) if named else None


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """Return what has been made under a name: here, or in another process."""
    shared = folder()
    if not shared:
        return make()
    path = shared / name
    if not path.exists():
        made = make()
        with tempfile.NamedTemporaryFile(dir=shared, delete=False) as file:
            file.write(made)
        Path(file.name).rename(path)
    return path.read_bytes()


def kept_folder(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that has been made under a name; `make` fills a new one.

    Others wait meanwhile. What holds its own path is made where it stays.
    """
    path = Path(os.environ[SHARED]) / name
    done = path.with_name(f"{name}.done")
    if not done.exists():
        with path.with_name(f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(path, ignore_errors=True)  # half of it, when somebody has failed
                path.mkdir()
                make(path)
                done.touch()
    return path


def digest(*parts: Any) -> str:
    """Return a digest of what something depends on, and of who makes it."""
    makers = (version("copier"), sys.version)
    return hashlib.sha256(repr((makers, parts)).encode()).hexdigest()
