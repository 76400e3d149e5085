"""Every rule finds its defect and no other; what is right in another way passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from golden_path.rules import RULES, Rule

from tests.rules.delivery_mutants import DELIVERY_MUTANTS
from tests.rules.deployment_mutants import DEPLOYMENT_MUTANTS
from tests.rules.fed_mutants import FED_MUTANTS
from tests.rules.mutants import Mutant
from tests.rules.of_kinds import MUTANTS_OF_KINDS
from tests.rules.planting import DROP
from tests.rules.resource_mutants import RESOURCE_MUTANTS
from tests.rules.role_mutants import ROLE_MUTANTS
from tests.rules.service import Service, at

OWN_MUTANTS = [
    *ROLE_MUTANTS,
    *DEPLOYMENT_MUTANTS,
    *RESOURCE_MUTANTS,
    *MUTANTS_OF_KINDS,
    *DELIVERY_MUTANTS,
]

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
    "the objects of one bucket": {
        f"{_STATEMENTS}.3.Action": "s3:GetObject",
        f"{_STATEMENTS}.3.Resource": "arn:aws:s3:::example-prices/*",
    },
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

_ARN = "arn:${AWS::Partition}:iam::%s:role/%s"

DELIVERY_VARIATIONS = {
    "a trust that names the role itself": (
        "account",
        {
            "ActionRole.AssumeRolePolicyDocument.Statement.0.Condition": DROP,
            "ActionRole.AssumeRolePolicyDocument.Statement.0.Principal": "{AWS: !Sub '%s'}"
            % (_ARN % ("444444444444", "items-service-pipeline")),
        },
    ),
    "a key for each region": (
        "pipeline",
        {
            "Pipeline.ArtifactStore": DROP,
            "Pipeline.ArtifactStores": "[{Region: eu-west-1, ArtifactStore: {Type: S3, Location: "
            "!Ref ArtifactBucket, EncryptionKey: {Type: KMS, Id: !Ref ArtifactKey}}}]",
        },
    ),
    "a bucket that says what its own roles may do": (
        "pipeline",
        {
            "ArtifactBucketPolicy.PolicyDocument.Statement.2.Principal.AWS": (
                "[!Sub 'arn:${AWS::Partition}:iam::111111111111:root', "
                "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/items-service-pipeline']"
            )
        },
    ),
    "a rollback where nobody is asked": (
        "pipeline",
        {"Pipeline.Stages.2.OnFailure": "{Result: ROLLBACK}"},
    ),
}


@pytest.mark.parametrize("service", ["good", "every_kind"])
def test_the_good_service_is_clean(
    service: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    judged = request.getfixturevalue(service).judge(tmp_path)
    assert [str(finding) for finding in judged] == []


@pytest.mark.parametrize("stack", ["pipeline", "account"])
def test_the_stacks_that_deliver_it_are_clean(
    stack: str, delivered: Service, tmp_path: Path
) -> None:
    assert [str(finding) for finding in delivered.judge(tmp_path, stack)] == []


@pytest.mark.parametrize("mutant", OWN_MUTANTS, ids=str)
def test_a_defect_is_found_where_it_is(
    mutant: Mutant,
    good: Service,
    of_kind: Callable[[str], Service],
    delivered: Service,
    tmp_path: Path,
) -> None:
    # Given a good service with one defect
    of_stack = delivered if mutant.file in ("pipeline", "account") else good
    service = of_kind(mutant.kind) if mutant.kind else of_stack
    mutated = service.but(**{mutant.file: mutant.plant}, answers=mutant.answers)

    # When the rules judge it
    findings = mutated.judge(tmp_path, mutant.file)

    # Then they name the rule and nothing else, and point at the line
    assert {finding.rule for finding in findings} == {mutant.rule}
    assert mutated.place(mutant, tmp_path) in map(at, findings)


@pytest.mark.parametrize("changes", VARIATIONS.values(), ids=VARIATIONS)
def test_what_is_good_in_another_way_passes(
    changes: dict[str, str | None], good: Service, tmp_path: Path
) -> None:
    assert [str(finding) for finding in good.but(template=changes).judge(tmp_path)] == []


@pytest.mark.parametrize(
    ("stack", "changes"), DELIVERY_VARIATIONS.values(), ids=DELIVERY_VARIATIONS
)
def test_what_is_delivered_well_in_another_way_passes(
    stack: str, changes: dict[str, str | None], delivered: Service, tmp_path: Path
) -> None:
    changed = delivered.but(**{stack: changes})
    assert [str(finding) for finding in changed.judge(tmp_path, stack)] == []


def test_an_approval_in_a_stage_before_is_no_approval(delivered: Service, tmp_path: Path) -> None:
    # Given a pipeline whose production is two stages, the change set and its approval in the first
    cut = "\n            - Name: Execute\n              RunOrder: 4\n"
    assert delivered.pipeline.count(cut) == 1
    split = delivered.pipeline.replace(cut, f"\n        - Name: Release\n          Actions:{cut}")

    # When the rules judge it
    findings = replace(delivered, pipeline=split).judge(tmp_path, "pipeline")

    # Then they name both: what it executes is not what it made, and nobody approved it there
    assert {finding.rule for finding in findings} == {"GP911", "GP912"}


def test_a_renamed_function_keeps_its_logical_ids(good: Service, tmp_path: Path) -> None:
    renamed = good.but(
        template={"WorkerFunction.Handler": "service.handlers.order_intake.handler"},
        answers={"functions.worker": DROP, "functions.order-intake": "{trigger: sqs, id: worker}"},
    )
    assert [str(finding) for finding in renamed.judge(tmp_path)] == []


def test_no_rule_goes_untried() -> None:
    tried = {mutant.rule for mutant in OWN_MUTANTS + FED_MUTANTS}
    # What git knows, or a file beside the template, is tried where services are updated.
    assert tried | {"GP961", "GP962"} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_explains_itself_in_sentences(rule: type[Rule]) -> None:
    for sentence in (f"{rule.title}.", rule.why, rule.mend):
        assert sentence.endswith(".")
        assert not sentence.endswith("..")
        assert sentence[0].isupper()
