"""What a rule is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.stack import Resource, Stack

RULES: dict[str, type[Rule]] = {}


class Rule:
    """One promise that every service keeps. A subclass with an id is a rule.

    Most say a fact: it will fail, lose, leak or never tell. One of `style` says how the golden path
    does a thing which another service may well do in another way.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    why: ClassVar[str]
    mend: ClassVar[str]
    style: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if cls.id in RULES:
            raise TypeError(f"{cls.__name__} and {RULES[cls.id].__name__} are both {cls.id}")
        RULES[cls.id] = cls

    def check(self, stack: Stack) -> Iterator[Finding]:
        """Yields each breach of the rule."""
        raise NotImplementedError

    def found(self, stack: Stack, resource: Resource, *path: str | int, problem: str) -> Finding:
        """A breach at a property of a resource, placed at what its owner wrote in the source."""
        owner = stack.owners.get(resource.id)
        if owner is None:
            return self.at(stack, ("Resources",), resource.id, problem)
        where: tuple[str | int, ...] = ("Resources", owner)
        properties = dig(stack.source.data, *where, "Properties")
        # What Globals say, or the transform derives, has no property of its own to point at.
        if owner == resource.id and path and dig(properties, path[0]) is not None:
            where = (*where, "Properties", *path)
        return self.at(stack, where, owner, problem)

    def found_event(
        self, stack: Stack, function: Resource, mapping: Resource, name: str, problem: str
    ) -> Finding:
        """A breach of a mapping, placed at the event from whose name SAM makes the mapping's."""
        if stack.owners.get(mapping.id) != function.id:
            return self.found(stack, mapping, name, problem=problem)
        event = mapping.id.removeprefix(function.id)
        where: tuple[str, ...] = ("Resources", function.id, "Properties", "Events", event)
        if dig(stack.source.data, *where, "Properties", name) is not None:
            where = (*where, "Properties", name)
        return self.at(stack, where, function.id, problem)

    def at(
        self, stack: Stack, where: tuple[str | int, ...], resource: str, problem: str
    ) -> Finding:
        """A breach at a path of the source template."""
        name, line = stack.source.name, stack.source.line(*where)
        return Finding(name, line, self.id, resource, problem, self.mend)
