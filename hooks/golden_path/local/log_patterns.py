"""Which lines a filter pattern of CloudWatch Logs lets through.

Not judged, so that such a pattern lets every line through: columns between square brackets, and
addresses that are compared with a range.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

TERM = re.compile(r'([?-]?)("(?:[^"\\]|\\.)*"|%[^%]*%|[^\s"%]+)')
TOKEN = re.compile(
    r"""\s*(?:
        (?P<end>\)|&&|\|\||\()|
        (?P<field>\$(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])*)\s*
        (?:(?P<state>IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS)|
           (?P<sign>!=|<=|>=|=|<|>)\s*(?P<value>"[^"]*"|%[^%]*%|[^\s()&|]+))
    )""",
    re.VERBOSE,
)
ABSENT = object()


def lets_through(pattern: str, line: str) -> bool:
    """Tell whether a pattern lets a line through."""
    pattern = pattern.strip()
    if pattern.startswith("["):
        return True
    if pattern.startswith("{"):
        try:
            return _Condition(pattern.removeprefix("{").removesuffix("}")).holds(json.loads(line))
        except ValueError:
            return False  # the line is no JSON
    found: dict[str, list[bool]] = {"": [], "-": [], "?": []}
    for sign, term in TERM.findall(pattern):
        found[sign].append(_contains(line, term))
    any_of = not found["?"] or bool(found[""]) or any(found["?"])
    return all(found[""]) and not any(found["-"]) and any_of


def _contains(line: str, term: str) -> bool:
    if term.startswith("%"):
        return re.search(term.strip("%"), line) is not None
    return term.strip('"') in line


class _Condition:
    """What stands between braces: `&&` binds more closely than `||`."""

    def __init__(self, text: str) -> None:
        self._tokens = list(TOKEN.finditer(text.strip()))
        if "".join(token.group() for token in self._tokens) != text.strip():
            self._tokens = []  # not judged

    def holds(self, line: Any) -> bool:
        if not self._tokens:
            return True
        self._line, self._next = line, iter([*self._tokens, None])
        self._step()
        return self._any_of()

    def _step(self) -> None:
        token = next(self._next)
        self._token = token
        self._word = token["end"] if token else None

    def _any_of(self) -> bool:
        found = self._all_of()
        while self._word == "||":
            self._step()
            found = self._all_of() or found
        return found

    def _all_of(self) -> bool:
        found = self._one()
        while self._word == "&&":
            self._step()
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self._word == "(":
            self._step()
            found = self._any_of()
        else:
            found = _compares(_field(self._line, self._token["field"]), self._token)
        self._step()
        return found


def _field(line: Any, path: str) -> Any:
    for name, number, quoted in re.findall(r'\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]', path):
        try:
            line = line[int(number)] if number else line[name or quoted]
        except (IndexError, KeyError, TypeError):
            return ABSENT
    return line


def _compares(found: Any, token: re.Match[str]) -> bool:
    if token["state"]:
        states = {"NULL": None, "TRUE": True, "FALSE": False, "EXISTS": ABSENT}
        return found is states[token["state"].split()[1]]
    if found is ABSENT or isinstance(found, dict | list) or found is None:
        return False
    sign, value = token["sign"], token["value"]
    if value.startswith("%"):
        return (re.search(value.strip("%"), str(found)) is not None) == (sign == "=")
    if sign in ("=", "!="):
        number = isinstance(found, int | float) and re.fullmatch(r"-?[\d.]+(e-?\d+)?", value)
        alike = found == float(value) if number else fnmatchcase(_text(found), value.strip('"'))
        return alike == (sign == "=")
    if isinstance(found, str):
        return False
    limit = float(value)
    return {"<": found < limit, ">": found > limit, "<=": found <= limit, ">=": found >= limit}[
        sign
    ]


def _text(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found)
