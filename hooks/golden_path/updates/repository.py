"""The repository of a service: its files at a commit, cut into sections, and its answers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from golden_path.updates.sections import Cut

ANSWERS = (".copier-answers.yml", "tools/rendered.yml")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Git:
    """Runs git in a service, which may be a folder of a larger repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cut = cache(self.cut)
        self.sections = cache(Cut)  # of the many commits that leave a file as it is
        self.answers = cache(self.answers)
        self.place = cache(self.place)

    def __call__(self, *words: str) -> str:
        """What git prints; nothing where it refuses."""
        command = ["git", "-c", "core.quotePath=false", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        return done.stdout.decode(errors="replace") if done.returncode == 0 else ""

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The commits that the work tree is made from: two while a merge is not committed."""
        names = (self("rev-parse", "--verify", "--quiet", name) for name in ("HEAD", "MERGE_HEAD"))
        return tuple(name.strip() for name in names if name)

    @cached_property
    def places(self) -> list[str]:
        """The folders of the repository in which the service has been, the latest first."""
        found = [self("rev-parse", "--show-prefix").rstrip("\n")]
        while (former := self._former(found[-1])) is not None and former not in found:
            found.append(former)
        return found

    def _former(self, place: str) -> str | None:
        """Where the service was before it moved: its answers were moved letter by letter."""
        name = ANSWERS[0]
        came = ("log", "-m", "--diff-filter=A", "--format=%H %P", "--")
        for line in self(*came, f":(top,literal){place}{name}").splitlines():
            commit, *parents = line.split()
            for parent in parents:
                moved = ("diff", "--name-status", "-z", "--find-renames=100%", "--diff-filter=R")
                words = iter(self(*moved, "--no-relative", parent, commit, "--").split("\0"))
                for _, old, new in zip(words, words, words, strict=False):
                    if new == place + name and old.endswith(name):
                        return old.removesuffix(name)
        return None

    def place(self, revision: str) -> str:
        """The folder in which the service was at a commit."""
        first, *others = self.places
        for place in self.places if others else ():
            if self("ls-tree", "--full-tree", revision, "--", place + ANSWERS[0]):
                return place
        return first

    def everywhere(self, *files: str) -> list[str]:
        """The paths of files in all the folders in which the service has been."""
        return [f":(top,literal){place}{file}" for place in self.places for file in files]

    def text(self, revision: str, file: str) -> str:
        """A file of a commit; of the work tree without a commit."""
        if revision:
            return self("show", f"{revision}:{self.place(revision)}{file}")
        path = self.folder / file
        return path.read_text(errors="replace") if path.is_file() else ""

    def cut(self, revision: str, file: str) -> Cut:
        """A file of a commit in its sections."""
        return self.sections(file, self.text(revision, file))

    def merged(self, revisions: tuple[str, ...], file: str) -> Cut:
        """A file as all the parents of a commit together have it, each change counted once."""
        cuts = [self.cut(revision, file) for revision in revisions]
        if len(cuts) == 1:
            return cuts[0]
        base = self("merge-base", "--octopus", *revisions).strip()
        return Cut.merged(cuts, self.cut(base, file) if base else Cut("", ""))

    def answers(self, revision: str) -> frozenset[tuple[str, ...]]:
        """What a commit says that the service was rendered from, answer by answer."""
        found: set[tuple[str, ...]] = set()
        for name in ANSWERS:
            text = self.text(revision, name)
            try:
                said = yaml.load(text, _Loader)
            except yaml.YAMLError:
                said = text
            found.update((name, *path) for path in _leaves(said))
        return frozenset(found)


def _leaves(value: Any) -> Iterator[tuple[str, ...]]:
    """Each answer by its path; where the template is found is none."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "_src_path":
                yield from ((str(key), *path) for path in _leaves(inner))
    elif value is not None:
        yield (repr(value),)
