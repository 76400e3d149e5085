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
def test_each_function_has_its_gate(answers: dict[str, Any], render: Render) -> None:
    resources = Document.read(render(**answers) / "template.yaml").data["Resources"]
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Serverless::Function" or name == "PreTrafficFunction":
            continue
        stem = name.removesuffix("Function")
        gates = resource["Properties"].get("DeploymentPreference", {}).get("Alarms")
        # A rotation runs once in many days, and never while traffic shifts.
        if f"{stem}Schedule" in resources:
            assert gates is None
            continue
        events = resource["Properties"].get("Events", {}).values()
        in_part = any("FunctionResponseTypes" in one["Properties"] for one in events)
        signals = ["Release", "ReleaseMessages"] if in_part else ["Release"]
        wanted = [{"Ref": f"{stem}{signal}Alarm"} for signal in signals]
        assert gates == {"Fn::If": ["Shifting", wanted, []]}, "it may refuse what mends it"


DEPLOYING = ("CodeDeployRole", "PreTrafficFunction", "PreTrafficRole")
MANY = {f"worker-{number}": "sqs" for number in range(5)}


def deploying(service: Path) -> list[Any]:
    """What brings traffic to new versions."""
    resources = Document.read(service / "template.yaml").data["Resources"]
    return [resources[name] for name in DEPLOYING]


def test_what_deploys_does_not_grow_with_the_functions(render: Render) -> None:
    assert deploying(render(functions=MANY)) == deploying(render(functions={"worker": "sqs"}))


@pytest.mark.parametrize(("length", "cut"), [(17, False), (18, True)])
def test_roles_name_each_function_where_names_are_cut(
    length: int, cut: bool, render: Render
) -> None:
    roles = json.dumps(deploying(render(functions=MANY, service_name="s" * length)))
    # `SERVICE-staging` fits into 25 characters, or does not.
    for function in MANY:
        stem = function.title().replace("-", "")
        assert roles.count(f"{stem}Function.Arn") == (2 if cut else 0)
