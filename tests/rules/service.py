"""A service as the rules see it: the text of the files that they read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from golden_path.check import check
from golden_path.finding import Finding

from tests.rules.planting import plant


@dataclass(frozen=True)
class Service:
    """The files that the rules read."""

    template: str
    answers: str
    runbook: str

    def write(self, folder: Path) -> Path:
        """Puts the files into a folder and returns the template's path."""
        (folder / "docs").mkdir(exist_ok=True)
        (folder / "docs/runbook.md").write_text(self.runbook, encoding="utf-8")
        (folder / ".copier-answers.yml").write_text(self.answers, encoding="utf-8")
        file = folder / "template.yaml"
        file.write_text(self.template, encoding="utf-8")
        return file

    def but(self, **changes: dict[str, str | None]) -> Service:
        """The same with some paths changed, of `template` or of `answers`."""
        texts = {"template": self.template, "answers": self.answers}
        for file, paths in changes.items():
            for path, value in paths.items():
                texts[file] = plant(texts[file], path, value)
        return Service(**texts, runbook=self.runbook)

    def judge(self, folder: Path) -> list[Finding]:
        """What the rules find in it."""
        return check(self.write(folder))
