"""A service as the rules see it: the text of the files that they read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from golden_path import template
from golden_path.check import judge
from golden_path.document import Document
from golden_path.finding import Finding
from golden_path.stack import Stack

from tests.rules.mutants import Mutant
from tests.rules.planting import line_of, plant

FILES = {
    "template": "template.yaml",
    "answers": ".copier-answers.yml",
    "runbook": "docs/runbook.md",
    "pipeline": "pipeline/pipeline.yaml",
    "account": "pipeline/account.yaml",
    "states": "state-machine.asl.json",
}

Place = tuple[str, int, str]
"""A file, its line, and the resource."""


@dataclass(frozen=True)
class Service:
    """The files that the rules read."""

    template: str
    answers: str
    runbook: str
    pipeline: str
    account: str
    states: str = "{}"  # of a service without a state machine

    @classmethod
    def read(cls, folder: Path) -> Service:
        """A service that lies in a folder."""
        found = {name: folder / file for name, file in FILES.items() if (folder / file).exists()}
        return cls(**{name: file.read_text("utf-8") for name, file in found.items()})

    def write(self, folder: Path) -> Path:
        """Puts the files into a folder and returns the template's path."""
        for name, text in asdict(self).items():
            file = folder / FILES[name]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return folder / FILES["template"]

    def but(self, **changes: dict[str, str | None]) -> Service:
        """The same with some paths of its files changed."""
        texts = {name: getattr(self, name) for name in changes}
        for name, paths in changes.items():
            for path, value in paths.items():
                texts[name] = plant(texts[name], path, value)
        return replace(self, **texts)

    def judge(self, folder: Path, name: str = "template") -> list[Finding]:
        """What the rules find in one of its templates: in the service's, of states too."""
        self.write(folder)
        answers = Document.read(folder / FILES["answers"])
        served = name in ("template", "states")
        deploying = _deploying(self.account) if served else None
        file = folder / FILES["template" if served else name]
        return judge(Stack(template.load(file), answers, deploying))

    def place(self, mutant: Mutant, folder: Path) -> Place:
        """Where the finding of a defect must stand, once it is planted."""
        name = "answers" if mutant.place.startswith("functions.") else mutant.file
        line = line_of(getattr(self, name), mutant.place)
        return str(folder / FILES[name]), line, mutant.resource


@lru_cache(maxsize=2)
def _deploying(account: str) -> Stack:
    """The stack of delivery, which hundreds of templates have alike."""
    return Stack(template.parse(Document(FILES["account"], account)))


def at(finding: Finding) -> Place:
    """The place of a finding."""
    return finding.file, finding.line, finding.resource
