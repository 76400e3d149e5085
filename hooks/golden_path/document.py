"""A YAML file together with the line on which each of its values stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from golden_path.finding import Finding


class CannotJudge(Exception):
    """The input is no service that the rules can read; the message says why, in one sentence.

    What was found before is in `findings`.
    """

    def __init__(self, problem: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(problem)
        self.findings = list(findings)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Loads YAML as CloudFormation does: short tags become functions, dates stay text."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    # YAML keeps the last of two equal keys, so a resource could vanish without a word.
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value in seen and key.value != "<<":
            problem = f"the key {key.value!r} is there twice"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


def _construct_function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
_Loader.add_multi_constructor("!", _construct_function)


class Document:
    """One YAML mapping: its data, and the line of any path into it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        loader = _Loader(text)
        try:
            self._root = loader.get_single_node()
            self.data = loader.construct_document(self._root) if self._root else None
        except yaml.YAMLError as error:
            raise CannotJudge(f"{name} is not valid YAML: {_sentence(error)}.") from None
        except (TypeError, ValueError, RecursionError) as error:
            raise CannotJudge(f"{name} is not valid YAML: {error}.") from None
        finally:
            loader.dispose()
        if not isinstance(self.data, dict):
            raise CannotJudge(f"{name} holds no mapping, so it is neither template nor answers.")

    @classmethod
    def read(cls, path: Path) -> Document:
        """Reads a file, or says why it cannot be read."""
        try:
            return cls(str(path), path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise CannotJudge(f"{path} cannot be read: {reason}.") from None

    def line(self, *path: str | int) -> int:
        """The line of the deepest part of the path that this file has (1 when it has none)."""
        node, line = self._root, 1
        for part in path:
            if isinstance(node, yaml.MappingNode):
                found = next(
                    ((key, value) for key, value in node.value if key.value == str(part)), None
                )
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(part, str) and part.startswith("Fn::"):
                # The short form of a function is a tag on its argument, and no key.
                continue
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                if part >= len(node.value):
                    break
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                break
        return line


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else problem
