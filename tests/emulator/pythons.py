"""Which Pythons this machine has: a function runs on the minor version that its runtime names."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MINORS = ("3.14", "3.13", "3.12")  # the runtimes on offer, the newest first


def newest() -> tuple[str, str]:
    """The newest minor version on offer that this machine has, and the path of such a Python.

    They are looked for in PYTHONS (paths, separated as in PATH), on PATH, and among pyenv's.
    """
    for minor in MINORS:
        for candidate in _candidates(minor):
            if _minor_of(candidate) == minor:
                return minor, candidate
    raise LookupError(
        f"Install one of Python {', '.join(MINORS)}, or name one: PYTHONS=/path/to/it"
    )


def _candidates(minor: str) -> list[str]:
    named = [path for path in os.environ.get("PYTHONS", "").split(os.pathsep) if path]
    on_path = shutil.which(f"python{minor}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(str(path) for path in pyenv.glob(f"{minor}.*/bin/python"))
    return [*named, *([on_path] if on_path else []), *installed]


def _minor_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
