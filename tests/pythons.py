"""Which Python a service can be tried with on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOUND = ROOT / ".cache/python"
"""Holds what was found last: uv may try for a minute to download what it cannot have."""

RUNTIMES = ["3.14", "3.13", "3.12"]
"""Minor versions of the runtimes that can be chosen, the default first."""


@cache
def newest() -> tuple[str, Path]:
    """Return the newest minor version that is here, and its interpreter.

    SERVICE_PYTHON names another. What was found is kept in .cache/python: remove it after you have
    installed a newer one. Raises SystemExit with the command to install one where there is none.
    """
    for python in _named():
        for minor in RUNTIMES:
            if _works(python, minor):
                return minor, python
    for minor in RUNTIMES:
        for python in _candidates(minor):
            if _works(python, minor):
                FOUND.parent.mkdir(exist_ok=True)
                FOUND.write_text(f"{python}\n")
                return minor, python
    raise SystemExit(f"Install Python {RUNTIMES[0]}, for example with: uv python install 3.14")


def _named() -> Iterator[Path]:
    if named := os.environ.get("SERVICE_PYTHON"):
        yield Path(named)
    if FOUND.exists():
        yield Path(FOUND.read_text().strip())


def _candidates(minor: str) -> Iterator[Path]:
    """Yield where the minor version may be: on PATH, by pyenv, by uv."""
    if found := shutil.which(f"python{minor}"):
        yield Path(found)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(versions.glob(f"{minor}.*/bin/python{minor}"), reverse=True)
    uv = ROOT / ".tools/uv/bin/uv"
    if uv.exists():
        for words in (["find"], ["install"]):
            done = subprocess.run(
                [uv, "python", *words, minor], capture_output=True, text=True, check=False
            )
            if done.returncode == 0 and words == ["install"]:
                done = subprocess.run(
                    [uv, "python", "find", minor], capture_output=True, text=True, check=False
                )
            if done.returncode == 0:
                yield Path(done.stdout.strip())


def _works(python: Path, minor: str) -> bool:
    """Tell whether it runs: a pyenv shim of a version that is not chosen does not."""
    code = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{minor}')"
    try:
        return (
            subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False
