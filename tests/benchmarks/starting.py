"""Cold starts: INIT, and INIT with the first invocation, each in a fresh process.

The floor is a handler that does nothing. Every other function is measured as it is built, and
without its compiled code, as a package is that nobody compiled ahead.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.functions import Function, Start, settings_of, start
from tests.benchmarks.loopback import DynamoDb
from tests.benchmarks.rounds import Aim, milliseconds, rotated, table, times
from tests.benchmarks.workplace import Workplace, run

FLOOR = "bare handler"
# Times the floor. Secrets that no handler asks for cost it nothing.
MOST = {
    "data_store=dynamodb": 4.5,
    "data_store=none": 1.7,
    "data_store=dynamodb with secrets": 4.5,
    "data_store=none with secrets": 1.7,
}


@dataclass(frozen=True)
class Subject:
    """A function and the variables that its template sets."""

    function: Function
    settings: dict[str, str]


def starting(
    workplace: Workplace, services: dict[str, Path], python: Path, rounds: int
) -> tuple[str, list[Aim]]:
    """Return the table of cold starts by the answers of the services, and how the aims are met."""
    subjects = {FLOOR: Subject(_bare(workplace.folder / "bare", python), {})}
    compiled: dict[str, list[str]] = {}
    for answers, service in services.items():
        workplace.build(service, "--host")
        package = service / ".build" / "local" / "package"
        sources = service / ".build" / "local" / "sources"
        shutil.copytree(package, sources, ignore=shutil.ignore_patterns("__pycache__"))
        for event in sorted((service / "events").glob("*.json")):
            name = f"{event.stem}, {answers}"
            compiled.setdefault(answers, []).append(name)
            for suffix, folder in (("", package), (", not compiled", sources)):
                subjects[name + suffix] = _subject(service, folder, event)
    with DynamoDb() as table_of_items:
        endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{table_of_items.address}"}
        starters = {name: _starter(subject, python, endpoint) for name, subject in subjects.items()}
        results = rotated(starters, rounds)
    return _report(results, compiled, rounds)


def _bare(folder: Path, python: Path) -> Function:
    folder.mkdir()
    (folder / "bare.py").write_text("def handler(event, context):\n    return event\n")
    run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."], folder)
    return Function(folder, "bare.handler", b"{}")


def _subject(service: Path, package: Path, event: Path) -> Subject:
    handler = f"service.handlers.{event.stem}.handler"
    return Subject(Function(package, handler, event.read_bytes()), settings_of(service))


def _starter(subject: Subject, python: Path, endpoint: dict[str, str]) -> Callable[[], Start]:
    return lambda: start(subject.function, python, subject.settings | endpoint)


def _report(
    results: dict[str, list[Start]], compiled: dict[str, list[str]], rounds: int
) -> tuple[str, list[Aim]]:
    inits = {name: median(one.init for one in starts) for name, starts in results.items()}
    firsts = {name: median(one.answered for one in starts) for name, starts in results.items()}
    cpus = {name: median(one.cpu for one in starts) for name, starts in results.items()}
    ratios = {
        name: [figures[name] / figures[FLOOR] for figures in (inits, firsts, cpus)]
        for name in results
    }
    rows = []
    for name in results:
        init, first, cpu = map(times, ratios[name])
        row = [name, milliseconds(inits[name]), init, milliseconds(firsts[name]), first]
        rows.append([*row, milliseconds(cpus[name]), cpu])
    aims = []
    for answers, names in compiled.items():
        what = f"times the floor, the slowest with {answers}"
        for column, measure in enumerate(["INIT", "INIT and first invocation"]):
            worst = max(ratios[name][column] for name in names)
            aims.append(Aim(f"{measure}: {what}", MOST[answers], worst))
    title = (
        f"Cold starts: medians of {rounds} rounds; Lambda's Runtime API and DynamoDB are stand-ins"
        " on the loopback, without TLS"
    )
    columns = ["", "INIT", "to floor", "and first", "to floor", "processor", "to floor"]
    return table(title, columns, rows), aims
