"""Every rule finds its defect and no other; the good service has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Service
from golden_path.rules import RULES
from mutants import MUTANTS, Mutant
from planting import line_of, plant


def test_the_good_service_is_clean(good: Service, tmp_path: Path) -> None:
    assert [str(finding) for finding in good.judge(tmp_path)] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_defect_is_found_where_it_is(mutant: Mutant, good: Service, tmp_path: Path) -> None:
    # Given the good service with one defect
    template, answers = good.template, good.answers
    for path, value in mutant.plant.items():
        template = plant(template, path, value)
    for path, value in mutant.answers.items():
        answers = plant(answers, path, value)
    mutated = Service(template, answers)

    # When the rules judge it
    findings = mutated.judge(tmp_path)

    # Then they name the rule and nothing else, and point at the line
    assert {finding.rule for finding in findings} == {mutant.rule}
    place = mutant.at or f"Resources.{mutant.resource}"
    in_answers = place.startswith("functions.")
    file = tmp_path / (".copier-answers.yml" if in_answers else "template.yaml")
    expected = (str(file), line_of(answers if in_answers else template, place), mutant.resource)
    assert expected in [(finding.file, finding.line, finding.resource) for finding in findings]


def test_no_rule_goes_untried() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=str)
def test_a_rule_explains_itself_in_sentences(rule: type) -> None:
    assert rule.__doc__ is None or rule.__doc__.strip()
    for sentence in (rule.why, rule.mend):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    assert not rule.title.endswith(".")
