"""A commit on its way to production: approved, rejected, failing its tests, overtaken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from golden_path.document import Document

from tests.conftest import SetUp
from tests.emulator.conftest import of_any_language
from tests.emulator.delivery import ARCHITECTURE, PROD, Delivered, Overtaken, Releases, delivering
from tests.emulator.pipeline import Pipeline, Record, Run
from tests.languages import Language

ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api"},
    "repository": "example/items",
}
DEV = "items-service-dev"
ACCOUNT = "000000000000"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/{'0' * 36}"


class Production(Releases):
    """What is live, and the pipeline that brings it there."""

    def __init__(self, service: Delivered, pipeline: Pipeline) -> None:
        super().__init__(service)
        self.pipeline = pipeline

    def change_set(self, run: Run) -> Any:
        """The change set of a run in production."""
        return self.described(f"release-{run.id}")


@pytest.fixture(scope="module")
def production(
    language: Language, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Production]:
    """A service whose first release was approved."""
    with delivering(language, ANSWERS, set_up, tmp_path_factory) as service:
        pipeline = Pipeline(service, tmp_path_factory.mktemp("runs"), known(service))
        made = Production(service, pipeline)
        made.time_out_after(6)
        run = pipeline.release(lambda _: True)
        assert run.status == "Succeeded", "\n".join(run.log)
        yield made


def known(service: Delivered) -> dict[str, str]:
    """Deploy the stacks of delivery; return what the pipeline's template refers to."""
    for environment in ANSWERS["environments"]:
        service.made("bootstrap", f"ENV={environment}", "YES=1")
    # As `make pipeline` does, for which AWS would say whether a connection is authorised.
    stack = "items-service-pipeline"
    service.create(stack, "pipeline/pipeline.yaml", ConnectionArn=CONNECTION)
    rows = service.client("cloudformation").list_stack_resources(StackName=stack)
    found = {
        row["LogicalResourceId"]: row["PhysicalResourceId"]
        for row in rows["StackResourceSummaries"]
    }
    key = service.client("kms").describe_key(KeyId=found["ArtifactKey"])["KeyMetadata"]["Arn"]
    template = Document.read(service.folder / "pipeline/pipeline.yaml").data
    projects = {
        name: name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CodeBuild::Project"
    }
    own = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": "eu-west-1"}
    given = {"ConnectionArn": CONNECTION, "Repository": "example/items", "Branch": "main"}
    arns = {f"{name}.Arn": f"arn:aws:iam::{ACCOUNT}:role/{role}" for name, role in found.items()}
    for row in rows["StackResourceSummaries"]:
        if row["ResourceType"] == "AWS::IAM::Role":
            open_to_root(service, row["PhysicalResourceId"])
    service.allow_http(found["ArtifactBucket"])
    return found | arns | {"ArtifactKey.Arn": key} | projects | own | given


def open_to_root(service: Delivered, role: str) -> None:
    """Let the emulator's root be the service of AWS that becomes a role."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    service.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)


@dataclass
class Told(Overtaken):
    """With what each approval shows."""

    asked: list[Record] = field(default_factory=list)


@pytest.fixture(scope="module")
def overtaken(production: Production) -> Told:
    """What becomes of both, and what somebody sees who approves the first."""
    found = Told(production.live())

    def reject_second(shown: Record) -> bool:
        found.asked.append(shown)
        found.live.append(production.live())
        found.events = production.events()
        return False

    def approve_first(shown: Record) -> bool:
        found.asked.append(shown)
        found.live.append(production.live())
        (stage,) = [run for run in production.pipeline.runs if run.inside]
        found.change_set, found.code = production.change_set(stage), production.code
        build = f"arn:aws:iam::{ACCOUNT}:role/items-service-pipeline-build"
        s3 = production.service.client_as([build], "s3")
        production.exchange(f"release-{stage.id}", s3)
        assert production.live("dev") == found.before + 1
        production.time_out_after(found.before + 2)
        found.runs.append(production.pipeline.release(reject_second))  # queued meanwhile
        assert production.live("dev") == found.before + 2, (
            "the second does not go on as far as it may"
        )
        assert len(found.asked) == 1, "the second comes into the stage where the first waits"
        return True

    production.time_out_after(found.before + 1)
    found.runs.insert(0, production.pipeline.release(approve_first))
    return found


@of_any_language
def test_what_is_approved_is_live_and_is_that_very_change_set(
    production: Production, overtaken: Told
) -> None:
    first, shown, before = overtaken.runs[0], overtaken.asked[0], overtaken.before
    assert first.status == "Succeeded", "\n".join(first.log)
    assert f"ItemsFunction (Timeout: {before} -> {before + 1})" in shown["CustomData"]
    assert len(shown["CustomData"]) <= 1000
    assert shown["ExternalEntityLink"].startswith("https://builds.example/")
    overtaken.assert_the_first_is_live(production)


@of_any_language
def test_a_second_run_does_not_replace_what_was_approved(
    production: Production, overtaken: Told
) -> None:
    shown, before = overtaken.asked[1]["CustomData"], overtaken.before
    assert overtaken.live[1] == before + 1, "what was approved is not what is live"
    assert f"Timeout: {before + 1} -> {before + 2}" in shown
    assert len({production.change_set(run)["ChangeSetId"] for run in overtaken.runs}) == 2


@of_any_language
def test_what_is_rejected_changes_nothing(production: Production, overtaken: Told) -> None:
    second = overtaken.runs[1]
    assert second.status == "Failed"
    assert second.log[-1] == "Prod.Approve"
    assert production.live() == overtaken.before + 1
    assert production.events() == overtaken.events
    assert production.live("dev") == overtaken.before + 2, "dev has it: it was approved nowhere"


def test_a_release_that_fails_its_integration_tests_does_not_touch_production(
    production: Production, language: Language
) -> None:
    before, events = production.live(), production.events()
    production.time_out_after(before + 1)
    test = production.service.folder / "tests/integration" / language.test.format("items")
    text = test.read_text(encoding="utf-8")
    test.write_text(f"{text}{language.failing}")
    # when
    run = production.pipeline.release(lambda _: pytest.fail("somebody is asked to approve it"))
    test.write_text(text, encoding="utf-8")
    # then
    assert run.status == "Failed"
    assert "test_more" in run.log[-1]
    assert run.log[-2] == "Dev.Test"
    assert production.events() == events
    assert production.live() == before
    stacks = production.service.client("cloudformation")
    names = [row["ChangeSetName"] for row in stacks.list_change_sets(StackName=PROD)["Summaries"]]
    assert f"release-{run.id}" not in names
