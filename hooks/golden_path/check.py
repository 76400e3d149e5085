"""Judges a service: the one way in for the command, for pre-commit and for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from golden_path import suppressions, template
from golden_path.document import CannotJudge, Document
from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.rules import RULES, Rule
from golden_path.rules.suppressing import Used
from golden_path.rules.updates import OneRelease, Unmoved
from golden_path.stack import Stack

ANSWERS = ".copier-answers.yml"
# The folder of the stacks that deliver a service, beside its template.
DELIVERY = "pipeline"
ACCOUNT = "account.yaml"
SETTINGS = "samconfig.toml"
TEMPLATES = ("template.yaml", "template.yml", "template.json")
"""What the SAM CLI takes for a template where nobody names one, the first that is there."""
_NAMED = re.compile(r'^\s*(?:template|template_file)\s*=\s*"([^"]+)"', re.MULTILINE)


@dataclass
class Judged:
    """What is wrong with some templates, and why others could not be judged, in sentences."""

    findings: list[Finding] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, file: Path, answers_file: Path | None, *, beside: bool = False) -> None:
        """Judge a template too; `beside` templates a folder may have files that are none."""
        try:
            source = Document.read(file)
            if not beside or "Resources" in source.data:
                self.findings += _check(source, answers_file)
        except CannotJudge as error:
            self.findings += error.findings
            self.failures.append(str(error))


def check(template_file: Path, answers_file: Path | None = None) -> list[Finding]:
    """What is wrong with a template; raises CannotJudge where that cannot be known.

    Answers are looked for in the service's folder. A service that left the template has none,
    and then nothing is compared with them.
    """
    return _check(Document.read(template_file), answers_file)


def _check(source: Document, answers_file: Path | None) -> list[Finding]:
    folder = Path(source.name).parent
    if answers_file is None:
        kept = (folder.parent if folder.name == DELIVERY else folder) / ANSWERS
        answers_file = kept if kept.exists() else None
    answers = _ours(Document.read(answers_file)) if answers_file else None
    account = folder / DELIVERY / ACCOUNT
    deploying = Stack(template.load(account)) if account.exists() else None
    return judge(Stack(template.parse(source), answers, deploying))


def check_service(folder: Path, answers_file: Path | None = None) -> list[Finding]:
    """What is wrong with a service; raises CannotJudge where a part of it cannot be judged."""
    judged = check_all([folder], answers_file)
    if judged.failures:
        raise CannotJudge(" ".join(judged.failures), judged.findings)
    return judged.findings


def check_all(paths: Iterable[Path], answers_file: Path | None = None) -> Judged:
    """What is wrong with templates, and with services that lie in folders.

    A service is its template, the stacks that deliver it, and its updates. What cannot be judged
    takes no finding of anything else with it.
    """
    judged = Judged()
    for path in paths:
        if not path.is_dir():
            judged.add(path, answers_file)
            continue
        own = template_of(path)
        if own is None:
            judged.failures.append(f"{path} holds no {TEMPLATES[0]}, and {SETTINGS} names none.")
            continue
        judged.add(own, answers_file)
        for file in sorted((path / DELIVERY).glob("*.yaml")):
            judged.add(file, answers_file, beside=True)
        judged.findings += [*Unmoved().in_folder(path), *OneRelease().in_folder(path)]
    return judged


def template_of(folder: Path) -> Path | None:
    """The template of the service in a folder, as the SAM CLI finds it."""
    settings = folder / SETTINGS
    named = _NAMED.search(settings.read_text("utf-8")) if settings.exists() else None
    # What is built has no lines of its own.
    names = (*([named[1]] if named and ".aws-sam" not in named[1] else []), *TEMPLATES)
    return next((folder / name for name in names if (folder / name).exists()), None)


def _ours(answers: Document) -> Document | None:
    """The answers, unless they are those of a template that asks for other things."""
    functions = dig(answers.data, "functions")
    entries = functions.values() if isinstance(functions, dict) else ()
    ours = all(isinstance(entry, str) or dig(entry, "trigger") for entry in entries)
    return answers if ours and dig(answers.data, "service_name") else None


def judge(stack: Stack) -> list[Finding]:
    """All findings that no suppression excuses, in the order of the source.

    A template may hold any shape; what a rule did not foresee must not pass as clean, and ends that
    rule alone: the error has the findings of the others.
    """
    found: set[Finding] = set()
    failed: list[str] = []
    for rule in RULES.values():
        if rule.check is Rule.check:
            continue
        try:
            found.update(rule().check(stack))
        except Exception as error:  # noqa: BLE001
            failed.append(f"{rule.id} fails on it ({type(error).__name__}: {error})")
    resources = stack.source.data["Resources"]
    entries = list(suppressions.of(stack.source))
    unused = [entry for entry in entries if not any(entry.excuses(one, resources) for one in found)]
    kept = [one for one in found if not any(entry.excuses(one, resources) for entry in entries)]
    if failed:
        problem = f"{stack.source.name} cannot be judged whole: {', '.join(failed)}."
        raise CannotJudge(problem, sorted(kept))
    return sorted([*kept, *Used().unused(stack, unused)])
