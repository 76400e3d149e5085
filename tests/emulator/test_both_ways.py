"""`make deploy` and the workflow in turn on one stack, its names cut and its roles enforced."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import SetUp
from tests.emulator.conftest import PYTHON
from tests.emulator.delivery import ARCHITECTURE, Delivered
from tests.emulator.samples import SAMPLES
from tests.emulator.workflow import ACCOUNT, Workflow

SERVICE = "a-name-of-23-characters"
STACK = f"{SERVICE}-dev"
REPOSITORY = "example@12/items@345"
ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "delivery": "both",
    "environments": ["dev", "prod"],
    "functions": {
        "items": "http_api",
        "payment-notifications": {"trigger": "sqs", "secrets": ["payment-key"]},
        "a-function-name-of-32-characters": "schedule",
    },
    "repository": REPOSITORY,
    "secrets": {"payment-key": "high"},
    "service_name": SERVICE,
}


@dataclass
class BothWays:
    """A service, and what a release of it is called."""

    service: Delivered
    workflow: Workflow
    sample = SAMPLES[PYTHON.name]

    def write(self, release: str, *, starts: bool = True) -> None:
        text = self.sample.release.replace("RELEASE", release)
        if not starts:
            text = text.replace(*self.sample.starts)
        (self.service.folder / self.sample.handler).write_text(text, encoding="utf-8")

    def by_hand(self, _name: str) -> subprocess.CompletedProcess[str]:
        return self.service.make("deploy", "ENV=dev")

    def by_the_workflow(self, name: str) -> subprocess.CompletedProcess[str]:
        """Release it as the workflow does, with the role of its job."""
        self.service.made("build")
        role = self.workflow.become(f"arn:aws:iam::{ACCOUNT}:role/{STACK}-action", "dev")
        job = Delivered(
            self.service.folder, PYTHON, self.service.local, self.service.environment | role
        )
        job.made("package", f"BUCKET={STACK}-artifacts-{ACCOUNT}")
        job.made("change-set", "ENV=dev", f"NAME=release-{name}")
        return job.make("execute", "ENV=dev", f"NAME=release-{name}")

    def resources(self) -> dict[str, str]:
        """The names of the stack's resources, by logical id."""
        pages = self.service.client("cloudformation").get_paginator("list_stack_resources")
        return {
            row["LogicalResourceId"]: row["PhysicalResourceId"]
            for page in pages.paginate(StackName=STACK)
            for row in page["StackResourceSummaries"]
        }

    def served(self) -> str:
        """Where the code lies that serves."""
        found = self.service.client("lambda").get_function(
            FunctionName=self.resources()["ItemsFunction"], Qualifier="live"
        )
        return str(found["Configuration"]["CodeSha256"])

    @property
    def status(self) -> str:
        return self.service.stacks()[STACK]


@pytest.fixture(scope="module")
def stack(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothWays]:
    """A service that was released by hand before its delivery was prepared."""
    tools = (".tools/sam/.ready", ".tools/emulator/.ready")
    folder = set_up(tmp_path_factory.mktemp("both"), *tools, **ANSWERS)
    service = Delivered.start(folder, PYTHON)
    try:
        made = BothWays(service, Workflow(service, tmp_path_factory.mktemp("runs"), REPOSITORY))
        made.write("first")
        service.made("deploy", "ENV=dev")
        yield made
    finally:
        service.stop()


def prepare(service: Delivered) -> None:
    """Prepare the delivery to dev."""
    issuer = "https://token.actions.githubusercontent.com"
    service.client("iam").create_open_id_connect_provider(
        Url=issuer, ClientIDList=["sts.amazonaws.com"]
    )
    asked = service.make("bootstrap", "ENV=dev")
    assert "a release to dev, which nobody approves, may make a role that reaches prod" in (
        asked.stdout
    )
    assert "Add YES=1: there is no terminal to ask on. Nothing is done." in asked.stderr
    service.made("bootstrap", "ENV=dev", "YES=1")
    # It refuses what is not encrypted on its way, and the emulator speaks HTTP.
    service.client("s3").delete_bucket_policy(Bucket=f"{STACK}-artifacts-{ACCOUNT}")


def test_each_way_goes_on_from_the_other_and_back_to_it(stack: BothWays) -> None:
    # Given a release by hand, of before there were roles
    prepare(stack.service)
    named = stack.resources()
    cut = [name for name in named.values() if name.startswith(f"{STACK[:25]}-")]
    assert len(cut) > 3, "no name is cut"

    for number, way in enumerate((stack.by_the_workflow, stack.by_hand)):
        # When one fails that comes the other way, then the stack is as it was
        served = stack.served()
        stack.write("bad", starts=False)
        done = way(f"bad-{number}")
        assert done.returncode, f"it is released:\n{done.stdout}"
        assert stack.status == "UPDATE_ROLLBACK_COMPLETE", done.stdout + done.stderr
        assert stack.served() == served
        # And a good one goes through
        stack.write(f"good-{number}")
        done = way(f"good-{number}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert stack.served() != served
    lasting = {id_: name for id_, name in named.items() if "Version" not in id_}
    assert stack.resources() | lasting == stack.resources(), "something was replaced"
