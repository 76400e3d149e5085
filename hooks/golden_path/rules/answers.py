"""GP9xx: the answers that a service was made from, and its template, say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from golden_path.document import Document
from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, number
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack

# Below this comment the template never writes: what stands there is the team's own.
MARKER = "# Your own resources"


@dataclass(frozen=True)
class Answer:
    """One entry of `functions` in the answers."""

    name: str
    settings: dict[str, Any]

    @property
    def logical_id(self) -> str:
        words = re.split("[-_]", str(self.settings.get("id") or self.name))
        return "".join(word[:1].upper() + word[1:] for word in words) + "Function"

    def runs(self, function: Resource) -> bool:
        """Whether the function's handler, or else its package, bears its name in any language."""
        name = re.sub("[-_]", "[-_]", self.name)
        handler = re.search(rf"(^|[./]){name}[.:]+\w+$", str(function.get("Handler")))
        return bool(handler or re.search(rf"/{name}$", str(function.get("CodeUri"))))


def _answered(answers: Document | None) -> list[Answer]:
    functions = dig(answers.data, "functions") if answers else None
    return [
        Answer(str(name), settings if isinstance(settings, dict) else {"trigger": settings})
        for name, settings in (functions if isinstance(functions, dict) else {}).items()
    ]


def _rotating(answers: Document | None) -> list[Answer]:
    """The functions that rotate secrets: they follow from `secrets`."""
    secrets = dig(answers.data, "secrets") if answers else None
    return [
        Answer(f"rotate-{name}", {})
        for name, entry in (secrets if isinstance(secrets, dict) else {}).items()
        if dig(entry, "rotate")
    ]


def _at_answer(rule: Rule, answers: Document, answer: Answer, problem: str) -> Finding:
    line = answers.line("functions", answer.name)
    return Finding(answers.name, line, rule.id, answer.logical_id, problem, rule.mend)


class AnsweredFunctions(Rule):
    id = "GP901"
    title = "Every function in the answers is in the template"
    why = "An update would bring back a function that was deleted by hand, or edit the wrong one."
    mend = (
        "Change functions by `make add-function`, `make rename-function` or `make remove-function`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for answer in _answered(stack.answers) if stack.serves else ():
            function = stack.functions.get(answer.logical_id)
            if function is None:
                problem = f"The answers name `{answer.name}`, the template has no such function."
                yield _at_answer(self, stack.answers, answer, problem)
                continue
            handler = function.get("Handler")
            if isinstance(handler, str) and not answer.runs(function):
                problem = f"Its handler is {handler}, by the answers that of `{answer.name}`."
                yield self.found(stack, function, "Handler", problem=problem)


class OnlyAnsweredFunctions(Rule):
    id = "GP902"
    title = "Every function that the golden path wrote is in the answers"
    why = "An update would delete a function that the answers do not know."
    mend = f"Add it by `make add-function`, or move it below `{MARKER}` to make it your own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        if not dig(stack.answers.data if stack.answers else None, "functions"):
            return
        known = [*_answered(stack.answers), *_rotating(stack.answers)]
        answered = {answer.logical_id for answer in known}
        border = self._border(stack.source)
        for function in stack.functions.values():
            above = stack.source.line("Resources", function.id) < border
            if above and function.id not in answered | stack.hooks:
                problem = "The answers do not know this function."
                yield self.found(stack, function, problem=problem)

    def _border(self, source: Document) -> float:
        lines = source.text.splitlines()
        marked = (i for i, line in enumerate(lines, 1) if line.strip().startswith(MARKER))
        return next(marked, float("inf"))


class AnsweredSettings(Rule):
    id = "GP903"
    title = "Functions are set as the answers say"
    why = "A setting that only the template knows is lost, or conflicts, at the next update."
    mend = "Set it by `make tune-function`, or by `copier update -d` for the whole service."

    def check(self, stack: Stack) -> Iterator[Finding]:
        whole = stack.answers.data if stack.answers else {}
        for answer in _answered(stack.answers):
            if function := stack.functions.get(answer.logical_id):
                yield from self._compare(stack, function, "Timeout", answer.settings.get("timeout"))
                memory = answer.settings.get("memory")
                yield from self._compare(stack, function, "MemorySize", memory)
                yield from self._compare(stack, function, "Runtime", dig(whole, "runtime"))
                architecture = dig(whole, "architecture")
                yield from self._compare(stack, function, "Architectures", architecture)

    def _compare(
        self, stack: Stack, function: Resource, name: str, answer: object
    ) -> Iterator[Finding]:
        if answer is None:
            return
        for form in stack.resolver.each(function.get(name)):
            for value in as_list(form):
                same = value == answer or (number(value) == number(answer) is not None)
                if not same and not isinstance(value, dict):
                    problem = f"Its {name} is {value}, by the answers {answer}."
                    yield self.found(stack, function, name, problem=problem)
                    return
