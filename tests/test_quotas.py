"""What AWS allows: a service that would not fit is refused, and what is rendered fits."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from golden_path.check import check
from golden_path.quotas import QUOTAS
from golden_path.template import load

from tests.conftest import ROOT, Render
from tests.updates.cover import shared

KINDS = [path.parent.name for path in sorted(ROOT.glob("template/kinds/*/kind.yml"))]
ALARM = "AWS::CloudWatch::Alarm"
MOST = QUOTAS["resources"].most


def facts(file: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "template" / file).read_text())


def counted(service: Path) -> int:
    """How many resources CloudFormation is handed, alarms apart."""
    types = Counter(body["Type"] for body in load(service / "template.yaml").resources.values())
    return types.total() - types[ALARM]


STACK, FUNCTION = facts("resources.yml")["stack"], facts("resources.yml")["function"]
EMAIL = "team@example.com"
NAME = "s" * 23  # as long as it may be: roles then name each function


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_of_a_kind_say_how_many_resources_it_makes(kind: str, render: Render) -> None:
    own = facts(f"kinds/{kind}/kind.yml")["resources"]
    for names in (["one"], ["one", "two"]):
        service = render(functions=dict.fromkeys(names, kind), alarm_email=EMAIL)
        each = FUNCTION + own["each"]
        assert counted(service) == STACK + own.get("once", 0) + each * len(names)


def test_the_facts_of_secrets_say_how_many_resources_they_make(render: Render) -> None:
    level = facts("secrets/levels.yml")["high"]["resources"]
    rotation = FUNCTION + facts("rotation/kind.yml")["resources"]["each"]
    without = counted(render(functions={"one": "sqs"}, alarm_email=EMAIL))
    for secrets, more in (
        ({"key": "high"}, level),
        ({"key": {"level": "high", "rotate": 30}}, level + rotation),
        ({"token": "medium", "level": "low"}, 0),
    ):
        service = render(functions={"one": "sqs"}, alarm_email=EMAIL, secrets=secrets)
        assert counted(service) == without + more


def functions(count: int) -> dict[str, str]:
    """Functions of each kind in turn, if it may have more, with names as long as they may be."""
    rounds = (divmod(number, len(KINDS)) for number in range(count))
    kinds = [KINDS[at] if turn < shared(KINDS[at], count) else "sqs" for turn, at in rounds]
    return {f"f{number:02}-{'x' * 28}": kind for number, kind in enumerate(kinds)}


def refusal(template: Path, **answers: Any) -> tuple[int, int]:
    """How many functions fit, as the sentence says that refuses the answers, and what they make."""
    with pytest.raises(UserMessageError, match="Name at most") as refused:
        copier.run_copy(str(template), "nowhere", data=answers, defaults=True, quiet=True)
    found = re.search(r"at most (\d+) of .* they make (\d+) resources", str(refused.value))
    assert found, refused.value
    return int(found[1]), int(found[2])


def test_what_a_setting_brings_once_is_counted_once(copier_template: Path) -> None:
    plain, logged = (
        {f"f{number}": {"trigger": "rest_api", "access_log": given} for number in range(60)}
        for given in (False, True)
    )
    (_, made), (_, more) = (refusal(copier_template, functions=one) for one in (plain, logged))
    assert more == made + 1, "all functions share one access log"


@pytest.fixture(scope="module")
def answers(copier_template: Path) -> dict[str, Any]:
    """The most functions that are allowed, beside secrets of each kind."""
    secrets = {"key": {"level": "high", "rotate": 30}, "token": "medium", "place": "low"}
    given = {"service_name": NAME, "secrets": secrets, "alarm_email": EMAIL}
    fit, _ = refusal(copier_template, functions=functions(60), **given)
    return given | {"functions": functions(fit)}


def test_the_most_functions_that_are_allowed_fit(
    answers: dict[str, Any], render: Render, copier_template: Path
) -> None:
    service = render(**answers)
    template = service / "template.yaml"
    stack = load(template).resources
    # One function more has no place, and the sentence has counted as the transform does.
    fit = len(answers["functions"])
    more = answers | {"functions": functions(fit + 1)}
    allowed, made = refusal(copier_template, **more)
    kind = functions(fit + 1).popitem()[1]
    last = f"F{fit - len(KINDS):02}"  # the one of the same kind before
    alarms = [name for name, body in stack.items() if body["Type"] == ALARM and last in name]
    own = FUNCTION + facts(f"kinds/{kind}/kind.yml")["resources"]["each"] + len(alarms)
    assert allowed == fit
    assert len(stack) == made - own <= MOST < made
    # No other quota is nearer.
    assert [one for one in check(template) if one.rule.startswith("GP95")] == []


def test_a_living_service_goes_on_as_long_as_it_does_not_grow(
    answers: dict[str, Any], render: Render, tmp_path: Path
) -> None:
    # given a service that is larger than a new one may be
    service = shutil.copytree(render(functions={"one": "sqs"}), tmp_path / "service")
    file = service / ".copier-answers.yml"
    size = len(answers["functions"]) + 1
    stored = yaml.safe_load(file.read_text()) | answers | {"functions": functions(size)}
    file.write_text(yaml.safe_dump(stored))

    def again(**given: Any) -> None:
        copier.run_recopy(service, data=given, defaults=True, quiet=True, overwrite=True)

    # then it is rendered, and grows no more
    again(owner="others")
    assert yaml.safe_load(file.read_text())["owner"] == "others"
    with pytest.raises(
        UserMessageError, match=f"Name at most {size - 1} of these {size + 1} functions"
    ):
        again(functions=functions(size + 1))
    again(functions=functions(size - 1))


@pytest.mark.parametrize("quota", QUOTAS.values(), ids=QUOTAS)
def test_each_quota_names_its_page(quota: Any) -> None:
    assert quota.source.startswith("https://docs.aws.amazon.com/")


def test_stacks_of_delivery_fit_into_a_call(render: Render) -> None:
    answers = {"delivery": "both", "permissions_boundary": "platform/" + "b" * 100}
    service = render(service_name=NAME, functions=functions(3), **answers)
    for stack in (service / "pipeline").glob("*.yaml"):
        assert not QUOTAS["template_in_a_call"].exceeded(len(stack.read_bytes())), stack.name
