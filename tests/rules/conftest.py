"""The good service of these tests: a render of the template, with a team's own resources in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import copier
import pytest
from golden_path.check import check
from golden_path.finding import Finding

REPOSITORY = Path(__file__).parents[2]
OWN = Path(__file__).with_name("own.yaml")


@dataclass(frozen=True)
class Service:
    """The two files that the rules read."""

    template: str
    answers: str

    def write(self, folder: Path) -> Path:
        """Puts both files into a folder and returns the template's path."""
        (folder / ".copier-answers.yml").write_text(self.answers, encoding="utf-8")
        file = folder / "template.yaml"
        file.write_text(self.template, encoding="utf-8")
        return file

    def judge(self, folder: Path) -> list[Finding]:
        """What the rules find in it."""
        return check(self.write(folder))


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service that breaks no rule."""
    folder = tmp_path_factory.mktemp("good")
    copier.run_copy(str(REPOSITORY), folder, defaults=True, quiet=True, vcs_ref="HEAD")
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    return Service(
        template.replace("\nOutputs:\n", f"\n{OWN.read_text(encoding='utf-8')}Outputs:\n"),
        (folder / ".copier-answers.yml").read_text(encoding="utf-8"),
    )
