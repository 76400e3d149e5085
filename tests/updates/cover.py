"""What is simulated: from each release to now, from now to a next one, and other answers now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from docs.written import facts
from tests.conftest import EVERY_KIND, ROOT, named_answers, settings
from tests.updates.history import WORKING_TREE, kinds
from tests.updates.judge import File
from tests.updates.living import run
from tests.updates.matrix import (
    ANSWERS,
    CHANGES,
    NOT_MERGED,
    OTHERS,
    Case,
    Matrix,
    journeys,
    read,
)

Answers = dict[str, Any]
Change = Callable[[Answers], Answers]

SECRETS = {"key": {"level": "high", "rotate": 30}, "token": "medium", "address": "low"}


def _two_of(kinds: list[str]) -> Answers:
    return {f"{kind.replace('_', '-')}-{number}": kind for kind in kinds for number in (1, 2)}


HALF = len(OTHERS) // 2  # a stack takes less than two functions of each kind
CALLED = {
    "cors": ["https://shop.example.com"],
    "domain": {
        "prod": {
            "name": "shop.example.com",
            "certificate": "arn:aws:acm:eu-west-1:012345670123:certificate/1",
            "zone": "Z0123456789ABC",
        }
    },
}
"""By pages of another origin, and under a name of its own."""
LARGE: Answers = {
    "functions": {
        "items": {"trigger": "http_api", "secrets": ["key"]},
        "goods": {"trigger": "http_api", "secrets": ["key", "token", "address"]},
        "orders": "http_api",
        "worker": {"trigger": "sqs", "secrets": ["token"]},
        "mailer": {"trigger": "sqs", "secrets": ["token", "key"]},
        "packer": "sqs",
        "report": {"trigger": "schedule", "secrets": ["address"]},
        "nightly": {"trigger": "schedule", "secrets": ["address"]},
    }
    | _two_of(OTHERS[:HALF]),
    "secrets": SECRETS,
    "environments": ["dev", "staging", "prod"],
    "delivery": "both",
    "repository": "acme/shop",
    "accounts": {"prod": "012345670123", "dev": "123456789012"},
    "permissions_boundary": "platform/boundary",
    **CALLED,
    "alarm_email": "team@example.com",
}
OWN = {
    "large": LARGE,
    "large too": LARGE
    | {"functions": {"items": "http_api", "worker": "sqs"} | _two_of(OTHERS[HALF:])}
    | {"secrets": {}},
    "few environments": LARGE
    | {"functions": {"items": "http_api", "worker": "sqs"}, "secrets": {}}
    | {"environments": ["dev", "prod"], "delivery": "github_actions"},
}
"""Answer sets beside those of tests/answers: the first two have all that can be, two of each."""

FEW = (*OWN, "default", "secrets")


def _functions(change: str) -> Change:
    return lambda given: given | {"functions": CHANGES[change](given["functions"])}


def _one_added(given: Answers) -> Answers:
    return given | {"functions": given["functions"] | {"lonely": "sqs"}}


def shared(kind: str, most: int = 3) -> int:
    """How many functions of a kind may have the same of what it reads, if there is a limit."""
    rows = facts.settings(kind).values()
    return min((row["shared"] for row in rows if "shared" in row), default=most)


def _one_of(kind: str) -> Change:
    def added(given: Answers) -> Answers:
        kinds = [settings(entry)["trigger"] for entry in given["functions"].values()]
        more = {"ideas": kind} if kinds.count(kind) < shared(kind) else {}
        return given | {"functions": given["functions"] | more}

    return added


def _last_removed(given: Answers) -> Answers:
    *others, last = given["functions"]
    return given | {"functions": {name: given["functions"][name] for name in others or [last]}}


def _replaced(given: Answers) -> Answers:
    (_, entry), *others = given["functions"].items()
    return given | {"functions": dict(others) | {"another": entry}}


def _secrets_added(given: Answers) -> Answers:
    """Let the first function read one more secret of each level, and the others the first."""
    more = {"new-key": {"level": "high", "rotate": 7}, "new-token": "medium", "new-value": "low"}
    functions = {
        name: settings(entry)
        | {"secrets": [*settings(entry).get("secrets", []), *list(more)[: 3 - 2 * bool(number)]]}
        for number, (name, entry) in enumerate(given["functions"].items())
    }
    return given | {"secrets": given.get("secrets", {}) | more, "functions": functions}


def _called(given: Answers) -> Answers:
    kinds = {settings(entry)["trigger"] for entry in given["functions"].values()}
    return given | CALLED if kinds & {"http_api", "rest_api"} else given


REPLACED, OF_ANOTHER_KIND = "a function replaced in one go", "a function of another kind"
SWAPPED = (REPLACED, OF_ANOTHER_KIND)
"""Here a merge may take what comes for what goes: in two steps, it cannot."""

ANSWERED: dict[str, Change] = {
    "a function added": _one_added,
    "an HTTP function added": _one_of("http_api"),
    **{f"a function of `{kind}` added": _one_of(kind) for kind in OTHERS},
    "two functions added": _functions("functions added"),
    "the first function removed": _functions("a function removed"),
    "the last function removed": _last_removed,
    "a function renamed": _functions("a function renamed"),
    OF_ANOTHER_KIND: _functions("a function of another kind"),
    "functions tuned": _functions("functions tuned"),
    REPLACED: _replaced,
    "environments added": lambda given: given | {"environments": ["dev", "staging", "prod"]},
    "delivered in both ways": lambda given: given | {"delivery": "both"},
    "secrets added": _secrets_added,
    "called by pages and by a name": _called,
    "the store away": lambda given: given | {"data_store": "none"},
}
"""What a team answers otherwise, at the version that it has."""


@dataclass(frozen=True)
class Pair:
    """A render, and what an update makes of it: with other answers at the same version."""

    start: str
    target: str
    language: str
    answers: str
    change: str = ""

    @property
    def kind(self) -> str:
        """What the pair is an example of."""
        return f"{self.start}, {self.change}" if self.change else f"{self.start} to {self.target}"

    def __str__(self) -> str:
        return f"{self.kind}, {self.language}, {self.answers}"


def every_pair() -> Iterator[Pair]:
    """Yield all that is simulated: other answers with each set in one language.

    In another language, whose blocks are the same but for a few lines, with a few sets.
    """
    sets = [*OWN, *(name for name in named_answers() if name != EVERY_KIND)]
    for start, target, language in journeys(ROOT):
        for answers in sets:
            yield Pair(start, target, language, answers)
            if start == WORKING_TREE and (language == "python" or answers in FEW):
                yield from (Pair(start, start, language, answers, change) for change in ANSWERED)


def some_pairs() -> Iterator[Pair]:
    """Yield few of them that have what is hardest: many look-alikes, or two."""
    for start, target, language in journeys(ROOT):
        yield Pair(start, target, language, "large")
        if start == WORKING_TREE:
            yield Pair(start, target, language, "large too")
            yield Pair(start, target, language, "default")
    for change in ANSWERED:
        answers = "large too" if any(f"`{kind}`" in change for kind in OTHERS[HALF:]) else "large"
        if change.startswith(("env", "deliv")):
            answers = "few environments"
        yield Pair(WORKING_TREE, WORKING_TREE, "python", answers, change)
    for change in ("an HTTP function added", "the first function removed"):
        yield Pair(WORKING_TREE, WORKING_TREE, "python", "default", change)
        yield Pair(WORKING_TREE, WORKING_TREE, "nodejs", "large", change)


class Renders:
    """The files of each pair."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self._asked = {tag: self._questions(tag) for tag in matrix.tags}
        for name, given in OWN.items():
            for tag, asked in self._asked.items():
                known = {question: given[question] for question in given if question in asked}
                matrix.offer(tag, name, self._of_its_kinds(tag, known))

    def files(self, pair: Pair) -> list[File]:
        """Return the files that both renders have, that differ, and that an update merges."""
        case = Case(pair.start, pair.target, pair.language, pair.answers, pair.change)
        old = self.matrix.fresh(pair.start, self.matrix.given(case))
        answered = self._kept(pair.target) | yaml.safe_load((old / ANSWERS).read_text())
        new = self.matrix.fresh(pair.target, ANSWERED.get(pair.change, dict)(answered))
        renamed: tuple[tuple[str, str], ...] = ()
        if pair.change == "a function renamed":
            renamed = ((next(iter(answered["functions"])), "zz-renamed"),)
        before, after = read(old), read(new)
        return [
            File(path, text, after[path], renamed, released=pair.start != pair.target)
            for path, text in before.items()
            if text != after.get(path, text) and self._is_merged(path)
        ]

    def _is_merged(self, path: str) -> bool:
        return path not in NOT_MERGED and not self.matrix.is_yours(path)

    def _of_its_kinds(self, tag: str, given: Answers) -> Answers:
        """Leave out functions of kinds that a version does not know yet."""
        known = kinds(self.matrix.template, tag)
        functions = {
            name: entry
            for name, entry in given["functions"].items()
            if settings(entry)["trigger"] in known
        }
        return given | {"functions": functions}

    def _questions(self, tag: str) -> Answers:
        return yaml.safe_load(run("git", "show", f"{tag}:copier.yml", cwd=self.matrix.template))

    def _kept(self, tag: str) -> Answers:
        """Return what a living service is answered where a new one is answered otherwise."""
        defaults = {
            name: re.search(r"\{\{ '(\w+)' if updating else", str(question.get("default")))
            for name, question in self._asked[tag].items()
            if not name.startswith("_")
        }
        return {name: kept[1] for name, kept in defaults.items() if kept}
