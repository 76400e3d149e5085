"""Every rule finds its defect and no other; what is right in another way passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden_path.rules import RULES, Rule

from tests.rules.mutants import MUTANTS, Mutant
from tests.rules.planting import DROP, line_of
from tests.rules.service import Service

_QUEUE_ARN = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${WorkerQueue.QueueName}"
_STATEMENTS = "WorkerRole.Policies.0.PolicyDocument.Statement"
_BY_ENVIRONMENT = "!FindInMap [Sizes, !Ref Environment, %s]"

# Good in another way than the golden path writes it.
VARIATIONS = {
    "a queue's ARN built by hand": {f"{_STATEMENTS}.2.Resource": f"!Sub {_QUEUE_ARN}"},
    "numbers that depend on one condition": {
        "WorkerFunction.Timeout": "!If [Patient, 100, 10]",
        "WorkerQueue.VisibilityTimeout": "!If [Patient, 601, 61]",
    },
    "numbers by environment": {
        "Resources.WorkerFunction.Properties.Timeout": _BY_ENVIRONMENT % "Timeout",
        "Resources.WorkerQueue.Properties.VisibilityTimeout": _BY_ENVIRONMENT % "Hidden",
        "Mappings": "{Sizes: {dev: {Timeout: 9, Hidden: 55}, staging: {Timeout: 9, Hidden: 55}, "
        "prod: {Timeout: 90, Hidden: 541}}}",
    },
    "an alias named after a colon": {"OwnRule.Targets.0.Arn": "!Sub '${ReportFunction.Arn}:live'"},
    "a rotation by an alias": {
        "RotatePaymentKeySchedule.RotationLambdaARN": "!Ref RotatePaymentKeyFunction.Alias",
        "RotatePaymentKeyPermission.FunctionName": "!Ref RotatePaymentKeyFunction.Alias",
    },
    "a key of one's own": {
        "WorkerQueue.SqsManagedSseEnabled": DROP,
        "WorkerQueue.KmsMasterKeyId": "alias/own",
    },
    "a table that goes with a stack that was never made": {
        "Table:DeletionPolicy": "RetainExceptOnCreate"
    },
    "a denial of everything": {f"{_STATEMENTS}.3": "{Effect: Deny, Action: '*', Resource: '*'}"},
    "an invocation of nobody's function": {
        f"{_STATEMENTS}.3.Action": "lambda:InvokeFunction",
        f"{_STATEMENTS}.3.Resource": "arn:aws:lambda:eu-west-1:123456789012:function:other:live",
    },
    "a team's own handler among the golden path's": {
        "OwnFunction.Handler": "service.handlers.statements.handler"
    },
    "permissions under a condition": {
        f"{_STATEMENTS}.3": "!If [Stores, {Effect: Allow, Action: dynamodb:PutItem, "
        "Resource: !GetAtt Table.Arn}, !Ref AWS::NoValue]"
    },
    "blocks under a condition": {
        "WorkerQueue.RedrivePolicy": "!If [Strict, {deadLetterTargetArn: !GetAtt "
        "WorkerDeadLetters.Arn}, {deadLetterTargetArn: !GetAtt ReportDeadLetters.Arn}]",
        "Table.PointInTimeRecoverySpecification": "!If [Strict, {PointInTimeRecoveryEnabled: true, "
        "RecoveryPeriodInDays: 35}, {PointInTimeRecoveryEnabled: true}]",
    },
    "a key of another stack": {"AlarmTopic.KmsMasterKeyId": "!ImportValue alarm-key"},
    "a topic without a key": {"AlarmTopic.KmsMasterKeyId": DROP},
    "an alarm on a metric of one's own": {"OwnDuration.Threshold": "1"}
    | {"OwnErrors.Metrics.1.Expression": "errors + throttles + METRICS('orders')"},
    "a dead-letter queue of another stack": {
        "WorkerQueue.RedrivePolicy.deadLetterTargetArn": "!ImportValue shared-dead-letters"
    },
}


def test_the_good_service_is_clean(good: Service, tmp_path: Path) -> None:
    assert [str(finding) for finding in good.judge(tmp_path)] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_defect_is_found_where_it_is(mutant: Mutant, good: Service, tmp_path: Path) -> None:
    # Given the good service with one defect
    mutated = good.but(template=mutant.plant, answers=mutant.answers)

    # When the rules judge it
    findings = mutated.judge(tmp_path)

    # Then they name the rule and nothing else, and point at the line
    assert {finding.rule for finding in findings} == {mutant.rule}
    file, text = ("template.yaml", mutated.template)
    if mutant.place.startswith("functions."):
        file, text = (".copier-answers.yml", mutated.answers)
    expected = (str(tmp_path / file), line_of(text, mutant.place), mutant.resource)
    assert expected in [(finding.file, finding.line, finding.resource) for finding in findings]


@pytest.mark.parametrize("changes", VARIATIONS.values(), ids=VARIATIONS)
def test_what_is_good_in_another_way_passes(
    changes: dict[str, str | None], good: Service, tmp_path: Path
) -> None:
    assert [str(finding) for finding in good.but(template=changes).judge(tmp_path)] == []


def test_a_renamed_function_keeps_its_logical_ids(good: Service, tmp_path: Path) -> None:
    renamed = good.but(
        template={"WorkerFunction.Handler": "service.handlers.order_intake.handler"},
        answers={"functions.worker": DROP, "functions.order-intake": "{trigger: sqs, id: worker}"},
    )
    assert [str(finding) for finding in renamed.judge(tmp_path)] == []


def test_no_rule_goes_untried() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_explains_itself_in_sentences(rule: type[Rule]) -> None:
    for sentence in (f"{rule.title}.", rule.why, rule.mend):
        assert sentence.endswith(".")
        assert not sentence.endswith("..")
        assert sentence[0].isupper()
