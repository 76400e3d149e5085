"""Mixed rounds, medians, and the table they are told in."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import TypeVar

Measured = TypeVar("Measured")


def mixed(subjects: dict[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Measure each subject once a round, after one unmeasured round that warms the caches.

    Each round has another order, the same in every run: what comes and goes on the machine meets
    all of them, and none has always the same one before it, which leaves its mark.
    """
    names = list(subjects)
    for name in names:
        subjects[name]()
    results: dict[str, list[Measured]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in Random(turn).sample(names, len(names)):
            results[name].append(subjects[name]())
    return results


def medians(results: dict[str, list[float]]) -> dict[str, float]:
    return {name: median(seconds) for name, seconds in results.items()}


def processor(work: Callable[[], object]) -> float:
    """Return the seconds of a processor that a command takes, with all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True)
class Aim:
    """What a figure should be at most."""

    what: str
    most: float
    figure: float

    def __str__(self) -> str:
        verdict = "met" if self.figure <= self.most else "NOT MET"
        return f"{verdict:8} {self.figure:6.2f} (aim: at most {self.most:g}) {self.what}"


def table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    """Set rows under columns: the first to the left, figures to the right."""
    lines = [columns, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    shown = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([f"\n{title}", shown[0], rule, *shown[1:]])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def times(ratio: float) -> str:
    return f"x{ratio:.2f}"
