"""Cold starts, and what an invocation costs after them, each in a fresh process.

The floor is a handler that does nothing. What a table costs at the least is the SDK's client and
one call, built alike: held to that, the figures judge the service and not the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from tests.benchmarks.rounds import Aim, milliseconds, mixed, table, times
from tests.runtime.functions import Failed, Function, Run, Runtime, run
from tests.runtime.loopback import Aws
from tests.runtime.template import beside, functions_of

FLOOR = "bare handler"
SDK_ALONE = "SDK alone"
WARM = 40  # invocations after the first, of which the last half is counted
SAMPLES = ("items", "worker", "report")  # functions of the default answers
VALUE = {"": "a value"}  # of every secret
REQUEST = "items"  # of them, what answers requests
MOST_BYTES = 800  # of a warm request: a line of the log, one of metrics
MOST_OF_A_SECRET = 0.010  # seconds


@dataclass(frozen=True)
class Subject:
    """A function, the event that it gets, and what it is held to."""

    function: Function
    event: bytes
    to: str = ""  # the name of the subject that it is held to
    init: float | None = None  # times that one
    first: float | None = None
    warm: float | None = None
    longer: float | None = None  # seconds, until the first answer


def of_service(answers: str, service: Path, without_table: float) -> dict[str, Subject]:
    """Return the functions of a built service by name, and what else lies beside their handlers.

    `without_table` is what they are held to where there is none, in times of the floor.
    """
    functions = functions_of(service, "prod")
    event = {name: (service / "events" / f"{name}.json").read_bytes() for name in SAMPLES}
    with_table = "dynamodb" in answers
    subjects = {}
    for name in SAMPLES:
        held = {"to": FLOOR, "init": without_table, "first": without_table}
        if with_table:
            held = {"to": SDK_ALONE, "init": 1.08}
            if name != "report":  # which makes two calls
                held |= {"first": 1.05, "warm": 1.2}
        subjects[f"{name}, {answers}"] = Subject(functions[name], event[name], **held)
    added = {path.stem for path in (service / "src" / "service" / "handlers").iterdir()}
    for module in sorted(added - set(functions)):
        function = beside(functions["items"], "items", module)
        if module == "alone":
            subjects[SDK_ALONE] = Subject(_quiet(function), event["items"])
        elif with_table:
            name = f"items, {answers}"
            subject = Subject(function, event["items"], name, longer=MOST_OF_A_SECRET)
            subjects[f"{name}, {module}"] = subject
    return subjects


def _quiet(function: Function) -> Function:
    """Return what would log the SDK's traffic, since nothing of a service is loaded, without."""
    variables = {k: v for k, v in function.variables.items() if k != "AWS_LAMBDA_LOG_LEVEL"}
    return replace(function, variables=variables)


@dataclass(frozen=True)
class Figures:
    """Medians: seconds, and bytes."""

    init: float
    first: float  # from the start of the process to the first answer
    cpu: float  # of the processor, for all that
    warm: float  # of the processor, for an invocation after that
    size: float  # that such an invocation writes


def starting(
    language: str, subjects: dict[str, Subject], runtime: Runtime, rounds: int
) -> tuple[str, list[Aim]]:
    """Return the table of starts and invocations, and how the aims are met."""
    with Aws(VALUE) as aws:
        endpoint = {"AWS_ENDPOINT_URL": f"http://{aws.address}"}
        starters = {
            name: _starter(subject, runtime, endpoint) for name, subject in subjects.items()
        }
        results = mixed(starters, rounds)
    figures = {name: _medians(runs) for name, runs in results.items()}
    return _report(language, figures, rounds), _aims(language, subjects, figures)


def _starter(subject: Subject, runtime: Runtime, endpoint: dict[str, str]) -> Callable[[], Run]:
    function = replace(subject.function, variables=subject.function.variables | endpoint)

    def started() -> Run:
        done = run(function, runtime, [subject.event] * (1 + WARM))
        if failed := [one.response for one in done.invocations if one.failed]:
            raise Failed(f"{function.handler}: {failed[0].decode()}")
        return done

    return started


def _medians(runs: list[Run]) -> Figures:
    firsts = [done.invocations[0] for done in runs]
    warm = [done.invocations[WARM // 2 :] for done in runs]
    return Figures(
        median(done.init for done in runs),
        median(first.answered for first in firsts),
        median(done.init_cpu + first.cpu for done, first in zip(runs, firsts, strict=True)),
        median(one.cpu for later in warm for one in later),
        median(one.size for later in warm for one in later),
    )


def _report(language: str, figures: dict[str, Figures], rounds: int) -> str:
    floor = figures[FLOOR]
    rows = [
        [
            name,
            milliseconds(found.init),
            times(found.init / floor.init),
            milliseconds(found.first),
            times(found.first / floor.first),
            milliseconds(found.cpu),
            times(found.cpu / floor.cpu),
            f"{found.warm * 1000:.2f} ms",
            f"{found.size:.0f}",
        ]
        for name, found in figures.items()
    ]
    title = (
        f"Starts, {language}, at production's settings: medians of {rounds} rounds; Lambda's"
        " Runtime API and AWS are stand-ins on the loopback, without TLS"
    )
    columns = ["", "INIT", "to floor", "and first", "to floor", "processor", "to floor"]
    return table(title, [*columns, "warm, processor", "bytes logged"], rows)


def _aims(language: str, subjects: dict[str, Subject], figures: dict[str, Figures]) -> list[Aim]:
    held: dict[tuple[str, float], float] = {}

    def hold(what: str, most: float | None, figure: float) -> None:
        if most is not None:
            held[what, most] = max(figure, held.get((what, most), 0.0))

    for name, subject in subjects.items():
        if subject.to:
            own, other = figures[name], figures[subject.to]
            hold(f"INIT, times that of the {subject.to}", subject.init, own.init / other.init)
            what = f"INIT and first invocation, times that of the {subject.to}"
            hold(what, subject.first, own.first / other.first)
            what = f"a warm invocation on the processor, times that of the {subject.to}"
            hold(what, subject.warm, own.warm / other.warm)
            what = "seconds that the first read of a secret takes"
            hold(what, subject.longer, own.first - other.first)
            most = MOST_BYTES if name.startswith(REQUEST) else None
            hold("bytes that a warm request logs", most, own.size)
    return [
        Aim(f"{what}: the most of {language}", most, figure)
        for (what, most), figure in held.items()
    ]
