"""A service that is released by hand and by its workflow, with names that AWS cuts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.accounts import ISSUER
from tests.emulator.conftest import PYTHON
from tests.emulator.delivery import Delivered
from tests.emulator.samples import SAMPLES
from tests.emulator.workflow import ACCOUNT, Workflow
from tests.github import GitHub

SERVICE = "a-name-of-23-characters"
STACK = f"{SERVICE}-dev"
REPOSITORY = "example@12/items@345"


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

    def prepare(self) -> None:
        """Prepare the delivery to dev."""
        self.service.made("bootstrap", "ENV=dev", "YES=1")
        # It refuses what is not encrypted on its way, and the emulator speaks HTTP.
        self.service.client("s3").delete_bucket_policy(Bucket=f"{STACK}-artifacts-{ACCOUNT}")


@contextmanager
def both_ways(service: Path, runs: Path) -> Iterator[BothWays]:
    """Have a service that is set up on an emulator that knows GitHub, and no more."""
    github = GitHub(runs, "example/items")
    github.name_by_numbers(True)
    for place in ("dev", "prod-review", "prod"):
        github.have(place, "main")
    made = Delivered.start(service, PYTHON, PATH=github.path)
    try:
        made.client("iam").create_open_id_connect_provider(
            Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"]
        )
        yield BothWays(made, Workflow(made, runs, REPOSITORY))
    finally:
        made.stop()
