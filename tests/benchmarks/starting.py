"""Cold starts: INIT, and INIT with the first invocation, each in a fresh process.

The floor is a handler that does nothing. A language says what else is measured beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.functions import Function, Runtime, Start, start
from tests.benchmarks.loopback import DynamoDb
from tests.benchmarks.rounds import Aim, milliseconds, mixed, table, times


@dataclass(frozen=True)
class Subject:
    """A function, the variables that its template sets, and what it is held to."""

    function: Function
    settings: dict[str, str]
    answers: str = ""  # of its service
    most: float | None = None  # times the floor; none for what is only compared


def starting(
    language: str, floor: str, subjects: dict[str, Subject], runtime: Runtime, rounds: int
) -> tuple[str, list[Aim]]:
    """Return the table of cold starts, and how the aims are met."""
    with DynamoDb() as table_of_items:
        endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{table_of_items.address}"}
        starters = {
            name: _starter(subject, runtime, endpoint) for name, subject in subjects.items()
        }
        results = mixed(starters, rounds)
    return _report(language, floor, subjects, results)


def _starter(subject: Subject, runtime: Runtime, endpoint: dict[str, str]) -> Callable[[], Start]:
    return lambda: start(subject.function, runtime, subject.settings | endpoint)


def _report(
    language: str, floor: str, subjects: dict[str, Subject], results: dict[str, list[Start]]
) -> tuple[str, list[Aim]]:
    inits = {name: median(one.init for one in starts) for name, starts in results.items()}
    firsts = {name: median(one.answered for one in starts) for name, starts in results.items()}
    cpus = {name: median(one.cpu for one in starts) for name, starts in results.items()}
    ratios = {
        name: [figures[name] / figures[floor] for figures in (inits, firsts, cpus)]
        for name in results
    }
    rows = []
    for name in results:
        init, first, cpu = map(times, ratios[name])
        row = [name, milliseconds(inits[name]), init, milliseconds(firsts[name]), first]
        rows.append([*row, milliseconds(cpus[name]), cpu])
    rounds = len(results[floor])
    title = (
        f"Cold starts, {language}: medians of {rounds} rounds; Lambda's Runtime API and DynamoDB"
        " are stand-ins on the loopback, without TLS"
    )
    columns = ["", "INIT", "to floor", "and first", "to floor", "processor", "to floor"]
    return table(title, columns, rows), _aims(language, subjects, ratios)


def _aims(language: str, subjects: dict[str, Subject], ratios: dict[str, list[float]]) -> list[Aim]:
    held: dict[tuple[str, float], list[str]] = {}
    for name, subject in subjects.items():
        if subject.most is not None:
            held.setdefault((subject.answers, subject.most), []).append(name)
    return [
        Aim(
            f"{measure}: times the floor, the slowest of {language} with {answers}",
            most,
            max(ratios[name][column] for name in names),
        )
        for (answers, most), names in held.items()
        for column, measure in enumerate(["INIT", "INIT and first invocation"])
    ]
