"""What moves between sections of a rendered service is found, and nothing in honest updates."""

from __future__ import annotations

import random
import re
from itertools import combinations, product

import pytest
from golden_path.updates.moves import Move

from tests.conftest import Render
from tests.updates.history import answers
from tests.updates.matrix import Matrix
from tests.updates.planting import HEADERS, Edit, Place, Texts, places, same
from tests.updates.witness import texts, witnessed

VERBS = ("insert", "replace", "delete")
THREE = {"environments": ["dev", "staging", "prod"], "delivery": "both"}
FUNCTIONS = {"items": "http_api", "orders": "http_api", "report": "schedule", "worker": "sqs"}


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
