"""What the tests share: a copy of the template with a version, and services rendered from it."""

import fcntl
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from tests.pythons import newest

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / "tests" / "answers"

Render = Callable[..., Path]
SetUp = Callable[..., Path]

FIGURES = ("run", "edits", "conflicts", "edited lines lost", "edits on a wrong resource")
"""What tests of updates count, by `record_property`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--updates", choices=["pairs", "all"], default="pairs", help="how many")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how large the matrix of updates was, and what came of it."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    figures = Counter[str]()
    for report in reports:
        if report.when == "call":
            figures.update(dict(one for one in report.user_properties if one[0] in FIGURES))
    if figures:
        told = ", ".join(f"{figures[figure]} {figure}" for figure in FIGURES)
        terminalreporter.write_line(f"Updates: {told}")


@pytest.fixture(scope="session")
def copier_template_paths() -> list[str]:
    """Tell pytest-copier what the template is: it makes a git repository of it, with a tag."""
    return ["copier.yml", "template", "hooks", "pyproject.toml", ".pre-commit-hooks.yaml"]


@pytest.fixture(scope="session")
def render(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Render a service as `copier copy` does without --trust; return its folder.

    Equal answers are rendered once: a test that changes the service copies it first.
    """
    rendered: dict[str, Path] = {}

    def answered(**answers: Any) -> Path:
        key = yaml.safe_dump(answers, sort_keys=True)
        if key not in rendered:
            folder = tmp_path_factory.mktemp("service") / "service"
            copier.run_copy(
                str(copier_template), folder, data=answers, defaults=True, quiet=True, unsafe=False
            )
            rendered[key] = folder
        return rendered[key]

    return answered


@pytest.fixture(scope="session")
def set_up(render: Render) -> SetUp:
    """Copy a rendered service into a folder and set it up with its own `make`.

    What its locks name is installed once, in a folder that is kept: services share it by links.
    """
    minor, python = newest()

    def installed(folder: Path, *goals: str, **answers: Any) -> Path:
        service = folder / "service"
        shutil.copytree(render(runtime=f"python{minor}", **answers), service)
        lock = answers.get("data_store", "dynamodb")
        if lock == "none" and answers.get("secrets"):
            lock = "secrets"
        kept = ROOT / ".cache" / f"python{minor}-{lock}"
        (kept / "tools").mkdir(parents=True, exist_ok=True)
        with alone(kept / "lock"):
            for name in ("Makefile", *(str(path.relative_to(service)) for path in locks(service))):
                wanted = (service / name).read_bytes()
                if not (kept / name).exists() or (kept / name).read_bytes() != wanted:
                    (kept / name).write_bytes(wanted)
            command = ["make", "--silent", f"PYTHON={python}", ".venv/.ready", *goals]
            subprocess.run(command, cwd=kept, check=True)
            for ready in [kept / ".venv/.ready", *kept.glob(".tools/*/.ready")]:
                ready.touch()  # or `make` would take the service's locks for newer
        for installed_folder in (".venv", ".tools"):
            (service / installed_folder).symlink_to(kept / installed_folder)
        return service

    return installed


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Let one process at a time do what follows: tests run in several."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def locks(service: Path) -> list[Path]:
    return sorted(service.rglob("requirements*.txt"))


@pytest.fixture(scope="session")
def default_service(render: Render) -> Path:
    return render()


@pytest.fixture
def own_copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copy a rendered service, to change it."""
    return lambda service: Path(shutil.copytree(service, tmp_path / "own", symlinks=True))


def named_answers() -> dict[str, dict[str, Any]]:
    """Return the answer sets of tests/answers by name."""
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(ANSWERS.glob("*.yml"))}
