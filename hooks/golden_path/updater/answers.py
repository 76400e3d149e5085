"""Change what the service has answered, on the release that is rendered.

The answers in .copier-answers.yml are never edited by hand: Copier would read the edited file as
the past, and drop the change. Nothing is committed: look at `git diff`, then commit.
"""

import json
import sys

import yaml

from golden_path.updater.source import ROOT, Answers, golden_path
from golden_path.updater.unseen import refuse_unmergeable, tell_moved
from golden_path.updater.update import CURRENT, render, tell_conflicts, tell_deleted

EXAMPLE = "SET='alarm_email: orders@example.com'"


def answer(text: str) -> None:
    """Answer questions anew, as in `alarm_email: orders@example.com, delivery: both`."""
    given = pairs(text, EXAMPLE)
    if {"functions", "names", "triggers"} & given.keys():
        sys.exit(
            "Use `make add-function` and its siblings for functions: what a whole mapping does not "
            "name would be removed."
        )
    with golden_path() as source:
        if given.items() <= source.answers.items():
            sys.exit(f"Answer otherwise: {text} is what {source.release} was answered.")
        _refuse_another_shape(given, source.answers)
        refuse_unmergeable(source, source.commit)
        language = source.language
        before = language.dependencies()
        tell_deleted(render(ROOT, given, CURRENT))
        tell_moved(source)
        tell_conflicts(ROOT)
    lock = "`make lock`, " if language.dependencies() != before else ""
    print(f"Look at `git diff`, then {lock}`make lint rules test`, and commit.")


def _refuse_another_shape(given: Answers, had: Answers) -> None:
    """End where a list or a mapping is no such answer: Copier says what it is to Python."""
    shapes: dict[type, str] = {list: "a list, as in [dev, prod]", dict: "a mapping, as in {a: b}"}
    for name, value in given.items():
        asked = shapes.get(type(had.get(name, value)), "one value")
        if shapes.get(type(value), "one value") != asked or value is None:
            sys.exit(f"Write {name} as {asked}: {value!r} is none.")


def pairs(text: str, example: str) -> Answers:
    """Return what `name: value, name: value` says, or end with how to write it."""
    try:
        given = yaml.safe_load(f"{{{text}}}")
        json.dumps(given, default=str)
    # Also a date or a number that is none, a key that is no text, a list that holds itself.
    except (yaml.YAMLError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        sys.exit(f"Write it like {example}: {text!r} is no list of names with their values.")
    if not given or not all(isinstance(name, str) for name in given):
        sys.exit(f"Write it like {example}: {text!r} sets nothing.")
    return given
