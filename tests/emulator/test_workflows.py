"""A commit on its way to production by GitHub Actions: approved, rejected, failing, overtaken."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import SetUp
from tests.emulator.delivery import ARCHITECTURE, Delivered
from tests.emulator.workflow import Run, Workflow
from tests.osv import osv

REPOSITORY = "example@12/items@345"
ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api"},
    "delivery": "github_actions",
    "repository": REPOSITORY,
}


class Production:
    """What is live, and the change sets that are there."""

    def __init__(self, service: Delivered, workflow: Workflow) -> None:
        self.service, self.workflow = service, workflow
        self._stacks = service.client("cloudformation")

    def time_out_after(self, seconds: int) -> None:
        """Write the next commit: the function's timeout is another."""
        path = self.service.folder / "template.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.endswith("# items: seconds")]
        lines[at] = f"      Timeout: {seconds} # items: seconds"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def live(self, environment: str = "prod") -> int:
        """The timeout of the version that serves."""
        resource = self._stacks.describe_stack_resource(
            StackName=f"items-service-{environment}", LogicalResourceId="ItemsFunction"
        )
        name = resource["StackResourceDetail"]["PhysicalResourceId"]
        found = self.service.client("lambda").get_function_configuration(
            FunctionName=name, Qualifier="live"
        )
        return int(found["Timeout"])

    def change_set(self, run: Run) -> Any:
        name = run.outputs["needs.review.outputs.change-set"]
        return self._stacks.describe_change_set(StackName="items-service-prod", ChangeSetName=name)

    def events(self) -> Any:
        return self._stacks.describe_stack_events(StackName="items-service-prod")["StackEvents"]


@pytest.fixture(scope="module")
def production(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """A service whose first release was approved."""
    tools = (".tools/sam/.ready", ".tools/emulator/.ready", ".tools/audit/.ready")
    folder = set_up(tmp_path_factory.mktemp("workflows"), *tools, **ANSWERS)
    hooks = str(tmp_path_factory.mktemp("hooks"))
    with osv() as (url, _):
        service = Delivered.start(folder, OSV=url, PRE_COMMIT_HOME=hooks)
        try:
            for environment in ("dev", "prod"):
                bootstrap(service, environment)
            workflow = Workflow(service, tmp_path_factory.mktemp("runs"), REPOSITORY)
            made = Production(service, workflow)
            made.time_out_after(6)
            run = workflow.release(lambda _: True)
            assert set(run.results.values()) == {"success"}, run.log
            yield made
        finally:
            service.stop()


def bootstrap(service: Delivered, environment: str) -> None:
    stacks = service.client("cloudformation")
    name = f"items-service-{environment}-delivery"
    stacks.create_stack(
        StackName=name,
        TemplateBody=(service.folder / "pipeline/account.yaml").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "Environment", "ParameterValue": environment}],
    )
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    # It refuses what is not encrypted on its way, and the emulator speaks HTTP.
    bucket = f"items-service-{environment}-artifacts-000000000000"
    service.client("s3").delete_bucket_policy(Bucket=bucket)


def test_what_is_approved_is_live_and_is_that_very_change_set(production: Production) -> None:
    production.time_out_after(7)
    asked: dict[str, Any] = {}

    def approve(run: Run) -> bool:
        asked.update(production.change_set(run))
        assert production.live("dev") == 7
        assert production.live() == 6, "it is live before it is approved"
        return True

    # when
    run = production.workflow.release(approve)
    # then
    assert set(run.results.values()) == {"success"}, run.log
    assert "Timeout: 6 -> 7" in run.summary
    executed = production.change_set(run)
    assert executed["ChangeSetId"] == asked["ChangeSetId"]
    assert executed["ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert production.live() == 7


def test_what_is_rejected_changes_nothing(production: Production) -> None:
    before, events = production.live(), production.events()
    production.time_out_after(before + 1)
    # when
    run = production.workflow.release(lambda _: False)
    # then
    assert run.results == {"build": "success", "dev": "success", "review": "success"} | {
        "prod": "rejected"
    }
    assert production.live() == before
    assert production.events() == events


def test_a_release_that_fails_its_integration_tests_does_not_touch_production(
    production: Production,
) -> None:
    before, events = production.live(), production.events()
    production.time_out_after(before + 1)
    test = production.service.folder / "tests/integration/test_items.py"
    text = test.read_text(encoding="utf-8")
    test.write_text(f"{text}\n\ndef test_more(stack):\n    assert not stack.outputs\n")
    # when
    run = production.workflow.release(lambda _: pytest.fail("somebody is asked to approve it"))
    test.write_text(text, encoding="utf-8")
    # then
    assert run.results == {"build": "success", "dev": "failure", "review": "skipped"} | {
        "prod": "skipped"
    }
    assert "test_more" in run.log
    assert production.live() == before
    assert production.events() == events


def test_nobody_to_ask_is_no_approval(production: Production) -> None:
    before, events = production.live(), production.events()
    production.time_out_after(before + 1)
    production.workflow.reviewed.clear()
    # when
    run = production.workflow.release(lambda _: pytest.fail("there is nobody to be asked"))
    production.workflow.reviewed.add("prod")
    # then
    assert (run.results["review"], run.results["prod"]) == ("failure", "skipped")
    assert "Give the environment prod required reviewers" in run.log
    assert production.events() == events
    assert production.live() == before


def test_a_second_run_does_not_replace_what_was_approved(production: Production) -> None:
    before = production.live()
    production.time_out_after(before + 1)
    later: list[Run] = []

    def approve_second(_: Run) -> bool:
        assert production.live() == before + 1, "what was approved is not what is live"
        return False

    def approve_first(_: Run) -> bool:
        production.time_out_after(before + 2)
        later.append(production.workflow.release(approve_second))
        assert later[0].results == {}, "the second does not wait"
        return True

    # when
    first = production.workflow.release(approve_first)
    # then
    assert first.results["prod"] == "success", first.log
    assert later[0].results["prod"] == "rejected", "the second was not asked about"
    assert f"Timeout: {before + 1} -> {before + 2}" in later[0].summary
    assert production.live() == before + 1


def test_what_comes_before_the_approval_cannot_execute(production: Production) -> None:
    production.time_out_after(production.live() + 1)
    run = production.workflow.release(lambda _: False)
    role = "arn:aws:iam::000000000000:role/items-service-prod-{}"
    # the role that may is none for a job before
    with pytest.raises(ClientError, match="AccessDenied"):
        production.workflow.become(role.format("action"), "prod-review")
    # and the job's own role may not
    held = production.workflow.become(role.format("review"), "prod-review")
    done = subprocess.run(
        ["make", "execute", "ENV=prod", f"NAME={run.outputs['needs.review.outputs.change-set']}"],
        cwd=production.service.folder,
        env=production.service.variables | held,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "not authorized to perform: cloudformation:ExecuteChangeSet" in done.stderr
