"""Which Python a service can be tried with on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

RUNTIMES = ["3.14", "3.13", "3.12"]
"""Minor versions of the runtimes that can be chosen, the default first."""


def newest() -> tuple[str, Path]:
    """Return the newest minor version that is here, and its interpreter.

    Raises SystemExit with the command to install one where there is none.
    """
    for minor in RUNTIMES:
        for candidate in _candidates(minor):
            if _works(candidate, minor):
                return minor, candidate
    raise SystemExit(f"Install Python {RUNTIMES[0]}, for example with: uv python install 3.14")


def _candidates(minor: str) -> Iterator[Path]:
    """Yield where the minor version may be: named, on PATH, by pyenv, by uv."""
    if named := os.environ.get("SERVICE_PYTHON"):
        yield Path(named)
    if found := shutil.which(f"python{minor}"):
        yield Path(found)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(versions.glob(f"{minor}.*/bin/python{minor}"), reverse=True)
    uv = Path(__file__).parent.parent / ".tools/uv/bin/uv"
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
