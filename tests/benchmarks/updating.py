"""Updating: one service, and twenty at once on two processors, against plain `copier copy`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.rounds import Aim, medians, milliseconds, mixed, table, times
from tests.benchmarks.workplace import REPOSITORY, Workplace, run
from tests.updates.history import NEXT, WORKING_TREE, as_template
from tests.updates.living import begin

ROUNDS = 3
SERVICES = 20
PROCESSORS = 2
RATIO = 5  # an update renders three times, and merges


def updating(workplace: Workplace) -> tuple[str, list[Aim]]:
    """Return the table of updates, and how their aims are met."""
    template = workplace.folder / "released"
    as_template(REPOSITORY, template)
    services = [workplace.folder / f"living-{number}" for number in range(SERVICES)]
    copied = workplace.folder / "copied"
    copy = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", "--vcs-ref"]
    first = services[0]
    run([*copy, WORKING_TREE, template, first], workplace.folder)
    begin(first)
    for service in services[1:]:
        shutil.copytree(first, service)

    def update(service: Path) -> None:
        words = ["update", "--quiet", "--defaults", "--vcs-ref", NEXT]
        run([sys.executable, "-m", "copier", *words], service)

    def back(service: Path) -> None:
        for words in (["reset", "--quiet", "--hard"], ["clean", "--quiet", "--force", "-d"]):
            subprocess.run(["git", *words], cwd=service, check=True)

    def by_copy() -> float:
        shutil.rmtree(copied, ignore_errors=True)
        return _seconds(lambda: run([*copy, NEXT, template, copied], workplace.folder))

    def one() -> float:
        back(first)
        return _seconds(lambda: update(first))

    def twenty() -> float:
        for service in services:
            back(service)
        with ThreadPoolExecutor(PROCESSORS) as pool:
            return _seconds(lambda: list(pool.map(update, services)))

    subjects = {"copier copy": by_copy, "copier update": one, f"{SERVICES} updates": twenty}
    figures = medians(mixed(subjects, ROUNDS))
    base = figures["copier copy"]
    rows = [[name, milliseconds(each), times(each / base)] for name, each in figures.items()]
    title = f"Updating, {SERVICES} services by {PROCESSORS} processes: medians of {ROUNDS} rounds"
    return table(title, ["", "median", "to one copy"], rows), [
        Aim("copies that an update takes", RATIO, figures["copier update"] / base),
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
