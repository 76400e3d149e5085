"""Reads from git, without the template, which updates there were and what the team has written.

A commit that changes the answers or their copy is an update (or adds a function, an environment);
every other commit is the team's. So a service whose history was squashed over both has no past.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from golden_path.updates.sections import Cut, Line, format_of

ANSWERS = (".copier-answers.yml", "tools/rendered.yml")

# A branch seldom has more updates that nobody judged while they were made.
LATEST = 5


class Git:
    """The repository of a service, which may be a folder of a larger one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cut = cache(self.cut)

    def __call__(self, *words: str) -> str:
        """What git prints; nothing where it refuses."""
        command = ["git", "-c", "core.quotePath=false", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        return done.stdout.decode(errors="replace") if done.returncode == 0 else ""

    def cut(self, revision: str, file: str) -> Cut:
        """A file of a commit in its sections; of the work tree without a commit."""
        if revision:
            return Cut(file, self("show", f"{revision}:./{file}"))
        path = self.folder / file
        return Cut(file, path.read_text(errors="replace") if path.is_file() else "")


@dataclass(frozen=True)
class Update:
    """What was there before an update, and after: two revisions, the work tree being none."""

    before: str
    after: str

    def files(self, git: Git) -> list[str]:
        """The files that it has changed and that are cut into sections."""
        revisions = [one for one in (self.before, self.after) if one]
        names = git("diff", "--name-only", "--relative", "--diff-filter=M", *revisions, "--")
        return [name for name in names.splitlines() if format_of(name)]


def updates(git: Git) -> Iterator[Update]:
    """The update that is not committed yet, and the latest that are."""
    if not git("rev-parse", "--verify", "--quiet", "HEAD"):
        return
    if git("diff", "--name-only", "HEAD", "--", *ANSWERS):
        yield Update("HEAD", "")
    latest = git("log", f"--max-count={LATEST}", "--no-merges", "--format=%H %P", "--", *ANSWERS)
    for line in latest.splitlines():
        commit, *parents = line.split()
        for parent in parents:
            yield Update(parent, commit)


@dataclass
class History:
    """What the team has written and removed, by its own commits before an update."""

    git: Git
    before: str
    _changes: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)

    def wrote(self, file: str, line: Line) -> bool:
        """Whether the team has put more of a line into its section than it has taken away."""
        return self._balance(file, line) > 0

    def removed(self, file: str, line: Line) -> bool:
        """Whether the team has taken more of a line from its section than it has put there."""
        return self._balance(file, line) < 0

    def _balance(self, file: str, line: Line) -> int:
        if file not in self._changes:
            self._changes[file] = self._read(file)
        return sum(
            self.git.cut(commit, file).count[line] - self.git.cut(parent, file).count[line]
            for commit, parent in self._changes[file].get(line[1], ())
        )

    def _read(self, file: str) -> dict[str, list[tuple[str, str]]]:
        """The commits of the team that have changed a file, by the lines that they touch."""
        updates = set(self.git("log", "--format=%H", self.before, "--", *ANSWERS).split())
        log = ("log", "--no-merges", "--no-color", "--no-ext-diff", "--text", "-U0", "--patch")
        text = self.git(*log, "--format=%x00%H %P", self.before, "--", file)
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        known = format_of(file)
        for entry in text.split("\x00")[1:]:
            head, _, patch = entry.partition("\n")
            commit, *parents = head.split()
            if commit in updates or not parents or known is None:
                continue
            touched = re.findall(r"^[+-](?![+-]{2} )(.*)$", patch, re.MULTILINE)
            for words in {known.words(line) for line in touched}:
                found[words].append((commit, parents[0]))
        return found
