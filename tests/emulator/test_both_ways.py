"""`make deploy` and the workflow in turn on one stack, its names cut and its roles enforced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from docs.written.facts import kind as facts
from docs.written.facts import kind_names
from tests.conftest import SetUp
from tests.emulator.both_ways import REPOSITORY, SERVICE, STACK, BothWays, both_ways
from tests.emulator.delivery import ARCHITECTURE

TOOLS = (".tools/sam/.ready", ".tools/emulator/.ready")
ANSWERS: dict[str, Any] = {
    "architecture": ARCHITECTURE,
    "delivery": "both",
    "environments": ["dev", "prod"],
    "functions": {"items": "http_api"}
    | {
        f"a-{facts(kind)['default_name']}-with-a-name-of-32-letters"[:32].rstrip("-"): {
            "trigger": kind,
            "secrets": ["payment-key"],
        }
        for kind in kind_names()
        if kind != "http_api"
    },
    "repository": REPOSITORY,
    "secrets": {"payment-key": "high"},
    "service_name": SERVICE,
}


@pytest.fixture(scope="module")
def stack(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothWays]:
    """A service that was released by hand before its delivery was prepared."""
    folder = set_up(tmp_path_factory.mktemp("both"), *TOOLS, **ANSWERS)
    with both_ways(folder, tmp_path_factory.mktemp("runs")) as made:
        made.write("first")
        made.service.made("deploy", "ENV=dev")
        yield made


@pytest.mark.all_rows  # each way alone is seen by tests of its own
def test_each_way_goes_on_from_the_other_and_back_to_it(stack: BothWays) -> None:
    # Given a release by hand, of before there were roles
    asked = stack.service.make("bootstrap", "ENV=dev")
    assert "Add YES=1: there is no terminal to ask on. Nothing is done." in asked.stderr
    assert "release to dev, which nobody approves, may make a role that reaches prod" in (
        asked.stdout
    )
    stack.prepare()
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
