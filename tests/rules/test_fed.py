"""What feeds a function is judged by what a kind says of it, whether or not there is the kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from golden_path import kinds

from docs.written.derived import facts_for_rules
from docs.written.facts import ROOT
from tests.rules.fed_mutants import FED_MUTANTS
from tests.rules.mutants import Mutant
from tests.rules.planting import DROP
from tests.rules.service import Service, at

GIVEN: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("fed_kinds.yml").read_text()
)
_CLICKS = "OwnFeedFunction.Events.Clicks.Properties"
_POLICY = "OwnNewsQueuePolicy.PolicyDocument.Statement"

# One defect a rule, of those rules that need no facts of a kind.
OF_EVERY_MAPPING = [
    mutant
    for rule, mutant in {mutant.rule: mutant for mutant in reversed(FED_MUTANTS)}.items()
    if rule not in ("GP121", "GP305", "GP504")
]
# Of what two kinds speak.
ONCE = [one for one in FED_MUTANTS if one.rule in ("GP121", "GP303", "GP504", "GP704")]

VARIATIONS = {
    "an age instead of a count": {
        f"{_CLICKS}.MaximumRetryAttempts": "-1",
        f"{_CLICKS}.MaximumRecordAgeInSeconds": "600",
    },
    "a count by environment": {f"{_CLICKS}.MaximumRetryAttempts": "!Ref Attempts"}
    | {"Parameters.Attempts": "{Type: Number}"},
    "everybody who sends for the topic": {
        f"{_POLICY}.0.Principal": '"*"',
        f"{_POLICY}.0.Resource": '"*"',
        f"{_POLICY}.0.Condition": "{ArnLike: {aws:SourceArn: !GetAtt OwnNews.TopicArn}}",
    },
    "a policy of two services for two sources": {
        f"{_POLICY}.1": DROP,
        f"{_POLICY}.0.Principal": "{Service: [sns.amazonaws.com, events.amazonaws.com]}",
        f"{_POLICY}.0.Action": "[SQS:SendMessage]",
        f"{_POLICY}.0.Condition": "{ArnEquals: {aws:SourceArn: "
        "[!Ref OwnNews, !GetAtt OwnNewsRule.Arn]}}",
    },
    "a topic of another stack": {
        "OwnNewsFunction.Events.News.Properties.Topic": "!ImportValue news",
        f"{_POLICY}.0.Condition": "{ArnEquals: {aws:SourceArn: !ImportValue news}}",
        "OwnNewsUndelivered": DROP,
    },
    "a topic that only carries alarms": {
        "Resources.OwnAlarms": "{Type: AWS::SNS::Topic, Properties: {Subscription: "
        "[{Protocol: email, Endpoint: own@example.com}]}}"
    },
    "a topic of Kafka": {
        "Resources.OwnMapping": "{Type: AWS::Lambda::EventSourceMapping, Properties: {"
        "FunctionName: !Ref OwnFeedFunction.Alias, StartingPosition: LATEST, Topics: [own], "
        "EventSourceArn: !ImportValue kafka}}"
    },
}


@pytest.fixture
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No kind has such a source."""
    types = {one["source"]["type"] for one in GIVEN.values()}
    _be(monkeypatch, {n: one for n, one in _kinds().items() if one["source"]["type"] not in types})


@pytest.fixture
def _known(_unknown: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those kinds have it that exist only here."""
    given = {name: facts_for_rules(one, one["alarms"]) for name, one in GIVEN.items()}
    _be(monkeypatch, _kinds() | given)


def _kinds() -> dict[str, Any]:
    return kinds._facts()["kinds"]


def _be(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]) -> None:
    facts = kinds._facts() | {"kinds": given}
    monkeypatch.setattr(kinds, "_facts", lambda: facts)


@pytest.mark.parametrize("name", GIVEN)
def test_they_say_what_the_schema_lets_a_kind_say(name: str) -> None:
    schema = json.loads((ROOT / "template/kind.schema.json").read_text())
    jsonschema.validate(GIVEN[name]["source"], schema["$defs"]["source"])


@pytest.mark.usefixtures("_known")
def test_what_is_fed_well_is_clean(fed: Service, tmp_path: Path) -> None:
    assert [str(finding) for finding in fed.judge(tmp_path)] == []


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("mutant", FED_MUTANTS, ids=str)
def test_a_defect_is_found_where_it_is(mutant: Mutant, fed: Service, tmp_path: Path) -> None:
    # Given the service with one defect
    mutated = fed.but(template=mutant.plant)

    # When the rules judge it
    findings = mutated.judge(tmp_path)

    # Then they name the rule and nothing else, and point at the line
    assert {finding.rule for finding in findings} == {mutant.rule}
    assert mutated.place(mutant, tmp_path) in map(at, findings)


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("mutant", ONCE, ids=str)
def test_kinds_with_sources_of_one_type_say_a_thing_once(
    mutant: Mutant, fed: Service, tmp_path: Path
) -> None:
    assert len(fed.but(template=mutant.plant).judge(tmp_path)) == 1


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("changes", VARIATIONS.values(), ids=VARIATIONS)
def test_what_is_good_in_another_way_passes(
    changes: dict[str, str | None], fed: Service, tmp_path: Path
) -> None:
    assert [str(finding) for finding in fed.but(template=changes).judge(tmp_path)] == []


@pytest.mark.usefixtures("_unknown")
@pytest.mark.parametrize("mutant", OF_EVERY_MAPPING, ids=str)
def test_what_no_kind_knows_is_judged_too(mutant: Mutant, fed: Service, tmp_path: Path) -> None:
    findings = fed.but(template=mutant.plant).judge(tmp_path)
    assert {finding.rule for finding in findings} == {mutant.rule}
