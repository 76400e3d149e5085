"""Releases: refused by the hook, put back under traffic, and deployed again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.emulator.conftest import OwnService, of_any_language
from tests.emulator.releases import Released
from tests.emulator.service import eventually
from tests.languages import Language


@pytest.fixture(scope="module")
def released(own_service: OwnService, language: Language) -> Iterator[Released]:
    """A service with two releases. Tests leave one serving that the stack knows."""
    service = own_service({"items": "http_api"}, language, api_auth="none")
    made = Released(service)
    made.deploy("second")
    yield made
    service.stop()


TEMPLATE = "template.yaml"
BROKEN = {
    "it does not start": ("", "", "", "reported Failed"),
    "its hook may not report": (TEMPLATE, "codedeploy:Put", "codedeploy:Tell", "may not perform"),
    "its role may not move it": (TEMPLATE, "- lambda:UpdateAlias", "- lambda:Get*", "AccessDenied"),
}


# In each language: the version looks for its table itself, and its hook is written in the language.
def test_a_release_whose_table_is_another_is_refused(released: Released) -> None:
    is_refused(released, TEMPLATE, "NAME: !Ref Table", "NAME: another", "reported Failed")


@of_any_language
@pytest.mark.parametrize(("file", "right", "wrong", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_release_is_refused_before_anybody_meets_it(
    released: Released, file: str, right: str, wrong: str, reason: str
) -> None:
    is_refused(released, file, right, wrong, reason)


def is_refused(released: Released, file: str, right: str, wrong: str, reason: str) -> None:
    """Deploy a release with an edit; expect the reason, and that nobody meets it."""
    # given
    serves, alias = released.answer(), released.alias
    if not file:
        file, (right, wrong) = released.samples.handler, released.samples.starts
    released.service.edit(file, right, wrong)
    # when
    with released.traffic() as answers:
        done = released.service.local_aws("deploy")
    released.service.edit(file, wrong, right)
    # then
    assert done.returncode, f"it is deployed:\n{done.stdout}"
    assert reason in released.refusal
    assert released.status == "UPDATE_ROLLBACK_COMPLETE"
    assert set(answers) == {serves}, "a caller has met it"
    assert released.alias == alias
    if reason == "reported Failed":
        released.refuses("fails its probe", f"TO={released.newest}", "YES=1")


@of_any_language
def test_nothing_is_put_back_while_a_deployment_runs(released: Released, tmp_path: Path) -> None:
    # given a hook that waits
    file = released.service.folder / released.samples.hook
    hook = file.read_text(encoding="utf-8")
    asked, go = tmp_path / "asked", tmp_path / "go"
    released.write("awaited")
    entry, waiting = released.samples.entry, released.samples.waiting(asked, go)
    released.service.edit(released.samples.hook, entry, waiting)
    # when
    deploying = released.deploying()
    try:
        eventually(asked.exists, "the hook is not asked")
        # then
        released.refuses("aws cloudformation cancel-update-stack", "YES=1")
    finally:
        go.touch()
        said, _ = deploying.communicate()
        file.write_text(hook, encoding="utf-8")
    assert deploying.returncode == 0, said
    assert released.answer() == "awaited"


@of_any_language
def test_a_release_is_put_back_under_traffic_and_the_next_comes_from_there(
    released: Released,
) -> None:
    # given
    good = released.deploy("good")
    released.deploy("bad")
    with released.traffic() as answers:
        eventually(lambda: "bad" in answers, "the bad release does not serve")
        # when
        done = released.rollback("YES=1")
        said, _ = done.communicate()
        # then
        assert done.returncode == 0, said
        assert released.version == good, said
        eventually(lambda: answers[-1] == "good", "the good release does not serve again")
        released.deploy("mended")
        eventually(lambda: answers[-1] == "mended", "the mended release does not serve")
    came = [one for one, before in zip(answers, ["", *answers], strict=False) if one != before]
    assert came == ["bad", "good", "mended"], "somebody was not served, or served the bad release"


@of_any_language
def test_an_alias_that_was_moved_by_hand_is_refused_until_the_stack_is_told(
    released: Released,
) -> None:
    # given
    live, release = released.version, released.answer()
    released.move(FunctionVersion="1")
    # when
    released.write("unknown")
    refused = released.service.local_aws("deploy")
    # then
    assert refused.returncode, f"CodeDeploy would refuse it:\n{refused.stdout}"
    assert "where the stack left it" in released.refusal
    assert released.answer() == "first"
    # when the stack is told, and all is taken back
    for options in (["TO=1"], [f"TO={live}", "YES=1"]):
        done = released.rollback(*options)
        said, _ = done.communicate()
        # then
        assert done.returncode == 0, said
        assert released.status == "UPDATE_COMPLETE"
    assert released.answer() == release


@of_any_language
def test_a_caller_that_the_function_does_not_permit_is_refused(released: Released) -> None:
    before = released.answer()
    with released.service.without_permission("ItemsFunction", "/GET/items/*"):
        assert "Internal Server Error" in released.answer(), "the API may call it all the same"
    assert released.answer() == before


@of_any_language
def test_what_cannot_be_put_back_is_refused(released: Released) -> None:
    released.refuses("there is no version 99", "TO=99", "YES=1")
    released.refuses(f"{released.version} serves already", f"TO={released.version}", "YES=1")
    released.refuses("Add YES=1", "TO=1")
    live = str(released.version)
    try:
        released.move(RoutingConfig={"AdditionalVersionWeights": {"1": 0.1}})
        released.refuses("End the shift of traffic to version 1 first", "YES=1")
        released.move(FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {}})
        released.refuses("there is no version before 1", "YES=1")
    finally:
        released.move(FunctionVersion=live, RoutingConfig={"AdditionalVersionWeights": {}})


@of_any_language
def test_nothing_is_put_back_that_nobody_wants(released: Released) -> None:
    # given
    before = released.alias
    # when
    done, said = released.answers_the_question("n", lambda: None, "TO=1")
    # then
    assert not done, said
    assert released.alias == before
    # when
    done, said = released.answers_the_question("y", partial(released.move, Description="2"), "TO=1")
    # then
    assert not done, said
    assert "Look again" in said
    assert released.alias["FunctionVersion"] == before["FunctionVersion"]
