"""Plants one defect in the text of a YAML file, by path, and leaves every other line as it is."""

from __future__ import annotations

from functools import lru_cache

import yaml

# As a value: the key goes, with all below it.
DROP = None
_TOP = {
    "Globals",
    "Parameters",
    "Outputs",
    "Resources",
    "StartAt",
    "States",
    "TimeoutSeconds",
    "Metadata",
    "Transform",
    "functions",
    "permissions_boundary",
    "runtime",
    "secrets",
}

Path = tuple[str | int, ...]


def path_of(short: str) -> Path:
    """`Queue.VisibilityTimeout` is a property, `Queue:Metadata` is beside the properties."""
    resource, *below = short.split(".")
    beside = resource.split(":")
    parts = [int(part) if part.isdigit() else part for part in (*beside, *below)]
    if parts[0] in _TOP or len(beside) > 1 or len(parts) == 1:
        return tuple(parts if parts[0] in _TOP else ("Resources", *parts))
    return ("Resources", parts[0], "Properties", *parts[1:])


def line_of(text: str, short: str) -> int:
    """The line on which the key of a path stands."""
    key, _ = _pair(text, path_of(short))
    return key.start_mark.line + 1


def plant(text: str, short: str, value: str | None) -> str:
    """Sets a path to a value written on one line, adds it where it is missing, or drops it."""
    path = path_of(short)
    try:
        key, node = _pair(text, path)
    except KeyError:
        return _add(text, path, value)
    if value is not None:
        return text[: node.start_mark.index] + value + text[_end(node) :]
    before, after = text[: key.start_mark.index], text[_end(node) :]
    line = before.rindex("\n") + 1
    if {"{", "["} & set(before[line:]):  # one of several on its line goes with a comma
        alone = before.removesuffix(", ")
        return alone + (after.removeprefix(", ") if alone == before else after)
    return text[:line] + after[after.index("\n") + 1 :]


def _add(text: str, path: Path, value: str | None) -> str:
    assert value is not None, f"{path} cannot be dropped, it is not there"
    _, parent = _pair(text, path[:-1])
    first = parent.value[0]
    first = first[0] if isinstance(first, tuple) else first
    indent = " " * first.start_mark.column
    return (
        f"{text[: first.start_mark.index]}{path[-1]}: {value}\n{indent}"
        + (text[first.start_mark.index :])
    )


def _pair(text: str, path: Path) -> tuple[yaml.Node, yaml.Node]:
    key = node = _composed(text)
    for part in path:
        if isinstance(node, yaml.SequenceNode):
            key = node = node.value[int(part)]
        else:
            pairs = {key.value: (key, value) for key, value in node.value}
            key, node = pairs[str(part)]
    return key, node


@lru_cache(maxsize=8)
def _composed(text: str) -> yaml.Node:
    return yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _end(node: yaml.Node) -> int:
    # The end mark of a block stands at the next token, past comments that belong to what follows.
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node.end_mark.index
