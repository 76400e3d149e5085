"""Whatever a caller sends: every language gives the same answer, and none of them fails."""

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.written.facts import kind as facts
from docs.written.facts import kind_names
from tests.conftest import ROOT, SetUp
from tests.languages import Language, languages
from tests.objects import SENT, kept
from tests.records import event_of, passed_over

HOSTILE = ROOT / "tests" / "hostile"
BODIES = yaml.safe_load((HOSTILE / "bodies.yml").read_text())
LIMIT = 6_291_556  # bytes that a function may answer with: Lambda's quota

VARIABLES = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_REGION": "eu-west-1",
    "POWERTOOLS_METRICS_NAMESPACE": "items",
    "POWERTOOLS_SERVICE_NAME": "items",
}


@pytest.fixture(scope="module", params=languages(), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture(scope="module")
def service(set_up: SetUp, language: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    answers = {"triggers": kind_names(), "data_store": "none"}
    return set_up(folder, runtime=language.runtime, **answers)


def of_shape(shape: str) -> list[str]:
    return [kind for kind in kind_names() if facts(kind)["shape"] == shape]


def called(service: Path, language: Language, kind: str, events: list[Any]) -> list[Any]:
    """Return what a function of a kind answers to each event, in one process."""
    module = language.module(facts(kind)["default_name"])
    given, answers = service / "given.json", service / "answers.json"
    given.write_text(json.dumps(events))
    program, caller = language.caller
    with kept() as objects:
        subprocess.run(
            [service / program, HOSTILE / caller, module, given, answers],
            cwd=service,
            env=os.environ | VARIABLES | objects,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return json.loads(answers.read_text())


def body(row: dict[str, Any]) -> str | None:
    if "repeated" not in row:
        return row.get("base64", row.get("body"))
    first, *others = row["repeated"]
    return first + "".join(
        text * times + after
        for text, times, after in zip(others[::3], others[1::3], others[2::3], strict=True)
    )


def sample(service: Path, language: Language, kind: str) -> dict[str, Any]:
    module = language.module(facts(kind)["default_name"])
    return json.loads((service / f"events/{module}.json").read_text())


@pytest.mark.parametrize("kind", of_shape("request"))
def test_a_body_is_answered_the_same_in_every_language(
    service: Path, language: Language, kind: str
) -> None:
    request = sample(service, language, kind)
    events = [
        request | {"body": body(row), "isBase64Encoded": "base64" in row} | row.get("event", {})
        for row in BODIES
    ]
    wrong = {}
    for row, answer in zip(BODIES, called(service, language, kind, events), strict=True):
        expected = row.get("errors", [])
        ended = isinstance(answer, str)
        errors = [] if ended else json.loads(answer["body"]).get("errors", [])
        status = None if ended else answer["statusCode"]
        alike = len(errors) == len(expected) and all(map(str.startswith, errors, expected))
        if status != (400 if expected else 200) or not alike:
            wrong[row["name"]] = str(answer)[:300]
    assert not wrong


@pytest.mark.parametrize("kind", of_shape("request"))
def test_many_wrong_fields_are_no_answer_that_lambda_refuses(
    service: Path, language: Language, kind: str
) -> None:
    names = [f'"{number:06}\\u0001"' for number in range(300_000)]  # a body of 5 MB
    sent = f"{{{', '.join(f'{name}: 1' for name in names)}}}"
    event = sample(service, language, kind) | {"body": sent}
    (answer,) = called(service, language, kind, [event])
    assert answer["statusCode"] == 400
    assert len(json.loads(answer["body"])["errors"]) == 100
    assert len(json.dumps(answer)) < LIMIT / 10


@pytest.mark.parametrize("kind", of_shape("step"))
def test_a_step_fails_where_a_request_is_refused(
    service: Path, language: Language, kind: str
) -> None:
    rows = [row for row in BODIES if "base64" not in row and _is_json(body(row))]
    packed, _, place = facts(kind)["testing"]["step"]["input"].rpartition(".")
    event, sent = sample(service, language, kind), []
    for row in rows:
        given = {place: json.loads(body(row))}
        whole = {packed: json.dumps({"key": "key"} | given)} if packed else given
        sent.append(event | whole)
    SENT.clear()
    answers = called(service, language, kind, sent)
    if packed:  # what is refused is an answer, too, which is sent
        answers = ["refused" if b'"errors":[' in answer else answer for answer in SENT]
    failed = {
        row["name"]: isinstance(answer, str) for row, answer in zip(rows, answers, strict=True)
    }
    assert failed == {row["name"]: bool(row.get("errors")) for row in rows}


@pytest.mark.parametrize("kind", of_shape("work"))
def test_work_is_left_where_a_request_is_refused(
    service: Path, language: Language, kind: str
) -> None:
    rows = [row for row in BODIES if {"body", "repeated"} & row.keys() and body(row) is not None]
    rows = [row for row in rows if not passed_over(kind, body(row))]
    if facts(kind)["testing"]["record"].get("encoding") == "json":
        rows = [row for row in rows if _is_read_alike(body(row))]
    in_parts = "partial_batches" in facts(kind)["source"]
    good = [("good", None)] if in_parts else []
    event = sample(service, language, kind)
    events = [event_of(kind, event, [*good, ("hostile", body(row))]) for row in rows]
    left = {}
    for row, answer in zip(rows, called(service, language, kind, events), strict=True):
        ended = isinstance(answer, str)
        returned = (answer or {}).get("batchItemFailures", []) if not ended else []
        left[row["name"]] = ended or [one["itemIdentifier"] for one in returned]
    failed = ["hostile"] if in_parts else True
    assert left == {row["name"]: failed if row.get("errors") else [] for row in rows}


def _is_json(text: str | None) -> bool:
    """Tell whether a text can stand in an event, which Lambda reads before it invokes."""
    with suppress(RecursionError, TypeError, ValueError):
        json.loads(text)
        return _is_read_alike(text)
    return False


def _is_read_alike(text: str) -> bool:
    """Tell whether Lambda hands JSON in an event to all languages alike: numbers are read before.

    JavaScript then has no fractions that are whole, and no integers of more than 15 digits.
    """
    numbers: list[str] = []
    given = {f"parse_{what}": numbers.append for what in ("int", "float", "constant")}
    try:
        json.loads(text, **given)
    except (RecursionError, ValueError):
        return True
    return all(number.removeprefix("-").isdigit() and len(number) < 16 for number in numbers)
