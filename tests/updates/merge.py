"""What git makes of one edited line of a file that a release has changed, without asking git.

Copier takes the diff of the old render and the service, and applies it to the new render with
`git apply --reject`. A file with a refused hunk is merged anew with `git merge-file`. Both steps
are here for one line, as git 2.39 does them; test_merge.py holds them against git itself.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Literal

Kind = Literal["replace", "delete", "insert"]
How = Literal["applied", "merged", "same", "conflict"]

OWN = "OWN"
"""What the team writes: it is like nothing that is rendered."""

MORE: dict[Kind, int] = {"replace": 0, "delete": -1, "insert": 1}
"""How many lines an edit adds."""


@dataclass(frozen=True)
class Edit:
    """A line of a file that is replaced, deleted, or followed by a new one."""

    kind: Kind
    at: int
    """The line, counted from 0."""

    def made(self, lines: list[str]) -> list[str]:
        """Return the file as the team has it."""
        line = lines[self.at]
        here = {"replace": [f"{line} {OWN}"], "delete": [], "insert": [line, OWN]}[self.kind]
        return [*lines[: self.at], *here, *lines[self.at + 1 :]]


@dataclass(frozen=True)
class Merged:
    """How an edit has come through an update, and to which line of the new render."""

    how: How
    at: int | None = None
    """The line that is edited now; None in a conflict, and where both sides did the same."""


@dataclass(frozen=True)
class Change:
    """Lines of an old text, and those of a new one that stand in their place."""

    old: int
    old_end: int
    new: int
    new_end: int


class Merge:
    """The update of one file from its old render to its new one."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = lines_of(old), lines_of(new)
        self.changes = changes(self.old, self.new, "--no-indent-heuristic")  # as merges compare
        self._goes = _goes(self.old)
        self._places: dict[str, list[int]] = defaultdict(list)
        for at, line in enumerate(self.new):
            self._places[line].append(at)
        self._counts = [len(self._places.get(line, ())) for line in self.old]
        self._found: dict[tuple[int, int], list[int]] = {}
        self._aligned = self._align()

    def edits(self) -> Iterator[Edit]:
        """Yield every edit of a single line; to delete one of several equal ones is one edit."""
        for at, line in enumerate(self.old):
            yield Edit("replace", at)
            yield Edit("insert", at)
            if self.old[at + 1 : at + 2] != [line]:
                yield Edit("delete", at)

    def of(self, edit: Edit, context: int) -> Merged:
        """Update a service that has that edit, with so many lines of context."""
        at = self._applied(edit, context)
        return self._merged(edit) if at is None else Merged("applied", at)

    def after(self, edit: Edit, merged: Merged) -> list[str]:
        """Return the file after the update; nothing, in a conflict."""
        if merged.how == "conflict":
            return []
        return self.new if merged.at is None else Edit(edit.kind, merged.at).made(self.new)

    def aligned(self, at: int) -> int | None:
        """Return the line of the new render that an old line is, if it is unchanged."""
        return self._aligned[at]

    def _align(self) -> list[int | None]:
        """Return that for each line, and for the end."""
        found: list[int | None] = []
        shift = 0
        for change in [*self.changes, Change(len(self.old) + 1, 0, 0, 0)]:
            found += [at + shift for at in range(len(found), change.old)]
            found += [None] * (change.old_end - change.old)
            shift = change.new_end - change.old_end
        return found

    def _applied(self, edit: Edit, context: int) -> int | None:
        """Do what `git apply` does with the only hunk: look for its lines from its place on.

        The nearest place is taken, the later one of two that are as near. A hunk that begins with
        the first line must match there, and one without a line below its edit at the end.
        """
        at = self._goes.get(edit.at, edit.at) if edit.kind == "delete" else edit.at
        begin = max(0, at - context + (edit.kind == "insert"))
        end = min(len(self.old), at + 1 + context)
        starts = [
            one
            for one in self._starts(begin, end)
            if (begin > 0 or one == 0) and (end > at + 1 or one + end - begin == len(self.new))
        ]
        if not starts:
            return None
        nearest = min(starts, key=lambda one: (abs(one - begin), one < begin))
        return nearest + at - begin

    def _starts(self, begin: int, end: int) -> list[int]:
        """Return where the new render has some lines of the old one: several edits ask for them."""
        if (begin, end) not in self._found:
            wanted = self.old[begin:end]
            rarest = min(range(begin, end), key=self._counts.__getitem__)
            starts = [place - rarest + begin for place in self._places.get(self.old[rarest], ())]
            self._found[begin, end] = [
                one for one in starts if one >= 0 and self.new[one : one + len(wanted)] == wanted
            ]
        return self._found[begin, end]

    def _merged(self, edit: Edit) -> Merged:
        """Do what `git merge-file` does: what touches is in conflict, unless both sides agree."""
        touched = self.touched(edit)
        if not touched:
            return Merged("merged", self.aligned(edit.at))
        first, last = _edited(edit)
        over, under = touched[0], touched[-1]
        begin, end = min(first, over.old), max(last, under.old_end)
        mine = edit.made(self.old)[begin : end + MORE[edit.kind]]
        theirs = self.new[over.new - over.old + begin : under.new_end - under.old_end + end]
        return Merged("same" if mine == theirs else "conflict")

    def touched(self, edit: Edit) -> list[Change]:
        """Return what the release has changed in an edit's own lines, or beside them."""
        first, last = _edited(edit)
        return [one for one in self.changes if one.old <= last and first <= one.old_end]


def _edited(edit: Edit) -> tuple[int, int]:
    """Return the lines that an edit is in place of, as first and end."""
    return edit.at + (edit.kind == "insert"), edit.at + 1


def lines_of(text: str) -> list[str]:
    """Return the lines as git counts them; equal ones are the same object."""
    if text and not text.endswith("\n"):
        raise ValueError("the last line has no end")
    return [intern(line) for line in text.split("\n")[:-1]]


def changes(old: list[str], new: list[str], *options: str) -> list[Change]:
    """Return what git takes for the difference of two texts, the first change first."""
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (("old", old), ("new", new)):
            Path(folder, name).write_text("".join(f"{line}\n" for line in lines))
        command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--unified=999999"]
        done = subprocess.run(
            [*command, "--diff-algorithm=myers", *options, "old", "new"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    found: list[Change] = []
    was = now = 0
    signs = [line[:1] or " " for line in done.stdout.split("\n@@ ")[-1].split("\n")[1:-1]]
    for sign in signs:
        if sign != " ":
            if not found or (found[-1].old_end, found[-1].new_end) != (was, now):
                found.append(Change(was, was, now, now))
            gone, come = int(sign == "-"), int(sign == "+")
            last = found.pop()
            found.append(Change(last.old, last.old_end + gone, last.new, last.new_end + come))
        was += sign != "+"
        now += sign != "-"
    return found


def _goes(lines: list[str]) -> dict[int, int]:
    """Return which line a diff lets go, by the last of equal ones of which a team deletes one."""
    alike = [at for at in range(1, len(lines)) if lines[at] == lines[at - 1]]
    lasting = [at for at in alike if lines[at : at + 2] != [lines[at]] * 2]
    found: dict[int, int] = {}
    for some in (lasting[::2], lasting[1::2]):  # those side by side would be one change
        kept = [line for at, line in enumerate(lines) if at not in set(some)]
        if some:
            gone = [change.old for change in changes(lines, kept)]
            found |= dict(zip(some, gone, strict=True))
    return found
