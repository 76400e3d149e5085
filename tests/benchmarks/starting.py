"""Cold starts, and what an invocation costs after them, in time of the processor.

The floor is a handler that does nothing. What a table costs at the least is the SDK's client and
one call, built alike: held to that, the figures judge the service and not the interpreter. What
Powertools costs with one line of the log and one set of metrics is shown beside: no aim is on it.

A subject and what it is held to run at once, in two fresh processes on one processor: whatever
comes and goes on the machine meets both alike. A control is the same subject twice, and shows what
is left of it: two processes one after the other differ by more than a tenth, these by a hundredth.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from statistics import median

from docs.written.facts import KINDS, kind
from tests.benchmarks.rounds import Aim, mixed, table, times
from tests.runtime.functions import Failed, Function, Run, Runtime, run
from tests.runtime.loopback import Aws
from tests.runtime.template import beside, functions_of

FLOOR = "bare handler"
SDK_ALONE = "SDK alone"
POWERTOOLS = "Powertools"
AGAIN = "again"  # a control: the same subject, held to itself
WARM = 60  # invocations after the first
COUNTED = slice(20, 40)  # of them: before, code is still compiled; later, one may run alone
SAMPLES = ("items", "worker", "report")  # functions of the default answers
CLIENT = re.compile(r"client\(|@aws-sdk/")
VALUE = {"": "a value"}  # of every secret
REQUEST = "items"  # of them, what answers requests
MOST_BYTES = 800  # of a warm request: a line of the log, one of metrics
MOST_OF_A_CONTROL = 1.03  # times itself
MOST_OF_A_SECRET = 10  # milliseconds of the processor


@dataclass(frozen=True)
class Subject:
    """A function, the event that it gets, and what it is held to."""

    function: Function
    event: bytes
    to: str  # the name of the subject that it is held to
    init: float | None = None  # times that one
    first: float | None = None
    warm: float | None = None
    longer: float | None = None  # milliseconds, until the first is answered


def of_service(answers: str, service: Path, without_table: float) -> dict[str, Subject]:
    """Return the functions of a built service by name, and what else lies beside their handlers.

    `without_table` is what they are held to where there is none, in times of the floor.
    """
    functions = functions_of(service, "prod")
    event = {path.stem: path.read_bytes() for path in sorted((service / "events").iterdir())}
    with_table = "dynamodb" in answers
    subjects = {}
    for name in event:
        held = {"to": SDK_ALONE if with_table else FLOOR}
        if name not in with_clients():
            held |= {"init": 1.08} if with_table else {"init": without_table}
        if name in SAMPLES and not with_table:
            held |= {"first": without_table}
        elif name in SAMPLES and name != "report":  # which makes two calls
            held |= {"first": 1.05, "warm": 1.2}
        subjects[f"{name}, {answers}"] = Subject(functions[name], event[name], **held)
    added = {path.stem for path in (service / "src" / "service" / "handlers").iterdir()}
    for module in sorted(added - set(functions)):
        function = beside(functions["items"], "items", module)
        if module == "alone":
            subjects |= controlled(SDK_ALONE, Subject(_quiet(function), event["items"], FLOOR))
        elif module == "powertools":
            to = SDK_ALONE if with_table else FLOOR
            subjects[f"{to} with {POWERTOOLS}"] = Subject(_quiet(function), event["items"], to)
        elif module.startswith("reading") and with_table:
            name = f"items, {answers}"
            function = _of_one_secret(function, module.removeprefix("reading")[1:])
            subject = Subject(function, event["items"], name, longer=MOST_OF_A_SECRET)
            subjects[f"{name}, {module}"] = subject
    return subjects


def with_clients() -> set[str]:
    """Return the functions of kinds whose adapters make clients of AWS beside the table's."""
    adapters = KINDS.glob("*/*/adapter.*")
    kinds = {path.parts[-3] for path in adapters if CLIENT.search(path.read_text())}
    return {kind(name)["default_name"] for name in kinds}


def controlled(name: str, subject: Subject) -> dict[str, Subject]:
    """Return a subject that others are held to, and once more as a control of the measure."""
    return {name: subject, f"{name}, {AGAIN}": Subject(subject.function, subject.event, name)}


def _quiet(function: Function) -> Function:
    """Return what would log the SDK's traffic, since nothing of a service is loaded, without."""
    variables = {k: v for k, v in function.variables.items() if k != "AWS_LAMBDA_LOG_LEVEL"}
    return replace(function, variables=variables)


def _of_one_secret(function: Function, name: str) -> Function:
    """Return a function as if its entry listed this secret and no other."""
    own = f"{name.upper()}_REF"
    variables = {k: v for k, v in function.variables.items() if k == own or not k.endswith("_REF")}
    return replace(function, variables=variables)


@dataclass(frozen=True)
class Figures:
    """What one process took: seconds of the processor, and bytes."""

    init: float  # until it asks for its first event
    first: float  # for that, and until it asks for the second
    warm: float  # for an invocation after that
    size: float  # that such an invocation writes


Pair = tuple[Figures, Figures]  # of a subject, and of what it is held to
INIT, FIRST, WARM_ONE = map(attrgetter, ("init", "first", "warm"))


def starting(
    language: str, subjects: dict[str, Subject], runtime: Runtime, rounds: int
) -> tuple[str, list[Aim]]:
    """Return the table of starts and invocations, and how the aims are met."""
    processor = max(os.sched_getaffinity(0))
    runtime = replace(runtime, command=("taskset", "-c", f"{processor}", *runtime.command))
    with Aws(VALUE) as aws, ThreadPoolExecutor(2) as processes:
        starters = {name: _starter(subject, runtime, aws) for name, subject in subjects.items()}

        def pair(name: str) -> Callable[[], Pair]:
            order = [name, subjects[name].to]

            def started() -> Pair:
                order.reverse()  # who starts first does so in every other round
                runs = {one: processes.submit(starters[one]) for one in order}
                return _figures(runs[name].result()), _figures(runs[subjects[name].to].result())

            return started

        results = mixed({name: pair(name) for name in subjects}, rounds)
    return _report(language, subjects, results, rounds), _aims(language, subjects, results)


def _starter(subject: Subject, runtime: Runtime, aws: Aws) -> Callable[[], Run]:
    function = replace(subject.function, variables=aws.instead(subject.function.variables))

    def started() -> Run:
        done = run(function, runtime, [subject.event] * (1 + WARM))
        if failed := [one.response for one in done.invocations if one.failed]:
            raise Failed(f"{function.handler}: {failed[0].decode()}")
        return done

    return started


def _figures(done: Run) -> Figures:
    first, *warm = done.invocations
    return Figures(
        done.init_cpu,
        done.init_cpu + first.cpu,
        median(one.cpu for one in warm[COUNTED]),
        median(one.size for one in warm[COUNTED]),
    )


def _report(
    language: str, subjects: dict[str, Subject], results: dict[str, list[Pair]], rounds: int
) -> str:
    rows = []
    for name, pairs in results.items():
        own = [pair[0] for pair in pairs]
        row = [name, subjects[name].to]
        for figure in (INIT, FIRST, WARM_ONE):
            row += [f"{median(map(figure, own)) * 1000:.2f} ms", times(_ratio(pairs, figure))]
        rows.append([*row, f"{median(one.size for one in own):.0f}"])
    title = (
        f"Starts, {language}, at production's settings, in time of the processor: medians of"
        f" {rounds} rounds in which both of a pair run at once; Lambda's Runtime API and AWS are"
        " stand-ins on the loopback, without TLS"
    )
    columns = ["", "held to", "INIT", "", "and first", "", "warm", "", "bytes logged"]
    return table(title, columns, rows)


def _ratio(pairs: list[Pair], figure: Callable[[Figures], float]) -> float:
    return median(figure(own) / figure(other) for own, other in pairs)


def _aims(language: str, subjects: dict[str, Subject], results: dict[str, list[Pair]]) -> list[Aim]:
    held: dict[tuple[str, float], float] = {}

    def hold(what: str, most: float | None, figure: float) -> None:
        if most is not None:
            held[what, most] = max(figure, held.get((what, most), 0.0))

    for name, subject in subjects.items():
        pairs = results[name]
        init, first, warm = (_ratio(pairs, figure) for figure in (INIT, FIRST, WARM_ONE))
        hold(f"INIT, times that of the {subject.to}", subject.init, init)
        what = f"INIT and first invocation, times that of the {subject.to}"
        hold(what, subject.first, first)
        what = f"a warm invocation, times that of the {subject.to}"
        hold(what, subject.warm, warm)
        what = "milliseconds that the first read of a secret takes"
        longer = median(own.first - other.first for own, other in pairs) * 1000
        hold(what, subject.longer, longer)
        most = MOST_BYTES if name.startswith(REQUEST) else None
        hold("bytes that a warm request logs", most, median(own.size for own, _ in pairs))
        if name.endswith(AGAIN):
            judged = (init, first, warm) if subject.to == SDK_ALONE else (init, first)
            off = max(max(ratio, 1 / ratio) for ratio in judged)
            hold("a control, times itself", MOST_OF_A_CONTROL, off)
    return [
        Aim(f"{what}: the most of {language}", most, figure)
        for (what, most), figure in held.items()
    ]
