"""The good service of these tests: a render of the template, with a team's own resources in it."""

from __future__ import annotations

from pathlib import Path

import copier
import pytest

from tests.rules.service import Service

REPOSITORY = Path(__file__).parents[2]
ANSWERS = {
    "functions": {
        "items": "http_api",
        "report": {"trigger": "schedule", "secrets": ["partner-token", "payment-key"]},
        "worker": "sqs",
    },
    "secrets": {"partner-token": "medium", "payment-key": {"level": "high", "rotate": 30}},
}
OWN = Path(__file__).with_name("own.yaml")


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service that breaks no rule."""
    folder = tmp_path_factory.mktemp("good")
    copier.run_copy(
        str(REPOSITORY), folder, data=ANSWERS, defaults=True, quiet=True, vcs_ref="HEAD"
    )
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    return Service(
        template.replace("\nOutputs:\n", f"\n{OWN.read_text(encoding='utf-8')}Outputs:\n"),
        (folder / ".copier-answers.yml").read_text(encoding="utf-8"),
        (folder / "docs/runbook.md").read_text(encoding="utf-8") + "\n### Own statements\n",
    )
