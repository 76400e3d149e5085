"""GP96x: an update moves no edit of the team, and every function has had it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from golden_path.document import Document
from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.rules.base import Rule
from golden_path.suppressions import SHORTEST_REASON
from golden_path.updates.history import History, Team, updates
from golden_path.updates.moves import Move, moves
from golden_path.updates.repository import ANSWERS, Git
from golden_path.updates.sections import Cut

ACCEPTED = ".golden-path.yml"


class Unmoved(Rule):
    """Takes the place of `check`: what was there before is known to git, and to no template."""

    id = "GP961"
    title = "An update moves no edit to another section"
    why = (
        "A merge goes by the lines around an edit, and where blocks look alike it may put a "
        "permission on another function's role, without a conflict."
    )
    mend = f"Put it back, or say in {ACCEPTED} why it is right."

    def in_folder(self, folder: Path) -> Iterator[Finding]:
        """Yields each pair of sections of a service between which edits have moved."""
        if shutil.which("git") is None:
            return
        git, answers = Git(folder), folder / ANSWERS[0]
        if answers.is_file() and git("rev-parse", "--is-shallow-repository").strip() == "true":
            problem = "This clone has no history, in which alone an update's moves are seen."
            yield Finding(str(answers), 1, self.id, "-", problem, "Run git fetch --unshallow.")
        accepted = _accepted(folder)
        found = sorted(set(_moved(git)))
        for (file, (origin, target)), group in groupby(sorted(found, key=_pair), key=_pair):
            entry = f"{file}: {origin} -> {target}"
            if len(accepted.get(entry, "").strip()) < SHORTEST_REASON:
                yield _finding(folder, next(group), entry)


class OneRelease(Rule):
    """Takes the place of `check`: each function's release stands beside the answers."""

    id = "GP962"
    title = "Every function is of the service's release"
    why = (
        "A branch that added a function before an update brings it without the practices of that "
        "update, and no later update brings them."
    )
    mend = "Bring what it lacks by `make refresh-function NAME=`."

    def in_folder(self, folder: Path) -> Iterator[Finding]:
        """Yields each function that another release has rendered, or none that is known."""
        answers, rendered = (folder / name for name in ANSWERS)
        if not answers.is_file() or not rendered.is_file():
            return
        asked, copy = Document.read(answers), Document.read(rendered)
        releases = dig(copy.data, "functions")
        functions = dig(asked.data, "functions")
        if not isinstance(releases, dict) or not isinstance(functions, dict):
            return  # rendered by a release that did not say it
        now = str(asked.data.get("_commit", "none"))  # of a folder without versions
        for name in functions:
            release = dig(releases, name, "release")
            if str(release) != now:
                line = copy.line("functions", str(name))
                said = "no release that is known" if release is None else str(release)
                problem = f"It was rendered by {said}, and the service is of {now}."
                mend = self.mend.replace("NAME=", f"NAME={name}")
                yield Finding(str(rendered), line, self.id, str(name), problem, mend)


def _moved(git: Git) -> Iterator[Move]:
    """The moves of all updates that still stand."""
    known = updates(git)
    team = Team(git, known)
    for update in known:
        past = History(team, update.parents)
        for file in filter(past.steps, update.files(git)):
            before, after = git.merged(update.parents, file), git.cut(update.commit, file)
            now = git.cut("", file)
            for move in moves(file, before, after, past):
                if move.stands(before, after, now):
                    yield move


def _pair(move: Move) -> tuple[str, tuple[str, str]]:
    return move.file, move.names


def _finding(folder: Path, move: Move, entry: str) -> Finding:
    origin, target = move.names
    if move.removal:
        problem = f"`{move.words}`, removed from {origin}, is there again and gone from {target}."
    else:
        problem = f"`{move.words}` stood on {origin} before an update and stands on {target} now."
    place = move.lines[0] if move.removal else move.lines[1]
    cut = Cut(move.file, (folder / move.file).read_text(errors="replace"))
    mend = f"{Unmoved.mend.removesuffix('.')} ({entry!r})."
    return Finding(move.file, cut.number(place), Unmoved.id, target, problem, mend)


def _accepted(folder: Path) -> dict[str, str]:
    """The moves that are right, with their reasons."""
    file = folder / ACCEPTED
    entries = dig(Document.read(file).data, "moved") if file.is_file() else None
    if not isinstance(entries, dict):
        return {}
    return {str(entry): str(why) for entry, why in entries.items()}
