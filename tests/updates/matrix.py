"""Updates of every kind: from a version to another, with other answers, with edits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from allpairspy import AllPairs
from pathspec import GitIgnoreSpec

from docs.written.facts import kind_names
from tests.conftest import EVERY_KIND, named_answers, settings
from tests.swift import shared
from tests.updates.history import (
    NEXT,
    WORKING_TREE,
    answers,
    languages,
    releases,
    shared_template,
    tags,
)
from tests.updates.living import begin, commit, run

ANSWERS = ".copier-answers.yml"
NOT_MERGED = (
    ANSWERS,  # Copier writes it, and keeps it out of the merge
    "tools/rendered.yml",  # of the same answers; `make update` refuses it when it was edited
)
Functions = dict[str, Any]


OTHERS = [kind for kind in kind_names() if kind not in ("http_api", "schedule", "sqs")]
"""Kinds that no answer set of a release can have."""


def _added(functions: Functions) -> Functions:
    return functions | {"between": "sqs", "audit": "schedule"}


def _removed(functions: Functions) -> Functions:
    """Take the first function away, where it is not the only one."""
    first, *others = functions
    return {name: functions[name] for name in others or [first]}


def _renamed(functions: Functions) -> Functions:
    first = next(iter(functions))
    others = {name: entry for name, entry in functions.items() if name != first}
    return others | {"zz-renamed": {"id": first} | settings(functions[first])}


def _of_another_kind(functions: Functions) -> Functions:
    first = next(iter(functions))
    known = settings(functions[first])
    kept = {name: known[name] for name in ("id", "secrets") if name in known}
    behind = [kind for kind in kind_names() if kind != "http_api"]
    place = behind.index(known["trigger"]) + 1 if known["trigger"] in behind else 0
    return functions | {first: kept | {"trigger": behind[place % len(behind)]}}


def _tuned(functions: Functions) -> Functions:
    return {
        name: settings(entry) | {"memory": 1024, "timeout": 4} for name, entry in functions.items()
    }


CHANGES: dict[str, Callable[[Functions], Functions]] = {
    "same answers": lambda functions: functions,
    "functions added": _added,
    "a function removed": _removed,
    "a function renamed": _renamed,
    "a function of another kind": _of_another_kind,
    "functions tuned": _tuned,
}


def yours(template: Path) -> GitIgnoreSpec:
    """Return what belongs to a service, by the one declaration of it, matched as Copier does."""
    settings = yaml.safe_load((template / "copier.yml").read_text())
    return GitIgnoreSpec.from_lines(settings["_skip_if_exists"])


def covers(columns: list[list[Any]], every: bool) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """Yield rows of columns, each with its marks: those that hold each pair, or all there are.

    `make test` runs those with a value that none before them has; what single edits become is
    simulated there. The others hold pairs of values that have been seen.
    """
    seen: set[tuple[int, str]] = set()
    rows = product(*columns) if every else AllPairs(columns, filter_func=_possible)
    for row in filter(_possible, rows):
        values = {(number, str(value)) for number, value in enumerate(row)}
        yield tuple(row), [] if every or values - seen else [pytest.mark.all_rows]
        seen |= values


def _possible(row: Sequence[Any]) -> bool:
    """Whether who starts there can have such answers: no release has all kinds."""
    journey, given = [*row, None][:2]
    return given != EVERY_KIND or journey[0] == WORKING_TREE


@dataclass(frozen=True)
class Case:
    """One row of the matrix."""

    start: str
    target: str
    language: str
    answers: str
    change: str

    def __str__(self) -> str:
        journey = f"{self.start} to {self.target}, {self.language}"
        return f"{journey}, {self.answers}, {self.change}"


class Matrix:
    """The template with all its versions, and the services that were rendered from it."""

    def __init__(self, repository: Path) -> None:
        self.template = shared_template(repository)
        self.tags = tags(repository)
        self._answers = {tag: answers(self.template, tag) for tag in self.tags}
        for tag in (WORKING_TREE, NEXT):  # which have all kinds that there are
            self.offer(tag, EVERY_KIND, named_answers()[EVERY_KIND])
        files = sorted((repository / "template/languages").glob("*/language.yml"))
        self._newest = {
            file.parent.name: yaml.safe_load(file.read_text())["newest"] for file in files
        }

    @cached_property
    def yours(self) -> GitIgnoreSpec:
        return yours(self.template)

    def is_yours(self, path: str) -> bool:
        return self.yours.match_file(path)

    def fresh(self, tag: str, given: dict[str, Any]) -> Path:
        """Render a version once for each set of answers."""
        given = {name: answer for name, answer in given.items() if not name.startswith("_")}
        source = str(self.template)

        def render(folder: Path) -> None:
            copier.run_copy(source, folder, given, vcs_ref=tag, defaults=True, quiet=True)
            begin(folder)

        return shared.kept_folder(shared.digest(source, tag, given), render)

    def start(self, case: Case, folder: Path) -> Update:
        """Have a service to update, in a folder of its own."""
        old = self.fresh(case.start, self.given(case))
        shutil.copytree(old, folder)
        return Update(self, case, folder, old)

    def offer(self, tag: str, name: str, answers: dict[str, Any]) -> None:
        """Have one more answer set of a version."""
        self._answers[tag][name] = answers

    def given(self, case: Case) -> dict[str, Any]:
        """Return what a service was answered that is to be updated."""
        sets = self._answers[case.start]
        known = deepcopy(sets.get(case.answers, sets["default"]))
        # A living service keeps what a new one may not have: a reference in its description, a long
        # name. What it becomes cannot be rendered afresh.
        if "service_name" in known:
            known["service_name"] = known["service_name"][:23]
        if "service_description" in known:
            known["service_description"] = known["service_description"].replace("${", "$")
        if case.language != "python":  # whose sets have runtimes of their own
            known["runtime"] = self._newest[case.language]
        return known


class Update:
    """A service that is updated."""

    def __init__(self, matrix: Matrix, case: Case, service: Path, old: Path) -> None:
        self.matrix = matrix
        self.case = case
        self.service = service
        self.old = old
        self.functions = CHANGES[case.change](self.answered["functions"])

    @property
    def answered(self) -> dict[str, Any]:
        return yaml.safe_load((self.service / ANSWERS).read_text())

    def edited(self) -> None:
        """Commit what the team has edited, and remember it."""
        commit(self.service)
        self.before = read(self.service)

    def run(self, *tags: str) -> None:
        """Update to each tag, the case's own by default, with the answers changed at the first."""
        for tag in tags or (self.case.target,):
            copier.run_update(
                self.service,
                {"functions": self.functions},
                vcs_ref=tag,
                defaults=True,
                overwrite=True,
                quiet=True,
            )
            if tags:
                commit(self.service)

    @property
    def new(self) -> Path:
        """What a fresh render with the answers of now is."""
        return self.matrix.fresh(self.case.target, self.answered)


def read(folder: Path) -> dict[str, str]:
    """Return the texts of a folder by path."""
    files = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=folder)
    names = sorted(name for name in set(files.splitlines()) if (folder / name).is_file())
    return {name: (folder / name).read_text() for name in names}


def journeys(repository: Path) -> list[tuple[str, str, str]]:
    """Return what is updated, in each language that the start knows: from, to, language.

    Each release to now, and now to the next.
    """
    now = sorted(path.parent.name for path in repository.glob("template/languages/*/language.yml"))
    return [
        *(
            (release.tag, WORKING_TREE, language)
            for release in releases(repository)
            for language in languages(repository, release)
        ),
        *((WORKING_TREE, NEXT, language) for language in now),
    ]
