"""`make audit`: a vulnerable dependency stops a delivery, and every dependency is listed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.advisories import GHSA, advisories
from tests.conftest import SetUp
from tests.languages import Language, languages

LOCAL = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@pytest.fixture(scope="module", params=languages(), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture(scope="module")
def service(language: Language, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    return set_up(folder, *language.auditors, runtime=language.runtime)


def audit(
    service: Path, variables: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "audit", *words],
        cwd=service,
        env=os.environ | LOCAL | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_deployed_is_asked_about_and_listed(service: Path, language: Language) -> None:
    deployed, development = language.locked(service)
    with advisories() as told:
        done = audit(service, told.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert deployed <= told.asked, "a dependency is not audited"
    bill = json.loads((service / ".build/delivery/sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    assert deployed <= listed, "a dependency is not in the bill of materials"
    assert not listed & development, "what is not deployed is in the bill of materials"
    assert bill["metadata"]["component"]["name"] == "items-service"


def test_a_vulnerable_dependency_stops_it_unless_it_is_accepted(
    service: Path, language: Language
) -> None:
    with advisories(vulnerable=language.validator) as told:
        refused = audit(service, told.variables)
        accepted = audit(service, told.variables, f"ACCEPTED={GHSA}")
    assert refused.returncode != 0
    assert re.search(rf"{language.validator} +\S+ +{GHSA}", refused.stdout + refused.stderr)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


def test_an_audit_that_cannot_ask_is_none(service: Path) -> None:
    with advisories() as told:
        pass  # nobody answers there any more
    assert audit(service, told.variables).returncode != 0
