"""A commit on its way to production by GitHub Actions: approved, rejected, failing, overtaken."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import SetUp
from tests.emulator.conftest import of_any_language
from tests.emulator.delivery import ARCHITECTURE, PROD, Delivered, Overtaken, Releases, delivering
from tests.emulator.workflow import Run, Workflow
from tests.languages import Language

REPOSITORY = "example@12/items@345"
ROLES = "arn:aws:iam::000000000000:role"
ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api"},
    "delivery": "github_actions",
    "repository": REPOSITORY,
}


class Production(Releases):
    """What is live, and the workflow that brings it there."""

    def __init__(self, service: Delivered, workflow: Workflow) -> None:
        super().__init__(service)
        self.workflow = workflow

    def change_set(self, run: Run) -> Any:
        """The change set of a run in production."""
        return self.described(run.outputs["needs.review.outputs.change-set"])


@pytest.fixture(scope="module")
def production(
    language: Language, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Production]:
    """A service whose first release was approved."""
    with delivering(language, ANSWERS, set_up, tmp_path_factory) as service:
        for environment in ANSWERS["environments"]:
            bootstrap(service, environment)
        workflow = Workflow(service, tmp_path_factory.mktemp("runs"), REPOSITORY)
        made = Production(service, workflow)
        made.time_out_after(6)
        run = workflow.release(lambda _: True)
        assert set(run.results.values()) == {"success"}, run.log
        yield made


def bootstrap(service: Delivered, environment: str) -> None:
    name = f"items-service-{environment}-delivery"
    service.create(name, "pipeline/account.yaml", Environment=environment)
    service.allow_http(f"items-service-{environment}-artifacts-000000000000")


@pytest.fixture(scope="module")
def overtaken(production: Production) -> Overtaken:
    """What becomes of both, and what somebody sees who approves the first."""
    found = Overtaken(production.live())

    def reject_second(_: Run) -> bool:
        found.live.append(production.live())
        found.events = production.events()
        return False

    def approve_first(run: Run) -> bool:
        found.live.append(production.live())
        found.change_set, found.code = production.change_set(run), production.code
        held = production.workflow.become(f"{ROLES}/{PROD}-review", "prod-review")
        production.exchange(
            found.change_set["ChangeSetName"], production.service.client_of(held, "s3")
        )
        assert production.live("dev") == found.before + 1
        production.time_out_after(found.before + 2)
        found.runs.append(production.workflow.release(reject_second))
        assert found.runs[0].results == {}, "the second does not wait"
        return True

    production.time_out_after(found.before + 1)
    found.runs.insert(0, production.workflow.release(approve_first))
    return found


@of_any_language
def test_what_is_approved_is_live_and_is_that_very_change_set(
    production: Production, overtaken: Overtaken
) -> None:
    first = overtaken.runs[0]
    assert set(first.results.values()) == {"success"}, first.log
    assert f"Timeout: {overtaken.before} -> {overtaken.before + 1}" in first.summary
    overtaken.assert_the_first_is_live(production)


@of_any_language
def test_a_second_run_does_not_replace_what_was_approved(overtaken: Overtaken) -> None:
    assert overtaken.live[1] == overtaken.before + 1, "what was approved is not what is live"
    assert f"Timeout: {overtaken.before + 1} -> {overtaken.before + 2}" in overtaken.runs[1].summary


@of_any_language
def test_what_is_rejected_changes_nothing(production: Production, overtaken: Overtaken) -> None:
    second = overtaken.runs[1]
    assert list(second.results.values()) == ["success", "success", "success", "rejected"]
    assert production.live() == overtaken.before + 1
    assert production.events() == overtaken.events
    # and the role that made its change set may not execute it, nor become the one that may
    held = production.workflow.become(f"{ROLES}/{PROD}-review", "prod-review")
    done = subprocess.run(
        ["make", "execute", "ENV=prod", f"NAME={production.change_set(second)['ChangeSetName']}"],
        cwd=production.service.folder,
        env=production.service.variables | held,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "not authorized to perform: cloudformation:ExecuteChangeSet" in done.stderr
    with pytest.raises(ClientError, match="AccessDenied"):
        production.workflow.become(f"{ROLES}/{PROD}-action", "prod-review")


@of_any_language
def test_a_release_that_fails_its_integration_tests_does_not_touch_production(
    production: Production, language: Language
) -> None:
    before, events = production.live(), production.events()
    production.time_out_after(before + 1)
    test = production.service.folder / "tests/integration" / language.test.format("items")
    text = test.read_text(encoding="utf-8")
    test.write_text(f"{text}{language.failing}")
    # when
    run = production.workflow.release(lambda _: pytest.fail("somebody is asked to approve it"))
    test.write_text(text, encoding="utf-8")
    # then
    assert list(run.results.values()) == ["success", "failure", "skipped", "skipped"]
    assert "test_more" in run.log
    assert production.live() == before
    assert production.events() == events


@of_any_language
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
