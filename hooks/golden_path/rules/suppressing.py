"""GP0xx: exceptions from the rules have a reason, a rule and a use."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path import suppressions
from golden_path.finding import Finding
from golden_path.rules.base import RULES, Rule
from golden_path.stack import Stack
from golden_path.suppressions import SHORTEST_REASON, Suppression

TEMPLATE = "the template"


class Reason(Rule):
    id = "GP001"
    title = "A suppression says why"
    why = "Without a reason nobody dares to remove it, and nobody can judge it."
    mend = f"Write the reason as its value, at least {SHORTEST_REASON} characters."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for entry in suppressions.of(stack.source):
            if not entry.reasoned:
                problem = f"The suppression of {entry.rule} gives no reason."
                yield self.at(stack, entry.path, entry.resource or TEMPLATE, problem)


class KnownRule(Rule):
    id = "GP002"
    title = "A suppression names a rule"
    why = "A misspelt id suppresses nothing, and a rule that is gone needs no exception."
    mend = "Name an id from `golden-path rules`, none of GP0xx."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for entry in suppressions.of(stack.source):
            if entry.rule not in RULES or entry.of_suppressions:
                problem = f"{entry.rule} is no rule that can be suppressed."
                yield self.at(stack, entry.path, entry.resource or TEMPLATE, problem)


class Used(Rule):
    id = "GP003"
    title = "A suppression is needed"
    why = "What was mended keeps an exception that would hide the next breach."
    mend = "Remove the suppression."

    def unused(self, stack: Stack, entries: list[Suppression]) -> Iterator[Finding]:
        """Takes the place of `check`: what was of no use is known after all other rules."""
        for entry in entries:
            if entry.reasoned and entry.rule in RULES and not entry.of_suppressions:
                problem = f"{entry.rule} is kept here, so its suppression excuses nothing."
                yield self.at(stack, entry.path, entry.resource or TEMPLATE, problem)
