"""Updating, against plain `copier copy`; and twenty updates at once on two processors.

As for rendering, what counts is the time of a processor, and the same files as they are, in two
versions of a template that has nothing to render, say how much of it is Copier's own.
"""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.rounds import Aim, medians, milliseconds, mixed, processor, table, times
from tests.benchmarks.workplace import REPOSITORY, Workplace, run
from tests.updates.history import NEXT, WORKING_TREE, as_template
from tests.updates.living import begin, commit

ROUNDS = 3
SERVICES = 20
PROCESSORS = 2
RATIO = 2.5
ANSWERS = ".copier-answers.yml"


def updating(workplace: Workplace) -> tuple[str, list[Aim]]:
    """Return the table of updates, and how their aims are met."""
    template, plain = workplace.folder / "released", workplace.folder / "as-they-are"
    as_template(REPOSITORY, template)
    services = [workplace.folder / f"living-{number}" for number in range(SERVICES)]
    copied = workplace.folder / "copied"
    first, same = services[0], workplace.folder / "living-as-they-are"

    def copy(source: Path, version: str, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        words = ["copy", "--quiet", "--defaults", "--vcs-ref", version, source, target]
        run([sys.executable, "-m", "copier", *words], workplace.folder)

    def update(service: Path) -> None:
        words = ["update", "--quiet", "--defaults", "--vcs-ref", NEXT]
        run([sys.executable, "-m", "copier", *words], service)

    for version in (WORKING_TREE, NEXT):
        copy(template, version, copied)
        _plain_version(copied, plain)
        commit(plain, tag=version)
    copy(template, WORKING_TREE, first)
    copy(plain, WORKING_TREE, same)
    for service in (first, same):
        begin(service)
    for service in services[1:]:
        shutil.copytree(first, service)

    def one(service: Path) -> float:
        _back(service)
        return processor(lambda: update(service))

    def twenty() -> float:
        for service in services:
            _back(service)
        started = time.perf_counter()
        with ThreadPoolExecutor(PROCESSORS) as pool:
            list(pool.map(update, services))
        return time.perf_counter() - started

    subjects = {
        "copier copy": lambda: processor(lambda: copy(template, NEXT, copied)),
        "copier update": lambda: one(first),
        "copier copy, the same files as they are": lambda: processor(
            lambda: copy(plain, NEXT, copied)
        ),
        "copier update, the same files as they are": lambda: one(same),
        f"{SERVICES} updates, as the clock has it": twenty,
    }
    figures = medians(mixed(subjects, ROUNDS))
    ratio = figures["copier update"] / figures["copier copy"]
    own = figures["copier update, the same files as they are"]
    own /= figures["copier copy, the same files as they are"]
    ratios = {"copier update": ratio, "copier update, the same files as they are": own}
    rows = [
        [name, milliseconds(each), times(ratios[name]) if name in ratios else ""]
        for name, each in figures.items()
    ]
    title = f"Updating, {SERVICES} services by {PROCESSORS} processes: medians of {ROUNDS} rounds"
    return table(title, ["", "processor", "to its copy"], rows), [
        Aim("copies that an update takes", RATIO, ratio),
    ]


def _plain_version(rendered: Path, template: Path) -> None:
    """Write a version of a template that has nothing to render."""
    project = template / "project"
    if project.exists():
        shutil.rmtree(project)
    else:
        template.mkdir()
        run(["git", "init", "--quiet"], template)
    shutil.copytree(rendered, project)
    (project / ANSWERS).unlink()
    answers = "{{ _copier_answers | to_nice_yaml }}\n"
    (project / "{{ _copier_conf.answers_file }}.jinja").write_text(answers)
    (template / "copier.yml").write_text("_subdirectory: project\n")


def _back(service: Path) -> None:
    for words in (["reset", "--quiet", "--hard"], ["clean", "--quiet", "--force", "-d"]):
        run(["git", *words], service)
