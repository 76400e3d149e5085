"""How findings are written: for people, for programs, for the code host."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Any

from golden_path.finding import Finding
from golden_path.rules import RULES

# https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def released() -> str:
    """The version of this package; 0 where it runs from its sources."""
    try:
        return version("golden-path")
    except PackageNotFoundError:
        return "0"


def level(rule: str) -> str:
    """How grave it is: a fact that will hurt is an error, another way than ours a note."""
    return "note" if RULES[rule].style else "error"


def as_text(findings: list[Finding]) -> str:
    """A line for each."""
    return "".join(f"{finding}\n" for finding in findings)


def as_json(findings: list[Finding]) -> str:
    """A list of objects."""
    rows = (finding.as_dict() | {"level": level(finding.rule)} for finding in findings)
    return json.dumps(list(rows), indent=2) + "\n"


def as_github(findings: list[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    names = {"error": "error", "note": "notice"}
    return "".join(
        f"::{names[level(one.rule)]} file={_value(one.file)},line={one.line},title={one.rule}::"
        f"{_data(f'{one.resource}: {one.problem} {one.mend}')}\n"
        for one in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: list[Finding]) -> str:
    """SARIF 2.1.0, with the rules that were broken."""
    broken = sorted({finding.rule for finding in findings})
    driver = {
        "name": "golden-path",
        "version": released(),
        "rules": [_rule(id_) for id_ in broken],
    }
    results = [_result(finding, broken.index(finding.rule)) for finding in findings]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "utf16CodeUnits"}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(id_: str) -> dict[str, Any]:
    rule = RULES[id_]
    return {
        "id": id_,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.mend},
        "defaultConfiguration": {"level": level(id_)},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": PurePath(finding.file).as_posix()},
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.rule),
        "message": {"text": f"{finding.resource}: {finding.problem} {finding.mend}"},
        "locations": [{"physicalLocation": place}],
    }


FORMATS: dict[str, Callable[[list[Finding]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
