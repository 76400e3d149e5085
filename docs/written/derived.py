"""What others than readers need of the kinds: the question's choices, and the rules' facts."""

from __future__ import annotations

import json

import yaml

from docs.written.facts import (
    ROOT,
    ROTATION,
    WAYS,
    Row,
    kind,
    kind_names,
    load,
    metrics,
    own_alarms,
    way,
)

# What only sentences and tests say of a source.
WORDS = ("words", "sender")


def rule_facts() -> str:
    """Return what the rules must know of the kinds: how each is fed, and what alarms watch of it.

    `watched` lists pairs of namespace and metric: of every function, of queues of dead letters, of
    functions that rotate, of functions of a way that has alarms of its own, and by kind of its
    source, or of its function for its source's sake.
    """
    watched: dict[str, list[list[str]]] = {}
    for row in load("template/alarms.yml").values():
        letters = "DeadLetters" in str(row["dimensions"])
        _watch(watched, "dead_letters" if letters else "function", row)
    for row in own_alarms(ROTATION).values():
        _watch(watched, "rotation", row)
    for path in sorted(WAYS.glob("*/alarms.yml")):
        for row in load(str(path.relative_to(ROOT))).values():
            if "FunctionName" in row["dimensions"]:  # what else there is, is of each kind's source
                _watch(watched, path.parent.name, row)
    found = {}
    for name in sorted(kind_names()):
        found[name] = facts_for_rules(kind(name), own_alarms(name))
    return json.dumps({"watched": watched, "kinds": found}, indent=2) + "\n"


def facts_for_rules(facts: Row, alarms: dict[str, Row]) -> Row:
    """Return what the rules must know of one kind, from its facts and its own alarms."""
    source = {key: value for key, value in facts["source"].items() if key not in WORDS}
    watched: dict[str, list[list[str]]] = {}
    for row in alarms.values():
        _watch(watched, "function" if "FunctionName" in row["dimensions"] else "source", row)
    found = {"source": source, "watched": watched}
    return found | {key: facts[key] for key in ("wildcards",) if key in facts}


def _watch(watched: dict[str, list[list[str]]], of: str, row: Row) -> None:
    """Note what an alarm watches, if the rules ask for it: no metrics of a version or of ours."""
    if not row.get("ours") and "version" not in row:
        watched.setdefault(of, []).append([row["namespace"], metrics(row)[0]])


def choices() -> str:
    """Return the kinds as they are offered: when they run, what they are, what a failure means."""
    titles = {}
    for name in kind_names():
        facts = kind(name)
        title = facts["title"].replace("(Amazon ", "(")
        titles[f"{facts['when']}: {title}; {way(facts['invoked'])['failing']}"] = name
    head = "# Written by docs/generate.py from the kinds' folders: change those, then `make docs`."
    return f"{head}\n{yaml.safe_dump(titles, sort_keys=False, width=1000)}"
