"""Cuts a file into the sections that a reader knows by name, one small class a format.

A section is the path of names that lead to a line: a resource and a statement (`Resources`,
`ItemsRole`, `SendTraces`), a job and a step, the headings of a page, a target of `make`, a table.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import ClassVar

import yaml

Section = tuple[str, ...]
Line = tuple[Section, str]
"""A line with the section that it stands in; a line of no word is empty."""

# What a list item is known by, the most telling first.
NAMES = ("Sid", "PolicyName", "Name", "name", "Id", "id", "repo", "uses")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Format:
    """A kind of file. A subclass says which files are of it, and where their sections begin."""

    files: ClassVar[re.Pattern[str]]

    def lines(self, text: str) -> list[Line]:
        """Each line of a text, without its indentation, in its section."""
        lines = text.splitlines()
        return list(zip(self.sections(lines), map(self.words, lines), strict=True))

    def words(self, line: str) -> str:
        """A line without its indentation; nothing where it is brackets and the like alone."""
        return line.strip().rstrip(",") if re.search(r"[\w*!?]", line) else ""

    def sections(self, lines: list[str]) -> list[Section]:
        """The section of each line."""
        raise NotImplementedError


class Yaml(Format):
    """Sections are the mappings and lists that a key leads to, and list items by their names."""

    files = re.compile(r"\.ya?ml$")
    comment: ClassVar[str] = "#"

    def sections(self, lines: list[str]) -> list[Section]:
        found: list[Section] = [()] * len(lines)
        try:
            root = yaml.compose("\n".join(lines), _Loader)
        except (yaml.YAMLError, RecursionError, ValueError):
            return found
        self._walk(root, (), found)
        return self._comments(lines, found)

    def _walk(self, node: yaml.Node, section: Section, found: list[Section]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                named = not isinstance(value, yaml.ScalarNode)
                inner = (*section, str(key.value)) if named else section
                self._mark(key, value, inner, found)
                self._walk(value, inner, found)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                inner = (*section, *_name(item))
                self._mark(item, item, inner, found)
                self._walk(item, inner, found)

    def _mark(self, first: yaml.Node, last: yaml.Node, section: Section, found: list) -> None:
        # The end of a block is where the next one begins; that of a flow is its bracket.
        block = isinstance(last, yaml.CollectionNode) and not last.flow_style
        begin, end = first.start_mark.line, last.end_mark.line + (not block)
        found[begin:end] = [section] * len(found[begin:end])

    def _comments(self, lines: list[str], found: list[Section]) -> list[Section]:
        """A comment belongs to what comes after it, unless that is less deep."""
        following, depth = (), 0
        for at in reversed(range(len(lines))):
            words = lines[at].lstrip()
            indent = len(lines[at]) - len(words)
            if words.startswith(self.comment):
                if indent <= depth:
                    found[at] = following
            elif words:
                following, depth = found[at], indent
        return found


class Json(Yaml):
    """Sections are the objects, at any depth."""

    files = re.compile(r"\.json$")
    comment = "//"


class Markdown(Format):
    """Sections are the pages below headings; the title is that of the file."""

    files = re.compile(r"\.md$")

    def sections(self, lines: list[str]) -> list[Section]:
        found: list[Section] = []
        here: Section = ()
        fence = ""
        for line in lines:
            mark = re.match(r"\s*(```+|~~~+)", line)
            if mark and not fence:
                fence = mark[1]
            elif mark and line.strip() == fence:
                fence = ""
            elif not fence and (heading := re.match(r"#(#+) +(.*)", line)):
                here = (*here[: len(heading[1]) - 1], heading[2])
            found.append(here)
        return found


class Make(Format):
    """Sections are the targets; what is said of one before it (`.PHONY`, a comment) is its own."""

    files = re.compile(r"(^|/)Makefile$|\.mk$")

    def sections(self, lines: list[str]) -> list[Section]:
        found: list[Section] = []
        here: Section = ()
        for line in lines:
            if rule := re.match(r"\.PHONY: *(\S+)|([^\s:#=][^:#=]*?) *:(?![:=])", line):
                here = (rule[1] or rule[2],)
            elif line[:1] not in ("\t", " ", ""):
                here = ()
            found.append(here)
        for at in reversed(range(len(lines) - 1)):
            if lines[at].startswith("#"):
                found[at] = found[at + 1]
        return found


class Tables(Format):
    """Sections are the tables of TOML and their kind."""

    files = re.compile(r"\.(toml|cfg|ini)$|(^|/)\.editorconfig$")

    def sections(self, lines: list[str]) -> list[Section]:
        found: list[Section] = []
        here: Section = ()
        for line in lines:
            if header := re.match(r"\[+([^\[\]]+)\]+\s*(#.*)?$", line):
                here = (header[1],)
            found.append(here)
        return found


FORMATS: tuple[Format, ...] = (Yaml(), Json(), Markdown(), Make(), Tables())

# Written by programs, so that nobody edits them.
GENERATED = re.compile(r"(^|/)(\.copier-answers\.yml|rendered\.yml|package-lock\.json)$")


def format_of(file: str) -> Format | None:
    """The format of a file, if it is one that has sections."""
    name = str(PurePosixPath(file))
    if GENERATED.search(name):
        return None
    return next((known for known in FORMATS if known.files.search(name)), None)


class Cut:
    """A text cut into its sections."""

    def __init__(self, file: str, text: str) -> None:
        known = format_of(file)
        self.lines = known.lines(text) if known else []
        self.count = Counter(line for line in self.lines if line[1])
        whole = {section for section, _ in self.lines}
        self.sections = {one[:depth] for one in whole for depth in range(len(one) + 1)}

    @classmethod
    def merged(cls, cuts: list[Cut], base: Cut) -> Cut:
        """What several have that come from one, each change counted once."""
        found = cls("", "")
        for cut in cuts:
            found.count.update(cut.count)
            found.sections |= cut.sections
        for _ in cuts[1:]:
            found.count.subtract(base.count)
        return found

    def number(self, line: Line) -> int:
        """Where a line stands, counted from 1."""
        return self.lines.index(line) + 1 if line in self.count else 1


def _name(item: yaml.Node) -> Section:
    """What a list item is known by: a name, or the first word that it says."""
    if not isinstance(item, yaml.MappingNode):
        return ()
    texts = {
        key.value: value.value for key, value in item.value if isinstance(value, yaml.ScalarNode)
    }
    first = next(iter(texts.values()), None)
    name = next((texts[name] for name in NAMES if name in texts), first)
    # The version of an action is no part of its name.
    return () if name is None else (name.partition("@")[0],)
