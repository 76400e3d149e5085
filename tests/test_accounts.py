"""Accounts: each environment keeps to its own, and a service that names none has nothing of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from tests.conftest import Render
from tests.tooling import tool_of

pytestmark = pytest.mark.usefixtures("swift_copier")
ACCOUNTS = {"dev": 111122223333, "prod": "012345670123"}
GIT = ["git", "-c", "user.name=team", "-c", "user.email=team@example.com"]
TOOL = "tools/account.py"


@pytest.fixture(scope="module")
def service(render: Render) -> Path:
    return render(accounts=ACCOUNTS)


def named(service: Path) -> dict[str, Any]:
    """The accounts that the service's tool knows."""
    sys.modules.pop("account", None)
    return dict(tool_of(service, "account").ACCOUNTS)


def test_accounts_are_text_in_the_order_of_the_environments(render: Render, service: Path) -> None:
    text = {"dev": "111122223333", "prod": "012345670123"}
    assert list(named(service).items()) == list(text.items())
    turned = render(accounts={"prod": "000000000001", "dev": "111122223333"})
    assert list(named(turned)) == ["dev", "prod"]


def test_a_leading_zero_survives_the_answers_file(service: Path) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    assert answers["accounts"] == ACCOUNTS


def test_the_readme_names_them(service: Path) -> None:
    text = (service / "README.md").read_text()
    assert "own: dev is in 111122223333, prod is in 012345670123.\n" in text


def test_a_service_that_names_none_has_nothing_of_it(default_service: Path) -> None:
    assert not (default_service / TOOL).exists()
    for file in ("Makefile", "README.md"):
        text = (default_service / file).read_text()
        assert not re.search(r"account\.py|of another account", text)
    assert "\nnamed-environment:\n" in (default_service / "Makefile").read_text()


def test_every_command_that_takes_an_environment_asks_first(render: Render) -> None:
    service = render(
        accounts=ACCOUNTS,
        secrets={"token": "medium"},
        functions={"api": {"trigger": "http_api", "secrets": ["token"]}, "worker": "sqs"},
    )
    targets = re.findall(
        r"^([a-z-]+):([^\n]*)\n((?:\t[^\n]*\n)+)", (service / "Makefile").read_text(), re.MULTILINE
    )
    taking = {
        name: needs.split()
        for name, needs, recipe in targets
        if "$(ENV)" in recipe and name != "dev-alone"
    }
    assert taking.keys() >= {"deploy", "logs", "put-secret", "redrive", "test-alarm"}
    assert taking.pop("named-environment") == [".venv/.ready"]
    assert {name for name, needs in taking.items() if needs[0] != "named-environment"} == set()


def test_missing_credentials_are_told_in_a_sentence(service: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = own | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    told = {"012345670123, the account of prod": nobody, "AWS": nobody | {"AWS_PROFILE": "nobody"}}
    for place, credentials in told.items():
        done = subprocess.run(
            [sys.executable, TOOL, "prod"],
            cwd=service,
            env=credentials,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"Log in to {place}: ")


def living(template: Path, service: Path, accounts: dict[str, Any]) -> None:
    """Render a service and commit it."""
    copier.run_copy(str(template), service, data={"accounts": accounts}, defaults=True, quiet=True)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "begin"]):
        subprocess.run([*GIT, *words], cwd=service, check=True)


def update(service: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "copier", "update", "--defaults", "--vcs-ref", ":current:"]
    options = [word for answer in answers for word in ("-d", answer)]
    return subprocess.run(
        [*command, *options], cwd=service, capture_output=True, text=True, check=False
    )


def test_a_delivery_that_goes_takes_no_account_along_unseen(
    copier_template: Path, tmp_path: Path
) -> None:
    # given a service whose pipeline has an account
    service = tmp_path / "service"
    living(copier_template, service, ACCOUNTS | {"tools": "777788889999"})
    # when the pipeline goes, it is told, and nothing is written
    refused = update(service, "delivery=none")
    assert "Drop tools from accounts" in refused.stderr.splitlines()[-1]
    assert (service / "pipeline").is_dir()
    # until its account is taken back too
    done = update(service, "delivery=none", "accounts={dev: 111122223333}")
    assert done.returncode == 0, done.stderr
    assert not (service / "pipeline").exists()


def test_an_environment_that_goes_takes_no_account_along_unseen(
    copier_template: Path, tmp_path: Path
) -> None:
    # given a living service
    service = tmp_path / "service"
    living(copier_template, service, ACCOUNTS)
    # when one of the environments that have an account goes, it is told, and nothing is written
    refused = update(service, "environments=[dev, staging]")
    assert "Use dev, staging, tools only: accounts names" in refused.stderr.splitlines()[-1]
    assert named(service).keys() == {"dev", "prod"}
    # until its account is taken back too
    done = update(service, "environments=[dev, staging]", "accounts={dev: 111122223333}")
    assert done.returncode == 0, done.stderr
    assert named(service) == {"dev": "111122223333"}
    # and an update that says nothing of accounts keeps them
    for words in (["add", "--all"], ["commit", "--quiet", "-m", "change"]):
        subprocess.run([*GIT, *words], cwd=service, check=True)
    assert update(service, "owner=else").returncode == 0
    assert named(service) == {"dev": "111122223333"}
