"""Reads from git, without the template, which updates there were and what the team has written.

A commit that changes what the answers or their copy say is an update (or adds a function, an
environment); every other commit is the team's. A merge that only brings together what its parents
say is the team's too. So a service whose history was squashed over both has no past.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from golden_path.updates.repository import ANSWERS, Git
from golden_path.updates.sections import Line, format_of


@dataclass(frozen=True)
class Step:
    """A commit and those before it. The work tree is none yet, and so has no name."""

    commit: str
    parents: tuple[str, ...]

    def is_update(self, git: Git) -> bool:
        """Whether it says what none of its parents does, or no more what they all did."""
        before = [git.answers(parent) for parent in self.parents]
        now = git.answers(self.commit)
        return not (frozenset.intersection(*before) <= now <= frozenset.union(*before))

    def files(self, git: Git) -> list[str]:
        """The files that it has changed and that are cut into sections."""
        names: set[str] = set()
        for parent in self.parents:
            # As trees of the service, wherever that was.
            trees = [f"{one}:{git.place(one)}" for one in (parent, self.commit) if one]
            words = trees if self.commit else [parent, "--relative"]
            names.update(
                git("diff", "--name-only", "-z", "--diff-filter=M", *words, "--").split("\0")
            )
        return sorted(name for name in names if name and format_of(name))


def updates(git: Git) -> list[Step]:
    """The update that is not committed yet, and all that are: a move is as wrong when it is old."""
    if not git.heads:
        return []
    # Also of a branch of which a merge has kept nothing.
    log = ("log", "--full-history", "--format=%H %P", *git.heads, "--")
    lines = git(*log, *git.everywhere(*ANSWERS)).splitlines()
    steps = [Step(commit, tuple(parents)) for commit, *parents in map(str.split, lines) if parents]
    return [step for step in (Step("", git.heads), *steps) if step.is_update(git)]


class Team:
    """What the team has done to each file, by all the commits that are no updates."""

    def __init__(self, git: Git, updates: list[Step]) -> None:
        self.git = git
        self.updates = {step.commit for step in updates}
        self.changes = cache(self.changes)

    def changes(self, file: str) -> dict[str, list[Step]]:
        """The commits of the team that have changed a file, by the lines that they touch."""
        # Of a merge, what is as in none of its parents.
        log = ("log", "--full-history", "-c", "--no-color", "--no-ext-diff", "--text", "-U0")
        paths = self.git.everywhere(file)
        text = self.git(*log, "--patch", "--format=%x00%H %P", *self.git.heads, "--", *paths)
        found: dict[str, list[Step]] = defaultdict(list)
        known = format_of(file)
        for entry in text.split("\x00")[1:]:
            head, _, patch = entry.partition("\n")
            commit, *parents = head.split()
            if commit in self.updates or not parents or known is None:
                continue
            marks = len(parents)
            touched = (line[marks:] for line in patch.splitlines() if set("+-") & set(line[:marks]))
            for words in {known.words(line) for line in touched}:
                found[words].append(Step(commit, tuple(parents)))
        return found


class History:
    """What the team had written and removed before an update."""

    def __init__(self, team: Team, before: tuple[str, ...]) -> None:
        self.team = team
        self.before = before
        self.steps = cache(self.steps)

    def steps(self, file: str) -> frozenset[Step]:
        """The commits of the team that changed a file."""
        all_ = {step for steps in self.team.changes(file).values() for step in steps}
        git = self.team.git
        log = git("log", "--format=%H", *self.before, "--", *git.everywhere(file)) if all_ else ""
        commits = set(log.split())
        return frozenset(step for step in all_ if step.commit in commits)

    def wrote(self, file: str, line: Line) -> bool:
        """Whether the team has put more of a line into its section than it has taken away."""
        return self._balance(file, line) > 0

    def removed(self, file: str, line: Line) -> bool:
        """Whether the team has taken more of a line from its section than it has put there."""
        return self._balance(file, line) < 0

    def _balance(self, file: str, line: Line) -> int:
        git, mine = self.team.git, self.steps(file)
        return sum(
            git.cut(step.commit, file).count[line] - git.merged(step.parents, file).count[line]
            for step in self.team.changes(file).get(line[1], ())
            if step in mine
        )
