"""The good services of these tests: renders of the template, one with a team's own resources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import copier
import pytest
from golden_path.rules.execution import NEEDED

from docs.written.facts import kind, kind_names
from tests.rules.service import Service

REPOSITORY = Path(__file__).parents[2]
FUNCTIONS: dict[str, Any] = {
    "items": "http_api",
    "worker": "sqs",
    "report": {"trigger": "schedule", "secrets": ["partner-token", "payment-key"]},
}
"""Those that most defects are planted in: the fewer, the sooner each is judged."""
OF_EACH_KIND = {kind(name)["default_name"]: name for name in kind_names()} | FUNCTIONS
CALLED = {
    "cors": ["https://app.example.com"],
    "domain": {
        "prod": {
            "name": "api.example.com",
            "certificate": "arn:aws:acm:eu-west-1:333333333333:certificate/1",
            "zone": "Z0123456789ABC",
        }
    },
}
"""By pages of another origin, and under a name of its own."""
ANSWERS = {
    "functions": FUNCTIONS,
    "secrets": {"partner-token": "medium", "payment-key": {"level": "high", "rotate": 30}},
    **CALLED,
}
OWN = Path(__file__).with_name("own.yaml")
FED = Path(__file__).with_name("fed.yaml")
END_OF_ROLE = "golden path never writes between here and the end of the role."
# All that resources of one's own may need, save what mutants ask for.
_LACKING = ("AWS::Pipes::Pipe", "CorsConfiguration")
_ROWS = [row for kind, rows in NEEDED.items() if kind not in _LACKING for row in rows.items()]
_ACTIONS = {act for name, its in _ROWS if name not in ("passes", *_LACKING) for act in its}
_SERVICES = sorted(its for name, its in _ROWS if name == "passes")
EXECUTION = f"""
              - Effect: Allow
                Action: [{", ".join(sorted(_ACTIONS))}]
                Resource: "*"
              - Effect: Allow
                Action: iam:PassRole
                Resource: "*"
                Condition: {{StringEquals: {{iam:PassedToService: [{", ".join(_SERVICES)}]}}}}
"""


# Every account apart, a boundary, both ways of delivery: all that the stacks of delivery can have.
DELIVERED = ANSWERS | {
    "functions": OF_EACH_KIND,
    "accounts": {
        "dev": "111111111111",
        "staging": "222222222222",
        "prod": "333333333333",
        "tools": "444444444444",
    },
    "delivery": "both",
    "permissions_boundary": "platform/boundary",
    "repository": "example/items",
}


def rendered(folder: Path, answers: dict[str, Any]) -> Service:
    """A service of these answers."""
    copier.run_copy(
        str(REPOSITORY), folder, data=answers, defaults=True, quiet=True, vcs_ref="HEAD"
    )
    return Service.read(folder)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service as the template renders it."""
    return rendered(tmp_path_factory.mktemp("good"), ANSWERS)


def with_resources(service: Service, file: Path) -> Service:
    """A service with resources of its team's own, and what making them takes."""
    own = f"\n{file.read_text(encoding='utf-8')}\nOutputs:\n"
    return replace(
        service,
        template=service.template.replace("\nOutputs:\n", own),
        account=service.account.replace(END_OF_ROLE, f"{END_OF_ROLE}\n{EXECUTION}"),
    )


def with_own(service: Service) -> Service:
    """A service that breaks no rule, with resources of its own that can be made to."""
    own = with_resources(service, OWN)
    return replace(own, runbook=f"{own.runbook}\n### Own statements\n")


@pytest.fixture(scope="session")
def good(plain: Service) -> Service:
    """A service that breaks no rule."""
    return with_own(plain)


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The good service with a function of each kind."""
    answers = ANSWERS | {"functions": OF_EACH_KIND}
    return with_own(rendered(tmp_path_factory.mktemp("every"), answers))


@pytest.fixture(scope="session")
def of_kind(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Service]:
    """A service with a function of the kind that is named, beside one that has an API."""

    @cache
    def made(name: str) -> Service:
        functions = {"items": "http_api", kind(name)["default_name"]: name}
        answers = {"functions": functions, **CALLED}
        return rendered(tmp_path_factory.mktemp(name), answers)

    return made


@pytest.fixture(scope="session")
def fed(plain: Service) -> Service:
    """A service that is fed by what no kind of the template knows, and breaks no rule."""
    return with_resources(plain, FED)


@pytest.fixture(scope="session")
def with_callers(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service with a pool of callers, who ask for scopes."""
    of_machines = {"trigger": "http_api", "scopes": ["items-service/write"]}
    answers = DELIVERED | {"functions": {"items": of_machines}, "secrets": {}, "api_auth": "jwt"}
    return rendered(tmp_path_factory.mktemp("callers"), answers)


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service whose stacks of delivery break no rule."""
    return rendered(tmp_path_factory.mktemp("delivered"), DELIVERED)
