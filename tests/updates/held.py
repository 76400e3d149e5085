"""What holds after every update, whatever a team has edited."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.updates.matrix import Update, read

TEMPLATE = "template.yaml"
HEADER = re.compile(r"^  (\w+):$")
BEGIN, MIDDLE, END = "<<<<<<< before updating", "=======", ">>>>>>> after updating"


@dataclass
class Held:
    """What is found of the team's edits after an update."""

    lost: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    conflicts: int = 0
    edits: int = 0

    @property
    def figures(self) -> dict[str, int]:
        return {
            "run": 1,
            "edits": self.edits,
            "conflicts": self.conflicts,
            "edited lines lost": len(self.lost),
            "edits on a wrong resource": len(self.astray),
        }

    def assert_nothing_is_wrong(self) -> None:
        assert self.lost == [], "lines that the team has written are gone"
        assert self.astray == [], "edits are on another resource"
        assert self.needless == [], "in conflict, and only one side has changed there"


def look(update: Update) -> Held:
    """Compare a service that is updated with what the team had made of it."""
    held = Held()
    old, new, after = read(update.old), read(update.new), read(update.service)
    for path, text in update.before.items():
        added = Counter(text.splitlines()) - Counter(old.get(path, "").splitlines())
        held.edits += added.total()
        dropped = path not in new and not update.matrix.is_yours(path) and path in old
        if path in old and not dropped:
            missing = added - Counter(after.get(path, "").splitlines())
            held.lost += [f"{path}: {line}" for line in missing]
    for path in old.keys() - update.before.keys():
        if path in after and not update.matrix.is_yours(path):
            held.lost.append(f"{path} was deleted, and is back")
    for path, text in after.items():
        held.conflicts += text.splitlines().count(BEGIN)
        if BEGIN in text.splitlines() and not _both_changed(update, path):
            held.needless.append(path)
    held.astray += _astray(old[TEMPLATE], update.before[TEMPLATE], new[TEMPLATE], after[TEMPLATE])
    return held


def _astray(old: str, before: str, new: str, after: str) -> list[str]:
    """Return the edits of template.yaml that are not on the resource that they were made on."""
    theirs = _before_side(after)
    there, was, fresh = _by_resource(theirs), _by_resource(before), _by_resource(new)
    origin = _by_resource(old)
    astray = []
    written: Counter[str] = Counter()
    for resource, lines in was.items():
        added = lines - origin.get(resource, Counter())
        if resource in fresh or resource not in origin:
            written += added
            astray += [f"{resource}: {line}" for line in added - there.get(resource, Counter())]
    for resource, lines in there.items():
        foreign = lines - was.get(resource, Counter()) - fresh.get(resource, Counter())
        if BEGIN in after:
            # Around the marks, what is the release's or of a resource that is gone may stand below
            # any name.
            foreign &= written
        astray += [f"{resource} has got: {line}" for line in foreign if line.strip()]
    return astray


def _by_resource(text: str) -> dict[str, Counter[str]]:
    """Return the lines of each resource by its logical id; comments above one are its own."""
    found: dict[str, Counter[str]] = {}
    name, comments = "", []
    for line in text.split("\nResources:\n")[-1].split("\nOutputs:\n")[0].splitlines():
        if header := HEADER.match(line):
            name = header[1]
        if line.startswith("  #"):
            comments.append(line)
            continue
        found.setdefault(name, Counter()).update([line, *comments])
        comments = []
    return found


def _before_side(text: str) -> str:
    """Resolve each conflict as the team had it."""
    kept, side = [], ""
    for line in text.splitlines():
        if line == BEGIN:
            side = BEGIN
        elif side and line in (MIDDLE, END):
            side = MIDDLE if line == MIDDLE else ""
        elif side != MIDDLE:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _both_changed(update: Update, path: str) -> bool:
    """Tell whether both sides have changed the same or adjacent lines of a file."""
    before = update.service.parent / "before"
    before.write_text(update.before[path])
    mine = _changed(update.old / path, before)
    theirs = _changed(update.old / path, update.new / path)
    return any(
        first - 1 <= end and begin - 1 <= last for first, last in mine for begin, end in theirs
    )


def _changed(old: Path, new: Path) -> list[tuple[int, int]]:
    """Return the lines of the old file that differ, as first and last.

    An insertion touches the line before it and the one after.
    """
    command = ["git", "diff", "--no-index", "--unified=0", "--", str(old), str(new)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ranges = re.findall(r"^@@ -(\d+)(?:,(\d+))? ", done.stdout, re.MULTILINE)
    return [(int(at), int(at) + (int(count or 1) or 2) - 1) for at, count in ranges]
