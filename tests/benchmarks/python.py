"""Python: functions as they are built, and without their compiled code, which nobody made ahead."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.benchmarks.building import Builder, built_by_sam
from tests.benchmarks.functions import Function, Runtime, settings_of
from tests.benchmarks.rounds import Aim
from tests.benchmarks.starting import Subject, starting
from tests.benchmarks.workplace import Workplace, run

FLOOR = "bare handler"
# Times the floor. Secrets that no handler asks for cost it nothing.
MOST = {"data_store=dynamodb": 4.5, "data_store=none": 1.7}


def starting_python(
    workplace: Workplace, services: dict[str, Path], python: Path, rounds: int
) -> tuple[str, list[Aim]]:
    """Measure the functions of `services`, which are by their answers, on `python`."""
    subjects = {FLOOR: Subject(_bare(workplace.folder / "bare-python", python), {})}
    for answers, service in services.items():
        run([workplace.python, "tools/build.py", "--host"], service)
        package = service / ".build" / "local" / "package"
        sources = service / ".build" / "local" / "sources"
        shutil.copytree(package, sources, ignore=shutil.ignore_patterns("__pycache__"))
        most = MOST[answers.split()[0]]
        settings = settings_of(service)
        for event in sorted((service / "events").glob("*.json")):
            name = f"{event.stem}, {answers}"
            subjects[name] = Subject(function(package, event), settings, answers, most)
            subjects[f"{name}, not compiled"] = Subject(function(sources, event), settings)
    return starting("Python", FLOOR, subjects, runtime(python), rounds)


def builder(commands: Path, python: Path) -> Builder:
    """Return how Python's packages are built; SAM's builder finds pip among `commands`."""
    return Builder("Python", (python, "tools/build.py"), "pip", _derived, str(commands), 0.35)


def function(package: Path, event: Path) -> Function:
    """Return the function of a service that bears the name of an event."""
    return Function(package, f"service.handlers.{event.stem}.handler", event.read_bytes())


def runtime(python: Path) -> Runtime:
    """Return AWS's client for a Python that has it, which cannot write to the package."""
    return Runtime(
        (python, "-m", "awslambdaric"),
        {
            "AWS_EXECUTION_ENV": "AWS_Lambda_python",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


def _bare(folder: Path, python: Path) -> Function:
    folder.mkdir()
    (folder / "bare.py").write_text("def handler(event, context):\n    return event\n")
    run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."], folder)
    return Function(folder, "bare.handler", b"{}")


def _derived(service: Path, folder: Path) -> None:
    """Put the sources and what they require into one folder, as SAM's builder expects."""
    sources = folder / "src"
    shutil.copytree(service / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(service / "requirements.txt", sources)
    template = (service / "template.yaml").read_text()
    (folder / "template.yaml").write_text(built_by_sam(template, lambda _: "", "src"))
