"""State machines: their definitions, in Amazon States Language, and the states in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden_path.document import Document
from golden_path.intrinsics import as_list, dig, walk
from golden_path.stack import Resource, Stack

MACHINE = "AWS::StepFunctions::StateMachine"
LOCAL = re.compile(r"(?!\w+://)[^\n]+")
NAMED = re.compile(r"\$\{(\w+)\}")
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class State:
    """A state, and where it stands in its document; `beside` are the names of those with it."""

    name: str
    body: dict[str, Any]
    place: Place
    beside: frozenset[str]

    @property
    def names(self) -> set[str]:
        """What is to be substituted in it."""
        texts = (part for part in walk(self.body) if isinstance(part, str))
        return {name for text in texts for name in NAMED.findall(text)}

    @property
    def called(self) -> str | None:
        """What a task calls a function by: a name, an ARN or a substitution."""
        resource = self.body.get("Resource")
        if self.body.get("Type") != "Task" or not isinstance(resource, str):
            return None
        if ":lambda:invoke" in resource:
            found = (dig(self.body, given, "FunctionName") for given in ("Parameters", "Arguments"))
            return next((one for one in found if isinstance(one, str)), None)
        return resource if ":lambda:" in resource or NAMED.fullmatch(resource) else None


@dataclass(frozen=True)
class Definition:
    """The definition of a machine, in a file of its own or in the template."""

    machine: Resource
    document: Document
    place: Place
    body: dict[str, Any]

    @property
    def substitutions(self) -> dict[str, Any]:
        """What stands for each name in the definition."""
        return substitutions(self.machine)

    def line(self, *path: str | int) -> int:
        """The line of a place below the definition."""
        return self.document.line(*self.place, *path)

    def states(self) -> Iterator[State]:
        """All states, those of branches and of items too."""
        yield from _states(self.body, ())

    def names(self) -> set[str]:
        """All that is to be substituted in it."""
        return {name for state in self.states() for name in state.names}


def substitutions(machine: Resource) -> dict[str, Any]:
    """What stands for each name in the definition of a machine, whether that can be read or not."""
    given = machine.get("DefinitionSubstitutions")
    return given if isinstance(given, dict) else {}


def definitions(stack: Stack) -> Iterator[Definition]:
    """The definitions that can be read: files beside the template, and mappings in it."""
    for machine in stack.of_type(MACHINE):
        where = ("Resources", stack.owners.get(machine.id, machine.id), "Properties")
        given = dig(stack.source.data, *where)
        uri, inline = dig(given, "DefinitionUri"), dig(given, "Definition")
        if isinstance(uri, str) and LOCAL.fullmatch(uri):
            document = Document.read(Path(stack.source.name).parent / uri)
            yield Definition(machine, document, (), document.data)
        elif isinstance(inline, dict):
            yield Definition(machine, stack.source, (*where, "Definition"), inline)


def _states(body: Any, place: Place) -> Iterator[State]:
    states = dig(body, "States")
    if not isinstance(states, dict):
        return
    for name, state in states.items():
        if not isinstance(state, dict):
            continue
        here = (*place, "States", name)
        yield State(name, state, here, frozenset(states))
        for inner in ("ItemProcessor", "Iterator"):
            yield from _states(state.get(inner), (*here, inner))
        for number, branch in enumerate(as_list(state.get("Branches"))):
            yield from _states(branch, (*here, "Branches", number))
