"""Every single-line edit of a rendered file, updated, and judged by the section that it is in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from tests.updates.merge import Change, Edit, Merge
from tests.updates.sections import Section, is_code, is_named, places, without_comments

Result = Literal["right", "due", "undue", "wrong", "lost"]
"""`due` and `undue` are conflicts: has the release changed there more than a comment?"""


@dataclass(frozen=True)
class File:
    """A file in the old render and in the new one."""

    path: str
    old: str
    new: str
    renamed: tuple[tuple[str, str], ...] = ()
    """Names that an answer has changed: before and after."""
    released: bool = False
    """Is a release between them, which may move what it likes, and name it anew?"""


@dataclass(frozen=True)
class Astray:
    """An edit that is in another section than before, without a conflict."""

    path: str
    edit: Edit
    line: str
    before: Section
    after: Section

    def __str__(self) -> str:
        where = f"{self.path}:{self.edit.at + 1}: {self.edit.kind} {self.line.strip()!r}"
        return f"{where}: from {' / '.join(self.before)} to {' / '.join(self.after)}"


@dataclass
class Outcome:
    """What comes of all edits of a file, or of many files."""

    counts: Counter[Result] = field(default_factory=Counter)
    astray: list[Astray] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.counts += other.counts
        self.astray += other.astray


@cache
def simulate(file: File, context: int) -> Outcome:
    """Make each edit of a file, update with so many lines of context, and judge."""
    judge = _judge(file)
    outcome = Outcome()
    for edit in judge.merge.edits():
        result, after = judge.of(edit, context)
        outcome.counts[result] += 1
        if result == "wrong":
            line, (before, *_) = judge.merge.old[edit.at], judge.old[edit.at]
            outcome.astray.append(Astray(file.path, edit, line, before, after))
    return outcome


class Judge:
    """What is known of a file, whatever is edited in it."""

    def __init__(self, file: File) -> None:
        self.path, self.released = file.path, file.released
        self.merge = Merge(file.old, file.new)
        self.old = places(file.path, self.merge.old)
        self.new = places(file.path, self.merge.new)
        self._were, self._are = _extents(self.old), _extents(self.new)
        self._renamed = [(re.compile(rf"\b{re.escape(was)}\b"), now) for was, now in file.renamed]
        both = Counter(set(self.merge.old)) + Counter(set(self.merge.new))
        all_lines = Counter(self.merge.old) + Counter(self.merge.new)
        self._once = {line for line, count in all_lines.items() if count == both[line] == 2}
        self._kept_of: dict[Section, Section] = {}
        self._more = {change: self._says_more(change) for change in self.merge.changes}

    def of(self, edit: Edit, context: int) -> tuple[Result, Section]:
        """Return what comes of an edit, and the section that it is in afterwards."""
        merged = self.merge.of(edit, context)
        if merged.how == "conflict":
            return ("due" if self._is_due(edit) else "undue"), ()
        if merged.how == "same":
            return ("right" if edit.kind == "delete" else "lost"), ()
        before, after = self.old[edit.at], self.new[merged.at]
        lines = self._aligned(edit, merged.at)
        at_home = any(self._is_home(*sides, lines) for sides in zip(before, after, strict=True))
        if at_home or (len(before) == 2 and self._is_between(*before, merged.at)):
            return "right", ()
        return "wrong", after[0]

    def _aligned(self, edit: Edit, at: int) -> list[str]:
        """Return the line of an edit, if git takes the one that it is at for the same.

        What is inserted has two: the one above, and the one below.
        """
        reach = 2 if edit.kind == "insert" else 1
        same = [one for one in range(reach) if self.merge.aligned(edit.at + one) == at + one]
        return self.merge.old[edit.at : edit.at + len(same)] if 0 in same else []

    def _is_home(self, before: Section, after: Section, lines: list[str]) -> bool:
        """Tell whether a section is the one before: as deep as the new render still has that.

        What has no name may have got one, or another text: then git has to take the lines for
        the same, which are passed.
        """
        kept = self._kept(before)
        if after[: len(kept)] == kept and len(kept) == len(before):
            return True
        if not lines:
            return False
        if after[: len(kept)] == kept and not is_named(self.path, before, len(kept)):
            return True
        return self._has_moved(before, len(kept), after, lines)

    def _has_moved(self, before: Section, kept: int, after: Section, lines: list[str]) -> bool:
        """Tell whether the release itself has moved a line, or has named its section anew.

        Code is moved with its text. A statement, a step or a page keeps its name in another
        place, or gets a longer one, or is cut in several of other names.
        """
        if is_code(self.path):
            pairs = zip(self.merge.new, self.new, strict=True)
            there = {line for line, place in pairs if before in place}
            gone = after not in self._were and not there.issuperset(lines)
            return gone or not self._once.isdisjoint(lines)
        moved = before[kept:]
        if not self.released or not moved or after in self._were or after not in self._are:
            return False
        known, now = before[: kept + 1], after[: kept + 1]
        if now[:kept] == before[:kept] and now not in self._were and known in self._were:
            return now[kept].startswith(known[kept]) or self._is_cut(known)
        return after[-len(moved) :] == moved

    def _is_cut(self, section: Section) -> bool:
        """Tell whether git takes half the lines of a section for those of a new one beside it."""
        first, last = self._were[section]
        aligned = [self.merge.aligned(at) for at in range(first, last + 1)]
        return any(
            2 * sum(at is not None and begin <= at <= end for at in aligned)
            >= min(last - first, end - begin) + 1
            for other, (begin, end) in self._are.items()
            if other not in self._were and other[:-1] == section[:-1]
        )

    def _is_between(self, above: Section, below: Section, at: int) -> bool:
        """Tell whether a line is between two sections, among what the release has put there."""
        first, last = self._are.get(below, (0, 0))[0], self._are.get(above, (at, at))[1]
        return last < at < first

    def _kept(self, section: Section) -> Section:
        """Return what the new render has of a section, by its names of now."""
        if section not in self._kept_of:
            self._kept_of[section] = self._look_for(section)
        return self._kept_of[section]

    def _look_for(self, section: Section) -> Section:
        kept: Section = ()
        for name in section:
            now = name
            for was, becomes in self._renamed:
                now = was.sub(becomes, now)
            known = [one for one in (name, now) if (*kept, one) in self._are]
            if not known:
                break
            kept = (*kept, known[0])
        return kept

    def _is_due(self, edit: Edit) -> bool:
        """Tell whether the release has changed the line, or beside it more than a comment."""
        return any(
            (edit.kind != "insert" and change.old <= edit.at < change.old_end) or self._more[change]
            for change in self.merge.touched(edit)
        )

    def _says_more(self, change: Change) -> bool:
        old = self.merge.old[change.old : change.old_end]
        new = self.merge.new[change.new : change.new_end]
        return without_comments(self.path, old) != without_comments(self.path, new)


_judge = lru_cache(maxsize=1)(Judge)


def _extents(places: list[tuple[Section, ...]]) -> dict[Section, tuple[int, int]]:
    """Return the first and the last line of each section, and of what it is in."""
    found: dict[Section, tuple[int, int]] = {}
    for at, (section, *others) in enumerate(places):
        if others:
            continue
        for depth in range(1, len(section) + 1):
            first, _ = found.get(section[:depth], (at, at))
            found[section[:depth]] = (first, at)
    return found
