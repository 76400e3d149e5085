"""What the rule finds in an update of files, by what a release had rendered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from golden_path.updates.moves import Move, moves
from golden_path.updates.sections import Cut, Line, format_of

from tests.updates.planting import Texts

cut = cache(Cut)


@dataclass
class Rendered:
    """What is the team's, by what the release had rendered."""

    old: Texts
    before: Texts

    def wrote(self, file: str, line: Line) -> bool:
        return self._more(file, line) > 0

    def removed(self, file: str, line: Line) -> bool:
        return self._more(file, line) < 0

    def _more(self, file: str, line: Line) -> int:
        return cut(file, self.before[file]).count[line] - cut(file, self.old[file]).count[line]


def witnessed(old: Texts, before: Texts, after: Texts) -> list[Move]:
    """Return what the rule finds in an update of texts."""
    past = Rendered(old, before)
    return [
        move
        for file in sorted(before.keys() & after.keys())
        if format_of(file) and before[file] != after[file]
        for move in moves(file, cut(file, before[file]), cut(file, after[file]), past)
    ]


def texts(service: Path) -> Texts:
    """Return the files of a service that have sections."""
    names = (path.relative_to(service).as_posix() for path in service.rglob("*") if path.is_file())
    return {name: (service / name).read_text() for name in sorted(names) if format_of(name)}


# One pair of a format, before and after: without the format's class nothing of it is found.
