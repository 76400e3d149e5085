"""What is measured: services rendered into a folder of their own, with the tools they build by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
UV = REPOSITORY / ".tools" / "uv"


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """Run a command to its end; show what it wrote when it fails."""
    environment = os.environ | variables
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Workplace:
    """A folder with a copy of the template, and what comes of it for one version of Python."""

    def __init__(self, folder: Path, python: Path, minor: str) -> None:
        self.folder = folder
        self.python = python
        self.runtime = f"python{minor}"
        self.template = folder / "template"
        # A plain folder: no renderer has to clone anything first.
        for name in ("template", "hooks"):
            shutil.copytree(REPOSITORY / name, self.template / name)
        shutil.copy(REPOSITORY / "copier.yml", self.template)

    def copier(self, target: Path, *answers: str) -> list[str | Path]:
        """Return the command that renders a service into `target`, by default answers and these."""
        command: list[str | Path] = [sys.executable, "-m", "copier", "copy", "--quiet"]
        command += ["--defaults", "--data", f"runtime={self.runtime}"]
        for answer in answers:
            command += ["--data", answer]
        return [*command, self.template, target]

    def service(self, name: str, *answers: str) -> Path:
        """Render a service, with the uv that its Makefile pins, as this repository's does."""
        target = self.folder / name.replace(" ", "-")
        run(self.copier(target, *answers), self.folder)
        if UV.exists():
            (target / ".tools").mkdir()
            (target / ".tools" / "uv").symlink_to(UV)
        self.make(target, ".tools/uv/bin/uv")
        return target

    def make(self, service: Path, target: str) -> None:
        """Have a service install something in its folder."""
        run(["make", target, f"PYTHON={self.python}"], service)

    def sam(self, service: Path) -> Path:
        """Return the SAM command line tool that the service's own lock names."""
        self.make(service, ".tools/sam/.ready")
        return service / ".tools" / "sam" / "bin" / "sam"

    def environment(self, service: Path) -> Path:
        """Make an environment with pip, which SAM's builder calls; return its commands."""
        environment = self.folder / "environment"
        run(
            [self.uv(service), "venv", "--quiet", "--seed", "--python", self.python, environment],
            service,
        )
        return environment / "bin"

    def uv(self, service: Path) -> Path:
        """Return the uv of a service."""
        return service / ".tools" / "uv" / "bin" / "uv"
