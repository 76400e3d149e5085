"""Judges a service: the one way in for the command, for pre-commit and for tests."""

from __future__ import annotations

from pathlib import Path

from golden_path import suppressions, template
from golden_path.document import CannotJudge, Document
from golden_path.finding import Finding
from golden_path.rules import RULES, Rule
from golden_path.rules.suppressing import Used
from golden_path.rules.updates import OneRelease, Unmoved
from golden_path.stack import Stack

ANSWERS = ".copier-answers.yml"
# The folder of the stacks that deliver a service, beside its template.
DELIVERY = "pipeline"
ACCOUNT = "account.yaml"


def check(template_file: Path, answers_file: Path | None = None) -> list[Finding]:
    """What is wrong with a template; raises CannotJudge where that cannot be known.

    Answers are looked for in the service's folder. A service that left the template has none,
    and then nothing is compared with them.
    """
    if answers_file is None:
        folder = template_file.parent
        kept = (folder.parent if folder.name == DELIVERY else folder) / ANSWERS
        answers_file = kept if kept.exists() else None
    answers = Document.read(answers_file) if answers_file else None
    account = template_file.parent / DELIVERY / ACCOUNT
    deploying = Stack(template.load(account)) if account.exists() else None
    return judge(Stack(template.load(template_file), answers, deploying))


def check_service(folder: Path, answers_file: Path | None = None) -> list[Finding]:
    """What is wrong with a service: its template, the stacks that deliver it, its updates."""
    templates = [folder / "template.yaml", *sorted((folder / DELIVERY).glob("*.yaml"))]
    findings = [finding for file in templates for finding in check(file, answers_file)]
    return [*findings, *Unmoved().in_folder(folder), *OneRelease().in_folder(folder)]


def judge(stack: Stack) -> list[Finding]:
    """All findings that no suppression excuses, in the order of the source."""
    asked = [rule for rule in RULES.values() if rule.check is not Rule.check]
    found = {finding for rule in asked for finding in _ask(rule, stack)}
    resources = stack.source.data["Resources"]
    entries = list(suppressions.of(stack.source))
    unused = [entry for entry in entries if not any(entry.excuses(one, resources) for one in found)]
    kept = [one for one in found if not any(entry.excuses(one, resources) for entry in entries)]
    return sorted([*kept, *Used().unused(stack, unused)])


def _ask(rule: type[Rule], stack: Stack) -> list[Finding]:
    try:
        return list(rule().check(stack))
    except Exception as error:
        # A template may hold any shape; what a rule did not foresee must not pass as clean.
        reason = f"{rule.id} fails on it ({type(error).__name__}: {error})"
        raise CannotJudge(f"{stack.source.name} cannot be judged: {reason}.") from error
