"""What the template knows, as data: kinds of trigger, ways of invocation, alarms, settings."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
KINDS = ROOT / "template" / "kinds"
WAYS = ROOT / "template" / "ways"
ROTATION = "rotation"  # the one kind that is no trigger to choose
SHARED = "template/alarms.yml"
# In the order in which a newcomer looks for them.
GROUPS = ("requests", "files", "messages", "changes", "processes", "time")

Row = dict[str, Any]


def load(path: str) -> Row:
    return deepcopy(_parsed((ROOT / path).read_text()))


@cache
def _parsed(text: str) -> Row:
    """Parse a text once: a row of answers asks for the facts of each kind again."""
    return yaml.safe_load(text)


def kind(name: str) -> Row:
    """Return the facts of a kind, as its folder has them."""
    return load(f"{_folder(name)}/kind.yml")


def kind_names() -> list[str]:
    """Return the kinds in the order in which they are offered: by group, then by title."""
    facts = {path.parent.name: kind(path.parent.name) for path in KINDS.glob("*/kind.yml")}
    return sorted(
        facts, key=lambda name: (GROUPS.index(facts[name]["group"]), facts[name]["title"])
    )


def ways() -> dict[str, Row]:
    """Return the ways in which functions of triggers are invoked, a caller that waits first."""
    names = {kind(name)["invoked"] for name in kind_names()}
    ordered = sorted(names, key=lambda name: (name != "synchronously", name))
    return {name: way(name) for name in ordered}


def alarms(name: str) -> dict[str, Row]:
    """Return the alarms of a kind by signal: the shared ones in the way it is invoked, its own."""
    narrowed, rows = way(kind(name)["invoked"])["alarms"], load(SHARED)
    shared = {signal: row | narrowed[signal] for signal, row in rows.items() if signal in narrowed}
    return shared | own_alarms(name)


def own_alarms(name: str) -> dict[str, Row]:
    """Return the alarms of this kind and of its way alone; `once` stands in what is there once.

    Of an alarm of its way, a kind says only what is its own.
    """
    folders = (f"template/ways/{kind(name)['invoked']}", _folder(name))
    files = [f"{folder}/alarms.yml" for folder in folders]
    found: dict[str, Row] = {}
    for rows in (load(file) for file in files if (ROOT / file).exists()):
        for signal, row in rows.items():
            found[signal] = _merged(found.get(signal, {}), row)
    return found


def settings(name: str) -> dict[str, Row]:
    """Return the settings of a kind: the common ones as it and its way narrow them, its own."""
    found: dict[str, Row] = load("template/settings.yml")
    for rows in (way(kind(name)["invoked"]).get("settings", {}), kind(name)["settings"]):
        found |= {setting: found.get(setting, {}) | row for setting, row in rows.items()}
    return found


def loads(name: str) -> list[Row]:
    """Return what comes to functions of a kind in the tests of alarms."""
    path = f"{_folder(name)}/loads.yml"
    return load(path) if (ROOT / path).exists() else []


def changes(name: str) -> dict[str, Row]:
    """Return what a change of each type needs that only this kind has."""
    path = f"{_folder(name)}/changes.yml"
    return load(path) if (ROOT / path).exists() else {}


def stem(function: str) -> str:
    """Return what the logical ids of a function begin with: `refund-worker` is `RefundWorker`."""
    return "".join(word.capitalize() for word in function.replace("_", "-").split("-"))


def metrics(row: Row) -> list[str]:
    """Return the names of the metrics that an alarm reads."""
    given = row["metrics"].values() if "metrics" in row else [row["metric"]]
    return [one["metric"] if isinstance(one, dict) else one for one in given]


def _merged(first: Row, second: Row) -> Row:
    """Return one row with what the other says of it, at any depth."""
    both = first.keys() & second.keys()
    deep = {key: _merged(first[key], second[key]) for key in both if isinstance(first[key], dict)}
    return first | second | deep


def way(name: str) -> Row:
    """Return the facts of a way: what its folder does not say is as in that which it extends."""
    own = load(f"template/ways/{name}/way.yml")
    return (way(own["extends"]) if "extends" in own else {}) | own


def _folder(name: str) -> str:
    return f"template/{name}" if name == ROTATION else f"template/kinds/{name}"
