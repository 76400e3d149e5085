"""Rendered services on emulators, each with its own process and its own data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.written.facts import kind_names
from tests.conftest import ROOT, SetUp, one_of_each_kind, others_of_each_kind
from tests.emulator.accounts import CONNECTION, DEV, HOME, PROD, Accounts, accounts_of
from tests.emulator.service import Service
from tests.languages import Language, languages
from tests.swift import started_with

OwnService = Callable[..., Service]
PYTHON = languages()[0]
ORIGIN = "http://localhost:3000"  # of the pages that may call what is deployed
NAME = "api.dev.example.com"  # under which it is called

# What it does is the same in each language: `make test` sees it in the first. What is written in
# each, handlers and adapters, it drives there by the runtime's own client, and in a pipeline.
of_any_language = pytest.mark.parametrize(
    "language",
    [PYTHON, *(pytest.param(one, marks=pytest.mark.all_rows) for one in languages()[1:])],
    indirect=True,
    ids=str,
)

TOOLS = (".tools/sam/.ready", ".tools/emulator/.ready")


@pytest.fixture(scope="session", autouse=True)
def _swift_commands() -> Iterator[None]:
    """Let the SAM CLI be swift, and Python keep what it compiles, whatever the shell says.

    Each command of the SAM CLI imports a thousand modules.
    """
    with pytest.MonkeyPatch.context() as patch, started_with(ROOT / "tests/swift/sam"):
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session")
def own_service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> OwnService:
    """Render a service of some functions that is set up, in a folder of its own."""

    def rendered(functions: dict[str, Any], language: Language = PYTHON, **answers: Any) -> Service:
        answers |= {"functions": functions, "runtime": language.runtime}
        return Service(set_up(tmp_path_factory.mktemp("own"), *TOOLS, **answers), language)

    return rendered


@pytest.fixture(scope="session", params=languages(), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture(scope="session")
def deployed(own_service: OwnService, language: Language) -> Iterator[Service]:
    """The service with a function of each kind. Tests add to its data and take nothing away."""
    functions = one_of_each_kind() | others_of_each_kind(language.runtime)
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/0000"
    name = {"name": NAME, "certificate": certificate, "zone": "Z0123456789ABC", "path": "shop"}
    service = own_service(functions, language, cors=[ORIGIN], domain={"dev": name})
    service.deploy("start")
    service.bring_back_soon()
    yield service
    if language == PYTHON:  # in one language: the templates are alike
        assert service.local_aws("down").returncode == 0, "the stack cannot be deleted"
    else:
        service.stop()


@pytest.fixture(scope="session")
def delivered_service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service in three accounts that is delivered in both ways, set up."""
    return set_up(
        tmp_path_factory.mktemp("delivered"),
        ".tools/emulator/.ready",
        triggers=kind_names(),
        delivery="both",
        repository="example/orders",
        environments=["dev", "prod"],
        accounts={"dev": DEV, "prod": PROD, "tools": HOME},
        permissions_boundary="platform/bound",
        alarm_email="team@example.com",
    )


@pytest.fixture(scope="module")
def delivered(delivered_service: Path) -> Iterator[Accounts]:
    """Accounts with the stacks of delivery. Tests change nothing of them."""
    with accounts_of(delivered_service) as accounts:
        accounts.prepare()
        for account, *words in (
            (DEV, "bootstrap", "ENV=dev"),
            (PROD, "bootstrap", "ENV=prod"),
            (HOME, "pipeline", f"CONNECTION={CONNECTION}"),
        ):
            done = accounts.make(account, *words, "YES=1")
            assert done.returncode == 0, f"{words} fails:\n{done.stdout}{done.stderr}"
        yield accounts
