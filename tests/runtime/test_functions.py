"""Built functions under AWS's runtime client, with Lambda's variables: each line is read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from docs.written.facts import kind as facts
from tests.conftest import everything
from tests.languages import languages
from tests.runtime.conftest import PLANTED, Built
from tests.runtime.functions import Failed, Function, Run
from tests.runtime.loopback import Aws

ENVIRONMENTS = ("dev", "staging", "prod")
LEVELS = {"DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
PROBE = {"probe": True}
BODY = "planted-request-body"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
HOOK = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}


def events(built: Built, module: str) -> list[bytes]:
    """Return an ordinary event of a function, the same again, a probe, and what is wrong."""
    if module in ("pre_traffic", "pre-traffic"):
        return [json.dumps(event).encode() for event in (HOOK, PROBE, None)]
    name = "orders" if module == "team" else module
    event = json.loads((built.path / "events" / f"{name}.json").read_text())
    match name:
        case "orders":
            event["headers"]["authorization"] = "Bearer planted-bearer-token"
            event["body"] = json.dumps({"name": BODY, "quantity": 2})
            failing = event | {"headers": event["headers"] | {"x-fail": "1"}}
            wrong = [event | {"body": BODY}, failing, event | {"requestContext": {}}]
            all_ = [event, event, PROBE, *wrong]
        case "shipping":
            (record,) = event["Records"]
            record["body"] = json.dumps({"name": BODY, "quantity": 2})
            poison = {"Records": [record, record | {"body": BODY}]}
            all_ = [event, event, PROBE, poison, None]
        case _ if name.startswith("rotate"):
            all_ = [*(event | {"Step": step} for step in STEPS), PROBE, None]
        case _:
            all_ = [event, event, PROBE, None]
    return [json.dumps(one).encode() for one in all_]


@pytest.fixture(scope="module")
def written(built: Built) -> dict[tuple[str, str], Run]:
    """Every function in its environments, where no invocation is drawn to be logged in full."""
    found = {}
    for environment in ENVIRONMENTS:
        for module, function in built.functions(environment, DebugSampleRate="0").items():
            if environment == "staging" and module != "team":
                continue  # to a function it is production under another name
            with Aws(PLANTED) as aws:
                found[environment, module] = built.run(function, events(built, module), aws)
    return found


@pytest.fixture(scope="module")
def otherwise(built: Built) -> dict[str, Run]:
    """A team's function in production: logged in full, with a secret denied, at level ERROR."""
    function = built.functions("prod", DebugSampleRate="1")["team"]
    quiet = built.functions("prod", DebugSampleRate="0", LogLevel="ERROR")["team"]
    with Aws(PLANTED) as aws, Aws(PLANTED, denied="PaymentKey") as denying:
        return {
            "drawn": built.run(function, events(built, "team"), aws),
            "denied": built.run(function, events(built, "team"), denying),
            "quiet": built.run(quiet, events(built, "team"), aws),
        }


DRIVEN: dict[str, tuple[dict[str, object], list[str]]] = {
    "request": ({"statusCode": 201}, ["TransactWriteItems"]),
    "work": ({}, ["TransactWriteItems"]),
    "run": ({}, ["Query", "PutItem"]),
    "step": ({"status": "received"}, ["TransactWriteItems"]),
    "hook": ({"version": "1"}, ["TransactWriteItems"]),
}
"""What a function answers to its sample event, and what it calls, by the shape of its handler."""


def driven(kind: str) -> tuple[dict[str, object], list[str]]:
    """What one of a kind answers and calls: over a connection it calls, and does not answer."""
    answer, calls = DRIVEN[facts(kind)["shape"]]
    if "called" in facts(kind):
        return {"statusCode": 200}, [*calls, "PostToConnection"]
    return answer, calls


def read(kind: str) -> list[str]:
    """Return what a handler calls to read a piece of work that its event only names."""
    place = facts(kind)["testing"].get("record", {})
    return ["GetObject"] if place.get("encoding") == "object" else []


Written = dict[tuple[str, str], Run]
Otherwise = dict[str, Run]


@pytest.mark.parametrize(
    ("name", "answer", "calls"),
    [
        ("orders", {"statusCode": 201}, ["TransactWriteItems"]),
        ("shipping", {"batchItemFailures": []}, ["TransactWriteItems"]),
        ("report", {}, ["Query", "PutItem"]),
        *(
            (name, answer, [*read(kind), *calls])
            for name, kind in everything()["functions"].items()
            if name not in ("orders", "shipping", "report")
            for answer, calls in [driven(kind)]
        ),
    ],
)
def test_a_function_is_driven(
    built: Built, name: str, answer: dict[str, object], calls: list[str]
) -> None:
    module = built.language.module(name)
    function = built.functions("prod")[module]
    with Aws(PLANTED) as aws:
        (first,) = built.run(function, events(built, module)[:1], aws).invocations
    response = json.loads(first.response or "null") or {}
    assert {key: response[key] for key in answer} == answer
    assert [call.operation for call in aws.calls] == calls
    *_, last = (call for call in aws.calls if call.operation != "PostToConnection")
    assert b'"TableName":"Table"' in last.content.replace(b" ", b"")


@pytest.mark.parametrize(
    ("python_code", "nodejs_code", "reason"),
    [
        ("raise RuntimeError('no start')", "throw new Error('no start')", "no start"),
        ("import os; os._exit(1)", "process.exit(1)", "broken.handler"),
    ],
    ids=["an error", "an end"],
)
def test_what_does_not_start_is_no_run(
    tmp_path: Path, built: Built, python_code: str, nodejs_code: str, reason: str
) -> None:
    (tmp_path / "broken.py").write_text(python_code)
    (tmp_path / "broken.mjs").write_text(nodejs_code)
    with Aws() as aws, pytest.raises(Failed, match=reason):
        built.run(Function(tmp_path, "broken.handler", {}), [b"{}"], aws)


def test_nothing_that_is_secret_is_written(written: Written, otherwise: Otherwise) -> None:
    told = [
        (where, line)
        for where, done in [*written.items(), *otherwise.items()]
        for line in done.lines
        if b"planted-" in line or b"AWS4-HMAC-SHA256" in line
    ]
    assert not told, f"{len(told)} lines hold a secret, a token or a body, such as {told[:3]}"


def test_every_line_is_one_object_of_json(written: Written, otherwise: Otherwise) -> None:
    others = [
        (where, line)
        for where, done in [*written.items(), *otherwise.items()]
        for line in done.lines
        if not isinstance(_read(line), dict)
    ]
    assert not others, f"{len(others)} lines are no JSON, such as {others[:3]}"


def test_levels_are_those_of_the_environment(built: Built, written: Written) -> None:
    for (environment, module), done in written.items():
        level = json.loads((built.path / "config" / f"{environment}.json").read_text())
        least = LEVELS[level["Parameters"]["LogLevel"]]
        lines = list(map(_read, done.lines))
        lower = [line for line in lines if line and LEVELS[line.get("level", "ERROR")] < least]
        assert not lower, f"{module} in {environment}: {len(lower)} lines, such as {lower[:3]}"
        if module == "team":
            told = _messages(done)
            assert {"The team's info", "The team's warning", "Our info"} <= told
            assert ("Our debug" in told) == (environment == "dev")


def test_no_level_hides_what_fails(built: Built, otherwise: Otherwise) -> None:
    first, *_ = otherwise["quiet"].invocations
    lines = list(map(_read, first.lines))
    told = [str(line.get("message")) for line in lines]
    assert "Our info" not in told
    if built.language.name == "python":
        assert any(line.startswith("Exception in thread") for line in told)
        assert "--- Logging error ---" in told, "a failure of the logger is told nowhere"
    else:
        assert any("The team's exception" in str(line) for line in lines)


def test_who_is_drawn_logs_in_full(built: Built, otherwise: Otherwise) -> None:
    told = _messages(otherwise["drawn"])
    assert {"Our debug", "Our info", "The team's info"} <= told
    assert ("The team's debug" in told) == (built.language.name == "python")


@pytest.mark.parametrize("lot", [0.005, 0.015])
def test_the_share_that_is_drawn_is_the_one_that_is_asked_for(built: Built, lot: float) -> None:
    function = built.functions("prod", DebugSampleRate="0.01")["team"]
    with Aws(PLANTED) as aws:
        done = built.drawing(lot).run(function, events(built, "team"), aws)
    assert ("Our debug" in _messages(done)) == (lot < 0.01)


def test_a_failure_says_why(written: Written, otherwise: Otherwise) -> None:
    for where, done in [*written.items(), *otherwise.items()]:
        last = done.invocations[-1]
        assert last.failed, where
        assert any(_read(line)["message"] == "The invocation failed" for line in last.lines), where
    team = b"".join(written["prod", "team"].lines)
    assert b"gone" in team, "the team's function ends before it fails as it should"
    denied = [one for one in otherwise["denied"].invocations if one.failed]
    assert b"PaymentKeySecret-a1b2c3 cannot be read" in b"".join(denied[0].lines)


def test_a_warm_request_writes_little(written: Written) -> None:
    _, warm, *_ = written["prod", "orders"].invocations
    assert warm.size <= 800, f"{warm.size} bytes: {warm.lines}"


@pytest.mark.parametrize("built", languages()[1:], indirect=True, ids=str)
def test_a_bundle_starts_by_few_modules_whatever_it_imports_later(built: Built) -> None:
    for folder in (built.path / ".build/local/package").iterdir():
        modules = [f"{folder.name}.mjs"]  # it grows while it is gone through
        for module in modules:
            code = (folder / module).read_text()
            imported = re.findall(r'(?:from|import)"\./([^"]+)"', code)
            modules += [name for name in imported if name not in modules]
        assert len(modules) <= 4, f"{folder.name}: Node.js reads them one by one: {modules}"


def _messages(done: Run) -> set[str]:
    return {str(line.get("message")) for line in map(_read, done.lines) if line}


def _read(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
