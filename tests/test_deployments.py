"""Releases: how fast traffic moves, by environment, and what can stop it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from golden_path.document import Document

from tests.conftest import Render, named_answers

ALL, STAGED, TENTH = "AllAtOnce", "Linear10PercentEvery1Minute", "Canary10Percent10Minutes"


def types(service: Path) -> dict[str, str]:
    return {
        path.stem: json.loads(path.read_text())["Parameters"]["DeploymentType"]
        for path in (service / "config").glob("*.json")
    }


@pytest.mark.parametrize(
    ("environments", "wanted"),
    [
        (["dev", "staging", "prod"], {"dev": ALL, "staging": STAGED, "prod": TENTH}),
        (["dev", "staging"], {"dev": ALL, "staging": TENTH}),
        (["dev"], {"dev": TENTH}),
    ],
    ids=str,
)
def test_the_last_environment_is_production_and_shifts_carefully(
    environments: list[str], wanted: dict[str, str], render: Render
) -> None:
    service = render(environments=environments)
    assert types(service) == wanted
    page = (service / "docs/releases.md").read_text()
    told = dict(re.findall(r"^\| (dev|staging|prod) \| (\w+) \|", page, re.MULTILINE))
    assert told == wanted, "the page tells of other releases than are made"


@pytest.mark.parametrize("answers", named_answers().values(), ids=named_answers())
def test_the_hook_probes_every_function_and_each_has_its_gate(
    answers: dict[str, Any], render: Render
) -> None:
    resources = Document.read(render(**answers) / "template.yaml").data["Resources"]
    functions = {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    hook = functions.pop("PreTrafficFunction")

    _, versions = hook["Environment"]["Variables"]["VERSIONS"]["Fn::Join"]
    assert {version["Ref"] for version in versions} == {f"{name}.Version" for name in functions}

    for name, function in functions.items():
        stem = name.removesuffix("Function")
        gates = function.get("DeploymentPreference", {}).get("Alarms", [])
        # A rotation runs once in many days, and never while traffic shifts.
        wanted = [] if f"{stem}Schedule" in resources else [{"Ref": f"{stem}ReleaseAlarm"}]
        assert gates == wanted
