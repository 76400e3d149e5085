"""Edits of one line, planted on rendered files: where they were made, and where they were left.

Sections are found here by their headers alone, another way than the rule that is tried goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADERS = {
    ".yaml": re.compile(r"  (\w[\w.-]*):$|\S.*:$"),
    ".yml": re.compile(r"  (\w[\w.-]*):$|\S.*:$"),
    ".md": re.compile(r"#{2,3} (.+)$"),
    ".toml": re.compile(r"\[(.+)\]$"),
    ".json": re.compile(r' +"(\w+)": \{$'),
    "Makefile": re.compile(r"([a-z.$][\w./%()-]*):(?!=)"),
}
ITEMS = re.compile(r" +- (?:Sid|name|Name): *(.+?)(?: #.*)?$")
"""List items that have a name."""

# A line that may change its words, or get a neighbour, in whatever file of whatever section.
PLACES = re.compile(
    r" +- [a-z][\w:.*-]+$|\s+[\w.-]+: [^\s|>&*{\[][^#:]*$|\w[^:|`#]{20,}$|\t@\S.+$|  [|a-z].+$"
)

Texts = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A line of a file, in its section."""

    file: str
    section: str
    number: int
    line: str


@dataclass(frozen=True)
class Edit:
    """What a team does to one line."""

    verb: str
    place: Place

    def __str__(self) -> str:
        return (
            f"{self.verb} in {self.place.section} of {self.place.file}: {self.place.line.strip()}"
        )

    def could_go(self, other: Place) -> bool:
        """Whether a merge could make the edit in another section instead."""
        if other.section == self.place.section:
            return False
        line = self.place.line
        if self.verb == "delete":
            return other.line == line
        if self.verb == "replace":
            return _form(other.line) == _form(line)
        return re.match(r"\s*(- )?", other.line)[0] == re.match(r"\s*(- )?", line)[0]

    def on(self, texts: Texts, place: Place, own: str | None = None) -> Texts:
        """Make the edit at a place of texts, be it the right one; `own` is the line to write."""
        lines = texts[place.file].splitlines()
        if self.verb == "delete":
            del lines[place.number]
        elif self.verb == "replace":
            lines[place.number] = own or _own(place.line)
        else:
            words = re.sub(r"^(\s*)([\w.-]+:)", r"\1Own\2", _own(place.line))
            lines.insert(place.number + 1, own or words)
        return texts | {place.file: "\n".join(lines) + "\n"}


def _form(line: str) -> str:
    """Return a line without its last word."""
    return re.sub(r"[\w.]+\W*$", "", line)


def _own(line: str) -> str:
    return f'{line[:-1]}own"' if line.endswith('"') else f"{line}own"


def places(texts: Texts, file: str, items: bool = False) -> list[Place]:
    """The lines of a file that can be edited, each in its section, or in its named list item."""
    suffix = next(suffix for suffix in HEADERS if file.endswith(suffix))
    section, item, found, fenced = "", "", [], False
    for number, line in enumerate(texts[file].splitlines()):
        fenced ^= file.endswith(".md") and line.strip().startswith("```")
        header = None if fenced else HEADERS[suffix].match(line)
        if header:
            section, item = header[1] or "", ""
        elif named := items and ITEMS.match(line):
            item = f"{section} / {named[1]}"
        elif section and PLACES.match(line) and (item or not items):
            found.append(Place(file, item or section, number, line))
    return found


def same(texts: Texts, place: Place, among: Texts) -> Place | None:
    """Return the place in other texts, if its line stands as often in its section there."""
    if place.file not in among:
        return None
    here, there = (
        [
            one
            for one in places(known, place.file)
            if (one.section, one.line) == (place.section, place.line)
        ]
        for known in (texts, among)
    )
    return there[here.index(place)] if len(here) == len(there) else None
