"""The guard of accounts against an emulator, for which twelve digits as a key are an account."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.emulator.service import emulator_of

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accounts")
    accounts = {"dev": "111122223333", "prod": "444455556666"}
    return set_up(folder, ".tools/emulator/.ready", ".tools/sam/.ready", accounts=accounts)


@pytest.fixture(scope="module")
def make(service: Path) -> Iterator[Make]:
    """Run `make` with credentials of an account of the emulator."""
    local = emulator_of(service, "none")

    def run(goal: str, environment: str, account: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--silent", goal, f"ENV={environment}"],
            cwd=service,
            env=local.variables() | {"AWS_ACCESS_KEY_ID": account},
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    local.stop()


@pytest.mark.parametrize(
    ("environment", "account"),
    [
        ("dev", "111122223333"),
        ("prod", "444455556666"),
        ("staging", "111122223333"),
        ("prod", "test"),
    ],
    ids=["own", "own", "environment without an account", "the emulator's root"],
)
def test_right_credentials_pass_without_a_word(make: Make, environment: str, account: str) -> None:
    done = make("named-environment", environment, account)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_credentials_of_another_account_are_refused_before_anything_is_built(
    make: Make, service: Path
) -> None:
    done = make("deploy", "prod", "111122223333")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "Use credentials of 444455556666, the account of prod: those at hand are of 111122223333."
    )
    assert not (service / ".build/package").exists()
