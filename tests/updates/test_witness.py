"""An edit that moved to another section by an update is found, and nothing else is."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path

import pytest
from golden_path.updates.moves import Move, moves
from golden_path.updates.sections import Cut, Line, format_of

from tests.conftest import Render
from tests.updates.history import answers
from tests.updates.matrix import Matrix
from tests.updates.planting import HEADERS, Edit, Place, Texts, places, same

VERBS = ("insert", "replace", "delete")
THREE = {"environments": ["dev", "staging", "prod"], "delivery": "both"}
cut = cache(Cut)
FUNCTIONS = {"items": "http_api", "orders": "http_api", "report": "schedule", "worker": "sqs"}


@dataclass
class Rendered:
    """What is the team's, by what the release had rendered."""

    old: Texts
    before: Texts

    def wrote(self, file: str, line: Line) -> bool:
        return self._more(file, line) > 0

    def removed(self, file: str, line: Line) -> bool:
        return self._more(file, line) < 0

    def _more(self, file: str, line: Line) -> int:
        return cut(file, self.before[file]).count[line] - cut(file, self.old[file]).count[line]


def witnessed(old: Texts, before: Texts, after: Texts) -> list[Move]:
    """Return what the rule finds in an update of texts."""
    past = Rendered(old, before)
    return [
        move
        for file in sorted(before.keys() & after.keys())
        if format_of(file) and before[file] != after[file]
        for move in moves(file, cut(file, before[file]), cut(file, after[file]), past)
    ]


def texts(service: Path) -> Texts:
    """Return the files of a service that have sections."""
    names = (path.relative_to(service).as_posix() for path in service.rglob("*") if path.is_file())
    return {name: (service / name).read_text() for name in sorted(names) if format_of(name)}


# One pair of a format, before and after: without the format's class nothing of it is found.
STATEMENTS = """Resources:
  ARole:
    Policies:
      - PolicyName: a
        Statement:
          - Sid: Read
            Action:
              - s3:GetObject
{}          - Sid: Write
            Action:
              - s3:PutObject
{}  BRole:
    Policies:
      - PolicyName: b
        Statement:
          - Sid: Read
            Action:
              - s3:GetObject
{}"""
OWN = "              - s3:ListBucket\n"
NAMELESS = STATEMENTS.replace("Sid: Write\n            Action", "Action")
STEPS = """jobs:
  build:
    steps:
      - uses: actions/checkout@v1
        with:
          persist-credentials: false
{}      - uses: actions/setup-python@v1
        with:
          cache: pip
{}"""
DEEP = "          fetch-depth: 0\n"
PAGE = "Look.\n\n```sh\n# a comment\n{}```\n"
PAGES = f"# Runbook\n\n## Of functions\n\n### items\n\n{PAGE}\n### jobs\n\n{PAGE}"
TARGETS = ".PHONY: lint\nlint:\n\t@ruff\n{}\n.PHONY: test\ntest: lint\n\t@pytest\n{}"
NOTED = "{}.PHONY: lint\nlint:\n\t@ruff\n\n{}.PHONY: test\ntest:\n\t@pytest\n"
OBJECTS = '{{"Parameters": {{\n"A": {{\n"x": "1"{}\n}},\n"B": {{\n"x": "1"{}\n}}\n}}}}\n'
TABLES = "[dev.deploy]\nx = 1\n{}\n[prod.deploy]\nx = 1\n{}"
COMMENTS = "Resources:\n  A:\n    Type: x\n{}\n{}  B:\n    Type: y\n"

PAIRS = {
    "another resource": (
        "template.yaml",
        STATEMENTS,
        (OWN, "", ""),
        ("", "", OWN),
        "ARole",
        "BRole",
    ),
    "another statement": (
        "template.yaml",
        STATEMENTS,
        (OWN, "", ""),
        ("", OWN, ""),
        "Read",
        "Write",
    ),
    "any resource": (
        "template.yaml",
        STATEMENTS,
        ('              - "*"\n', "", ""),
        ("", "", '              - "*"\n'),
        "ARole",
        "BRole",
    ),
    "a statement that has no name": (
        "template.yaml",
        NAMELESS,
        (OWN, "", ""),
        ("", OWN, ""),
        "Read",
        "Action",
    ),
    "another event of a function": (
        "template.yaml",
        "Resources:\n  A:\n    Queue:\n      Type: SQS\n{}    Other:\n      Type: SQS\n{}",
        ("      Own: 1\n", ""),
        ("", "      Own: 1\n"),
        "Queue",
        "Other",
    ),
    "another statement without a name": (
        "template.yaml",
        "Resources:\n  A:\n    - Effect: Deny\n{}    - Effect: Allow\n{}",
        ("      Own: 1\n", ""),
        ("", "      Own: 1\n"),
        "Deny",
        "Allow",
    ),
    "another step": (
        ".github/workflows/check.yml",
        STEPS,
        (DEEP, ""),
        ("", DEEP),
        "actions/checkout",
        "actions/setup-python",
    ),
    "another page": ("docs/runbook.md", PAGES, ("hint\n", ""), ("", "hint\n"), "items", "jobs"),
    "another target": ("Makefile", TARGETS, ("\t@own\n", ""), ("", "\t@own\n"), "lint", "test"),
    "a note on another target": (
        "Makefile",
        NOTED,
        ("# own\n", ""),
        ("", "# own\n"),
        "lint",
        "test",
    ),
    "another object": ("config/dev.json", OBJECTS, (',\n"o": 1', ""), ("", ',\n"o": 1'), "A", "B"),
    "another table": (
        "samconfig.toml",
        TABLES,
        ("y = 2\n", ""),
        ("", "y = 2\n"),
        "dev.deploy",
        "prod.deploy",
    ),
    "a comment": ("template.yaml", COMMENTS, ("    # own\n", ""), ("", "  # own\n"), "A", "B"),
}


@pytest.mark.parametrize(
    ("file", "text", "left", "right", "origin", "target"), PAIRS.values(), ids=PAIRS
)
def test_each_format_knows_its_sections(
    file: str, text: str, left: tuple[str, ...], right: tuple[str, ...], origin: str, target: str
) -> None:
    old, before, after = ({file: text.format(*own)} for own in ([""] * len(left), left, right))
    (found,) = witnessed(old, before, after)
    assert [name.split(" / ")[0] for name in found.names] == [origin, target]
    assert not found.removal


@pytest.mark.parametrize(
    ("file", "text", "left", "right", "origin", "target"), PAIRS.values(), ids=PAIRS
)
def test_a_removal_that_moved_is_found_too(
    file: str, text: str, left: tuple[str, ...], right: tuple[str, ...], origin: str, target: str
) -> None:
    # given a line that the release has in both sections, and the team took from one
    whole = [one or other for one, other in zip(left, right, strict=True)]
    old, before, after = ({file: text.format(*own)} for own in (whole, right, left))
    (found,) = witnessed(old, before, after)
    assert [name.split(" / ")[0] for name in found.names] == [origin, target]
    assert found.removal


NO_MOVES = {
    "a statement that the release gives a name": (
        "template.yaml",
        STATEMENTS.replace("Sid: Read\n            Action", "Action"),
        STATEMENTS,
    ),
    "a heading that is another": (
        "docs/runbook.md",
        PAGES,
        PAGES.replace("### items", "### goods"),
    ),
    "a page that is under another part": (
        "docs/runbook.md",
        PAGES,
        PAGES.replace("## Of functions", "## Of the functions"),
    ),
    "a job that is renamed": (
        ".github/workflows/check.yml",
        STEPS,
        STEPS.replace("build:", "check:"),
    ),
    "an action of another version": (
        ".github/workflows/check.yml",
        STEPS,
        STEPS.replace("checkout@v1", "checkout@v2"),
    ),
}


@pytest.mark.parametrize(("file", "text", "newer"), NO_MOVES.values(), ids=NO_MOVES)
def test_what_bears_another_name_has_not_moved(file: str, text: str, newer: str) -> None:
    own = next((left for name, _, left, *_ in PAIRS.values() if name == file), ())
    none = [""] * len(own)
    old, before, after = (text.format(*none), text.format(*own), newer.format(*own))
    assert before != after
    assert witnessed({file: old}, {file: before}, {file: after}) == []


def test_what_the_release_moves_is_none_of_the_teams() -> None:
    old, new = (STATEMENTS.format(*own) for own in ((OWN, "", ""), ("", "", OWN)))
    file = "template.yaml"
    assert witnessed({file: old}, {file: old}, {file: new}) == []


# ------------------------------------------------------------- what updates are known to have done

TRUST = '            Condition: {StringEquals: {aws:SourceAccount: "1"}}'
ALLOW = "          - Effect: Allow"
CHECKOUT = "          persist-credentials: false"

# What of which file moved from where to where, and the line that it stood below in both.
KNOWN = {
    "a permission": (
        "template.yaml",
        *("ItemsRole", "OrdersRole", "                  - dynamodb:GetItem"),
        "                  - dynamodb:Query",
    ),
    "a suppression": (
        "template.yaml",
        *("WorkerLogs", "HttpApiAccessLog", "    UpdateReplacePolicy: Retain"),
        "    Metadata: {golden-path: {GP701: The team has a reason.}}",
    ),
    "a trust policy, from function to deployment": (
        "template.yaml",
        *("ItemsRole", "CodeDeployRole", "            Action: sts:AssumeRole"),
        TRUST,
    ),
    "a trust policy, from environment to build": (
        "pipeline/pipeline.yaml",
        *("DevRole", "BuildRole", "            Action: sts:AssumeRole"),
        TRUST,
    ),
    "a statement of production to staging": (
        "pipeline/pipeline.yaml",
        *("ProdRole", "StagingRole", "                Action:"),
        "                  - logs:DescribeLogStreams",
    ),
    "a permission of the execution role": (
        "pipeline/account.yaml",
        *("ExecutionRole", "ReviewRole", "                Action:"),
        "                  - s3:ListBucket",
    ),
    "a key of another job": (
        ".github/workflows/deliver.yml",
        *("review", "staging", CHECKOUT),
        "          fetch-depth: 0",
    ),
    "a job of another environment": (
        ".github/workflows/deliver.yml",
        *("staging", "dev", "    steps:"),
        "      - run: own",
    ),
    "a hint of the runbook": (
        "docs/runbook.md",
        *("items errors", "report errors", "  ```text"),
        "  | filter own = 1",
    ),
}


@pytest.fixture(scope="module")
def four(render: Render) -> Texts:
    """Files of a service of four functions and three environments."""
    return texts(render(functions=FUNCTIONS, **THREE))


@pytest.mark.parametrize(("file", "origin", "target", "above", "line"), KNOWN.values(), ids=KNOWN)
def test_every_move_that_was_ever_seen_is_found(
    four: Texts, file: str, origin: str, target: str, above: str, line: str
) -> None:
    before, after = (
        four | {file: _below(four[file], name, above, line)} for name in (origin, target)
    )
    (found,) = witnessed(four, before, after)
    assert found.file == file
    assert found.words == line.strip()
    assert [name.split(" / ")[0] for name in found.names] == [origin, target]


def _below(text: str, header: str, above: str, line: str) -> str:
    """Write a line into a section, below a line of it."""
    lines = text.splitlines()
    begin = next(at for at, one in enumerate(lines) if one in (f"  {header}:", f"### {header}"))
    place = next(
        at for at, one in enumerate(lines) if at > begin and re.sub(" #.*", "", one) == above
    )
    return "\n".join([*lines[: place + 1], line, *lines[place + 1 :]]) + "\n"


# --------------------------------------------------------------------- 50 more, in whatever place

PIPELINE = "pipeline/pipeline.yaml"
DELIVER = ".github/workflows/deliver.yml"
PLANTED = {
    "function": ("template.yaml", r"(Items|Orders|Report|Worker)(Role|Function|Logs|ErrorsAlarm)"),
    "environment": (PIPELINE, r"(Build|Dev|Staging|Prod)(Role|Project)"),
    "account": ("pipeline/account.yaml", r"\w+Role"),
    "job": (DELIVER, r"build|dev|staging|review|prod"),
    "page": ("docs/runbook.md", r"(items|orders|report|worker) \w+"),
    "list item": ("template.yaml", r"(Items|Orders|Report|Worker)Role / \w+"),
    "step": (DELIVER, r"(build|dev|staging|review|prod) / .+"),
    "stage": (PIPELINE, r"Pipeline / \w+"),
    "table": ("samconfig.toml", r".+"),
    "target": ("Makefile", r"[a-z-]+"),
}
"""The file to plant in, and its sections."""


def _plant(old: Texts, kind: str, number: int) -> tuple[Edit, Place]:
    """Return an edit, and the place of another section where it goes instead."""
    file, sections = PLANTED[kind]
    rng = random.Random(f"{kind} {number}")
    known = places(old, file, "/" in sections)
    known = [place for place in known if re.fullmatch(sections, place.section)]
    while True:
        edit = Edit(rng.choice(VERBS), rng.choice(known))
        others = [place for place in known if edit.could_go(place)]
        if others:
            return edit, rng.choice(others)


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("kind", PLANTED)
def test_every_move_that_is_planted_is_found(four: Texts, kind: str, number: int) -> None:
    # given an edit, and an update that makes the very same one elsewhere
    edit, elsewhere = _plant(four, kind, number)
    before = edit.on(four, edit.place)
    line = before[edit.place.file].splitlines()[edit.place.number + (edit.verb == "insert")]
    after = edit.on(four, elsewhere, line)
    # then both sections are named
    found = witnessed(four, before, after)
    assert found, f"{edit} went to {elsewhere.section}"
    names = {name for move in found for section in move.lines for name in section[0]}
    assert {_last(edit.place), _last(elsewhere)} <= names


def _last(place: Place) -> str:
    return place.section.split(" / ")[-1].partition("@")[0]


# ------------------------------------------------------------------------------- honest updates


@pytest.fixture(scope="module")
def renders(render: Render) -> dict[str, Texts]:
    """Files of a service before and after it is changed by its commands."""
    others = {name: kind for name, kind in FUNCTIONS.items() if name != "items"}
    sets = {
        "four": {"functions": FUNCTIONS, **THREE},
        "one more": {"functions": FUNCTIONS | {"audit": "sqs"}, **THREE},
        "renamed": {
            "functions": others | {"goods": {"trigger": "http_api", "id": "items"}},
            **THREE,
        },
        "two environments": {"functions": FUNCTIONS, **THREE, "environments": ["dev", "prod"]},
    }
    return {name: texts(render(**given)) for name, given in sets.items()}


CHANGES = ("one more", "renamed", "two environments")


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_found_where_edits_stay(renders: dict[str, Texts], change: str) -> None:
    for old, new in (("four", change), (change, "four")):
        for number in range(5):
            rng = random.Random(f"{old} {new} {number}")
            edited, found = _honest(renders[old], renders[new], rng)
            assert edited
            assert found == []


def _honest(old: Texts, new: Texts, rng: random.Random) -> tuple[bool, list[Move]]:
    """Update a service of three edits rightly; say whether it has any, and what is found."""
    before, after = old, new
    known = [file for file in old if file.endswith(tuple(HEADERS)) and places(old, file)]
    for file in rng.choices(known, k=3):
        edit = Edit(rng.choice(VERBS), rng.choice(places(before, file)))
        # What only one of the two has is not where this update is tried.
        if there := same(before, edit.place, after):
            before, after = edit.on(before, edit.place), edit.on(after, there)
    return before != old, witnessed(old, before, after)


@pytest.fixture(scope="module")
def releases(matrix: Matrix) -> dict[str, dict[str, Texts]]:
    """Files of services of each release, by their answers."""
    return {
        tag: {
            name: texts(matrix.fresh(tag, given))
            for name, given in answers(matrix.template, tag).items()
            if name in EVERYWHERE
        }
        for tag in matrix.tags
    }


EVERYWHERE = ("default", "stateless", "tuned", "queue-only")
"""Answer sets that every release has, with the same names of functions."""


@pytest.mark.all_rows
def test_nothing_is_found_in_honest_updates(releases: dict[str, dict[str, Texts]]) -> None:
    tags, tried = list(releases), 0
    for (old, new), name in product(combinations(tags, 2), EVERYWHERE):
        for number in range(10):
            rng = random.Random(f"{old} {new} {name} {number}")
            before, after = releases[old][name], releases[new][name]
            edited, found = _honest(before, after, rng)
            assert found == [], (old, new, name, number)
            tried += edited
    assert tried >= 500
