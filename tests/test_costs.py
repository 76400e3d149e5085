"""What a service costs when nothing runs: its README says what its stacks hold."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document
from golden_path.template import load

from docs.written.facts import kind, kind_names
from tests.conftest import ROOT, Render, named_answers

OF_KINDS = {row["type"]: row for name in kind_names() for row in kind(name).get("costs", [])}
PRICES = yaml.safe_load((ROOT / "template/prices.yml").read_text()) | OF_KINDS
PAID = {
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::KMS::Key": "keys",
    "AWS::SecretsManager::Secret": "secrets",
} | {type_: type_ for type_ in OF_KINDS}
# Of these, what is not used costs nothing: their pages of prices, read in November 2026.
FREE = {
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::StepFunctions::StateMachine",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::RotationSchedule",
}


def held(service: Path) -> Counter[str]:
    """What a stack holds of each thing that is paid though nothing runs."""
    found = Counter[str]()
    for name, body in load(service / "template.yaml").resources.items():
        if body["Type"] in FREE:
            continue
        if body["Type"] == "AWS::KMS::Key" and name != "AlarmKey":
            found["own_keys"] += 1
            continue
        metrics = [one for one in body["Properties"].get("Metrics", []) if "MetricStat" in one]
        found[PAID[body["Type"]]] += max(1, len(metrics))
    return found


@pytest.mark.parametrize("answers", named_answers().values(), ids=named_answers())
def test_the_readme_counts_what_the_stack_holds(answers: dict[str, Any], render: Render) -> None:
    service = render(**answers)
    readme = (service / "README.md").read_text()
    row = r"^\| \[(.+?)\]\((\S+)\).* \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$"
    told = {what: rest for what, *rest in re.findall(row, readme, re.MULTILINE)}
    stack = held(service)
    assert told == {
        price["what"]: [
            price["page"],
            str(stack[name]),
            f"{price['cents'] / 100:.2f}",
            f"{price['cents'] * stack[name] / 100:.2f}",
        ]
        for name, price in PRICES.items()
        if name in stack
    }
    cents = sum(PRICES[name]["cents"] * count for name, count in stack.items())
    assert f"**{cents / 100:.2f}**" in readme
    environments = len(list((service / "config").glob("*.json")))
    assert environments == 1 or f"That is {environments * cents / 100:.2f} for" in readme


def test_the_pipeline_has_two_keys(render: Render) -> None:
    service = render()
    resources = Document.read(service / "pipeline/pipeline.yaml").data["Resources"].values()
    keys = [body for body in resources if body["Type"] == "AWS::KMS::Key"]
    assert (
        f"two keys cost {len(keys) * PRICES['keys']['cents'] / 100:.2f} more"
        in (service / "README.md").read_text()
    )
