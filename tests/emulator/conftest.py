"""Rendered services on emulators, each with its own process and its own data."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import copier
import pytest

from tests.emulator import pythons
from tests.emulator.service import REPOSITORY, Service

Render = Callable[[dict[str, Any]], Service]

# What the default service has, with poison given up after one delivery and a run every minute.
FUNCTIONS = {
    "items": "http_api",
    "report": {"trigger": "schedule", "schedule": "rate(1 minute)"},
    "worker": {"trigger": "sqs", "timeout": 5, "max_receives": 1},
}

LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "tools/requirements-sam.txt",
    "tools/requirements-emulator.txt",
)
READY = (".venv/.ready", ".tools/sam/.ready", ".tools/emulator/.ready")


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render a service of some functions, and set it up with the tools that all of them share."""
    minor, python = pythons.newest()
    tools = REPOSITORY / ".cache" / "emulator" / f"python{minor}"

    def rendered(functions: dict[str, Any]) -> Service:
        folder = tmp_path_factory.mktemp("service")
        answers = {"functions": functions, "runtime": f"python{minor}"}
        copier.run_copy(str(REPOSITORY), folder, answers, defaults=True, quiet=True, vcs_ref="HEAD")
        _install(folder, tools, python)
        for installed in (".venv", ".tools"):
            (folder / installed).symlink_to(tools / installed)
        return Service(folder)

    return rendered


def _install(service: Path, tools: Path, python: str) -> None:
    """Have the service's own `make` install, in a folder that is kept, what its locks name."""
    for name in ("Makefile", *LOCKS):
        wanted, kept = (service / name).read_bytes(), tools / name
        if not kept.exists() or kept.read_bytes() != wanted:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(wanted)
    subprocess.run(["make", "--jobs=2", f"PYTHON={python}", *READY], cwd=tools, check=True)


@pytest.fixture(scope="session")
def deployed(render: Render) -> Iterator[Service]:
    """The service with a function of each kind. Tests add to its data and take nothing away."""
    service = render(FUNCTIONS)
    service.deploy("start")
    yield service
    assert service.local_aws("down").returncode == 0, "the stack cannot be deleted"


@pytest.fixture
def own(render: Render) -> Iterator[Render]:
    """Render a service that one test alone may break, and stop it when the test ends."""
    made: list[Service] = []

    def rendered(functions: dict[str, Any]) -> Service:
        made.append(render(functions))
        return made[-1]

    yield rendered
    for service in made:
        service.local_aws("down")
