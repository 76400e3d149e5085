"""`make audit`: a vulnerable dependency stops a delivery, and every dependency is listed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.osv import osv

LOCAL = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(tmp_path_factory.mktemp("audit"), ".tools/audit/.ready")


def audit(service: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "audit", *words],
        cwd=service,
        env=os.environ | LOCAL | {"OSV": url},
        capture_output=True,
        text=True,
        check=False,
    )


def locked(service: Path) -> set[tuple[str, str]]:
    text = (service / "requirements.txt").read_text()
    return set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_what_is_locked_is_asked_about_and_listed(service: Path) -> None:
    with osv() as (url, asked):
        done = audit(service, url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(asked) == locked(service), "a dependency is not audited"
    bill = json.loads((service / ".build/delivery/sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    assert listed == locked(service), "a dependency is not in the bill of materials"
    assert bill["metadata"]["component"]["name"] == "items-service"


def test_a_vulnerable_dependency_stops_it_unless_it_is_accepted(service: Path) -> None:
    with osv(vulnerable="msgspec") as (url, _):
        refused = audit(service, url)
        accepted = audit(service, url, "ACCEPTED=GHSA-test-0000-0000")
    assert refused.returncode != 0
    assert re.search(r"msgspec +\S+ +GHSA-test-0000-0000", refused.stdout + refused.stderr)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


def test_an_audit_that_cannot_ask_is_none(service: Path) -> None:
    with osv() as (url, _):
        pass  # nobody answers there any more
    assert audit(service, url).returncode != 0
