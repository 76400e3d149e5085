"""Finds the edits that stood in one section of a file before an update and stand in another after.

A merge applies an edit where the lines around it look right. Lines are taken as they are: a merge
moves them letter by letter. What the release itself moves is none of the team's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from golden_path.updates.sections import Cut, Line, Section


class Past(Protocol):
    """Knows what a team has done to a file before an update."""

    def wrote(self, file: str, line: Line) -> bool:
        """Whether the team wrote a line into its section."""

    def removed(self, file: str, line: Line) -> bool:
        """Whether the team removed a line from its section."""


@dataclass(frozen=True, order=True)
class Move:
    """An edit that is in another section after an update."""

    file: str
    origin: Section
    target: Section
    words: str
    removal: bool = False
    """The team had removed the line from `origin`; now it is back there, and gone from `target`."""

    @property
    def names(self) -> tuple[str, str]:
        """What tells the two sections apart, as a reader knows them."""
        depth = _parting(self.origin, self.target)
        return _told(self.origin, depth), _told(self.target, depth)

    @property
    def lines(self) -> tuple[Line, Line]:
        """The line as it stood, and as it stands."""
        return (self.origin, self.words), (self.target, self.words)

    def stands(self, before: Cut, after: Cut, now: Cut) -> bool:
        """Whether it is still so: neither mended nor gone since."""
        was, became = self.lines
        sign = -1 if self.removal else 1
        return (
            sign * (now.count[was] - before.count[was]) < 0
            and sign * (now.count[became] - after.count[became]) >= 0
        )


def moves(file: str, before: Cut, after: Cut, past: Past) -> Iterator[Move]:
    """The edits of the team that an update has moved within a file."""
    lost, won = before.count - after.count, after.count - before.count
    for words in sorted({words for _, words in lost} & {words for _, words in won}):
        origins = sorted(section for section, other in lost if other == words)
        targets = sorted(section for section, other in won if other == words)
        _part(origins, targets, before, after)
        written = [section for section in origins if past.wrote(file, (section, words))]
        for origin, target in zip(written, targets, strict=False):
            yield Move(file, origin, target, words)
        removed = [section for section in targets if past.removed(file, (section, words))]
        # Where a whole section is gone, a line of it is no sign.
        left = [section for section in origins if section in after.sections]
        taken = [section for section in left if section not in written]
        for origin, target in zip(removed, taken, strict=False):
            yield Move(file, origin, target, words, removal=True)


def _part(origins: list[Section], targets: list[Section], before: Cut, after: Cut) -> None:
    """Take the sections out that stay where they are under another name."""
    for origin in list(origins):
        same = next((one for one in targets if _same(origin, one, before, after)), None)
        if same is not None:
            origins.remove(origin)
            targets.remove(same)


def _same(origin: Section, target: Section, before: Cut, after: Cut) -> bool:
    """Whether two sections are one: it got a name, lost it, or bears another."""
    depth = _parting(origin, target)
    if depth == min(len(origin), len(target)):  # one lies in the other
        return origin not in after.sections or target not in before.sections
    gone = origin[: depth + 1] not in after.sections
    new = target[: depth + 1] not in before.sections
    return gone and new


def _told(section: Section, depth: int) -> str:
    """What is below the shared names; of a section that has no more, the last of them."""
    return " / ".join(section[depth:] or section[-1:])


def _parting(one: Section, other: Section) -> int:
    """How many names two sections share."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (mine, its) in enumerate(pairs) if mine != its), min(len(one), len(other))
    )
