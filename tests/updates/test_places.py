"""No two places of a rendered file look alike to a merge, which goes by three lines on each side.

Where two do, an edit of one function's resource, one environment's role or one alarm's page can
land on another's when blocks come or go between them: without a conflict, and without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import copier
import pytest
import yaml
from allpairspy import AllPairs

from docs.written.facts import Row, alarms, kind_names, settings
from docs.written.facts import kind as facts_of
from tests.conftest import ROOT, Render
from tests.updates.cover import shared
from tests.updates.living import copy_released, edit
from tests.updates.matrix import NOT_MERGED, yours

CONTEXT = 3  # lines on each side, as git takes them
KINDS = kind_names()
MOST = 24  # functions: many more do not fit into one stack

SECRETS: dict[str, list[str]] = {
    "no secrets": [],
    "low": ["low"],
    "all levels": ["low", "medium", "high"],
}
TUNED = {"not": "default", "least": "minimum", "most": "maximum"}
CHOICES: dict[str, list[Any]] = {
    "delivery": ["codepipeline", "github_actions", "both", "none"],
    "environments": [["dev", "staging", "prod"], ["dev", "prod"], ["prod"]],
    "secrets": list(SECRETS),
    "of each kind": [2, 3],
    "tuned": list(TUNED),
    "runtime": ["python3.14", "nodejs24.x"],
    "data_store": ["dynamodb", "none"],
    "permissions_boundary": ["", "team/boundary"],
    "accounts": ["named", "not named"],
    "api_auth": ["iam", "jwt", "none"],
    "cors": [{}, ["https://app.example.com"]],
    "domain": ["named", "not named"],
    "alarm_email": ["", "team@example.com"],
    "encryption": ["aws", "own"],
    "service_name": ["items-service", "items-of-the-north-west"],
}


ASKED = ("api_auth", "runtime")
"""What some settings ask for."""

OF_FUNCTIONS = ("of each kind", "tuned")
"""Choices that answer no question of their own."""


def tuned(kind: str, number: str, bound: str, **answered: str) -> dict[str, Any]:
    """Return what an entry of a kind may set, all of it at one of its bounds.

    What a release renders only of a setting is then there in each function of the kind.
    """
    if bound == "default":
        return {}
    own = f"{kind.replace('_', '-')}-{number}"
    settable = {signal: row[bound] for signal, row in alarms(kind).items() if "once" not in row}
    rows = {
        name: row
        for name, row in settings(kind).items()
        if row.get("asks", {}).items() <= answered.items()
        and (name != "streaming" or answered["runtime"].startswith("nodejs"))
    }
    if bound == "maximum":
        rows = {name: row for name, row in rows.items() if "excludes" not in row}
    return {name: _bound(row, own, bound) for name, row in rows.items()} | {"alarms": settable}


def _bound(row: Row, own: str, bound: str) -> Any:
    least = bound == "minimum"
    match row["type"]:
        case "whole":
            return row[bound]
        case "choice":
            return row["choices"][0 if least else -1]
        case "flag":
            return not least
        case "list":
            return [] if least else yaml.safe_load(f"[{row['example']}]")
        case "mapping":
            return {} if least else yaml.safe_load(row["example"])
        case "text" if least and not row["default"]:
            return ""
    return f"{row['example']}-{own}" if row.get("distinct") else row["example"]


def tokens(kind: str) -> str:
    """Whose tokens what calls a kind's functions judges."""
    return str(facts_of(kind).get("tokens", "any"))


def answers(row: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that a row of choices stands for."""
    secrets = {
        f"{level}-{number}": {"level": level} | ({"rotate": 30} if level == "high" else {})
        for level in SECRETS[row["secrets"]]
        for number in ("one", "two")
    }
    times = row["of each kind"]
    kinds = Random(str(row)).sample(KINDS, min(len(KINDS), MOST // times))
    functions = {
        f"{kind.replace('_', '-')}-{number}": {"trigger": kind}
        | ({"secrets": [*secrets]} if secrets else {})
        | tuned(kind, number, TUNED[row["tuned"]], **{name: row[name] for name in ASKED})
        for kind in KINDS
        if kind in kinds and (row["api_auth"] != "jwt" or tokens(kind) in ("any", "pool"))
        for number in ("one", "two", "three")[: min(times, shared(kind))]
    }
    called = {"http_api", "rest_api", "function_url"} & {
        entry["trigger"] for entry in functions.values()
    }
    cors, domain = called and row["cors"], called - {"function_url"} and row["domain"] == "named"
    named = dict(zip(row["environments"], ("1" * 12, "2" * 12, "3" * 12), strict=False))
    return {key: value for key, value in row.items() if key not in OF_FUNCTIONS} | {
        "functions": functions,
        "secrets": secrets,
        "accounts": named if row["accounts"] == "named" else {},
        "cors": cors or {},
        "domain": {
            environment: {
                "name": f"{environment}.example.com",
                "certificate": f"arn:aws:acm:eu-west-1:{account}:certificate/1",
                "zone": "Z0123456789ABC",
                "path": "shop",
            }
            for environment, account in (named if domain else {}).items()
        },
    }


def rows() -> Iterator[Any]:
    """Yield a row for every pair of choices.

    `make test-all` takes each way of delivery with each set of environments and of secrets as well;
    what else there is to choose is drawn.
    """
    for number, row in enumerate(AllPairs(list(CHOICES.values()))):
        yield pytest.param(answers(dict(zip(CHOICES, row, strict=True))), id=f"pair-{number}")
    first, others = list(CHOICES)[:3], list(CHOICES)[3:]
    for number, shape in enumerate(product(*(CHOICES[one] for one in first))):
        drawn = Random(number)
        rest = {one: drawn.choice(CHOICES[one]) for one in others}
        row = answers(dict(zip(first, shape, strict=True)) | rest)
        yield pytest.param(row, id=f"drawn-{number}", marks=pytest.mark.all_rows)


def merged(service: Path) -> Iterator[Path]:
    """Yield the files of a rendered service that an update merges: not those of the team."""
    own = yours(ROOT)
    for path in sorted(service.rglob("*")):
        name = path.relative_to(service).as_posix()
        if path.is_file() and name not in NOT_MERGED and not own.match_file(name):
            yield path


def alike(text: str) -> list[str]:
    """Return the surroundings that more than one place has, each with the lines it is at.

    Before its last two lines a file has fewer than three to go by, and git looks for them anywhere.
    """
    lines = text.splitlines()
    places = defaultdict(list)
    for size in range(CONTEXT + 1, 2 * CONTEXT + 1):
        for start in range(len(lines) - size + 1):
            places[tuple(lines[start : start + size])].append(start + CONTEXT)
    looked_at = {
        tuple(lines[at - CONTEXT : at + CONTEXT]): None for at in range(CONTEXT, len(lines))
    }
    return [
        f"lines {places[around]}:\n" + "\n".join(around)
        for around in looked_at
        if len(places[around]) > 1
    ]


@pytest.mark.parametrize("answers", list(rows()))
def test_no_two_places_of_a_file_look_alike(render: Render, answers: dict[str, Any]) -> None:
    service = render(**answers)
    found = [
        f"{path.relative_to(service)}, {places}"
        for path in merged(service)
        for places in alike(path.read_text())
    ]
    assert found == [], "name whose they are in one of these lines:\n\n" + "\n\n".join(found)


# Of six lines none says whose they are.
ALIKE = "".join(f"      {letter}: 1\n" for letter in "ABCDEF")


@pytest.mark.parametrize("condition", ["< 512", "> 3008"])
def test_a_release_whose_look_alikes_come_with_a_setting_is_refused(
    tmp_path: Path, condition: str
) -> None:
    # given a release that renders them where a function is tuned
    copy_released(ROOT, tmp_path / "template")
    timed = "      Timeout: {{ fn.timeout }} # {{ fn.id }}: seconds\n"
    when = f"{{% if fn.memory {condition} %}}\n{ALIKE}{{% endif %}}\n"
    edit(tmp_path / "template/template/function.yaml.jinja", timed, timed + when)
    # when the rows of `make test` are rendered, one of each way of tuning
    found = {}
    for row in [row for row in rows() if not row.marks]:
        entry = next(iter(row.values[0]["functions"].values()))
        service = tmp_path / str(entry.get("memory"))
        if not service.exists():
            source, data = str(tmp_path / "template"), row.values[0]
            copier.run_copy(source, service, data=data, defaults=True, quiet=True)
            found[service.name] = alike((service / "template.yaml").read_text())
    # then that of which it holds tells it
    (places,) = [places for places in found.values() if places]
    assert len(found) == len(TUNED)
    assert ALIKE.rstrip("\n") in "\n".join(places)


def test_every_file_with_blocks_that_repeat_is_walked(render: Render) -> None:
    service = render(delivery="both")
    walked = {str(path.relative_to(service)) for path in merged(service)}
    assert {
        "template.yaml",
        "pipeline/pipeline.yaml",
        "pipeline/account.yaml",
        ".github/workflows/deliver.yml",
        "docs/runbook.md",
        "config/prod.json",
        "samconfig.toml",
    } <= walked
    assert not {"requirements.txt", "src/service/handlers/items.py"} & walked


def test_places_that_look_alike_are_told() -> None:
    block = "".join(f"    {letter}: 1\n" for letter in "ABCDEF")
    (found,) = alike(f"  First:\n{block}\n  Second:\n{block}  Third: 1\n")
    assert found.startswith("lines [4, 12]:")
    named = block.replace("C: 1", "C: 1 # {}")
    assert alike(f"  First:\n{named.format('a')}\n  Second:\n{named.format('b')}") == []


def test_the_end_of_a_file_is_looked_for_with_what_is_left_of_it() -> None:
    block = "A: 1\nB: 1\nC: 1\nD: 1\n"
    (found,) = alike(f"{block}First: 1\n{block}")
    assert found.startswith("lines [3, 8]:")
    assert alike(f"{block}First: 1\n{block}Second: 1\n") == []
