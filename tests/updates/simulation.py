"""Every single-line edit of every rendered file, over the updates that services meet.

python -m tests.updates.simulation            print what comes of them, and each that goes astray
python -m tests.updates.simulation --write    write the page of it: docs/reference/updates.md
"""

from __future__ import annotations

import argparse
import platform
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.conftest import ROOT
from tests.swift import swift_alone
from tests.updates.cover import SWAPPED, Pair, Renders, every_pair
from tests.updates.history import NEXT, WORKING_TREE
from tests.updates.judge import File, Outcome, simulate
from tests.updates.living import run
from tests.updates.matrix import Matrix

PAGE = ROOT / "docs/reference/updates.md"
PLAIN = 3
"""Lines of context, on each side, with which `copier update` compares."""
UPDATER = (ROOT / "hooks/golden_path/updater/update.py").read_text()
MAKE = int(re.findall(r"^CONTEXT = (\d+)", UPDATER, re.MULTILINE)[0])
"""Those with which `make update` and its siblings do."""

HEAD = f"""<!-- Written by `make simulation` from what it runs. -->

# What becomes of an edit

A team edits one line of a rendered file: replaces it, deletes it, or inserts one after it. Then
comes an update. Each line of each file was edited so, one at a time, and updated as Copier does:
by the surroundings of the edit, and where those are not found, by a three-way merge. Files that
are the team's own are left out, for no update touches them; so are files that an update leaves
as they are, where every edit stays. Equal files are counted once.

*Wrong* is an edit that is afterwards in another section, without a conflict: at another resource,
statement, job, heading, target, function or key. *Lost* is one that is nowhere. A conflict is
*due* where both sides have changed the same line or neighbouring ones, and *undue* where the
release has changed but a comment there. `copier update` compares by {PLAIN} lines on each side,
`make update`, `make add-function` and their siblings by {MAKE}.

A file that an update takes away goes with its edits, as [the table](../explanation/updates.md)
says: this is not about those. Where one answer takes a function away and brings
another, as `-d functions=` can, or makes it one of another kind, a merge may take what comes for
what goes, whatever their lines say: remove the one first, then add the other. Where one answer
brings four functions, it may take the end of an alarm for that of a new one: add them one by one,
as `make add-function` does, or two at a time. From releases up
to 0.3.1 an edit at the head of `ExecutionPolicy` in `pipeline/account.yaml` may go to another
policy of the same role, where that policy was cut in several.
"""


@dataclass
class Row:
    """What comes of all edits in some files, by lines of context."""

    files: set[File] = field(default_factory=set)
    outcomes: dict[int, Outcome] = field(default_factory=lambda: defaultdict(Outcome))

    def add(self, file: File, contexts: Iterable[int]) -> None:
        """Simulate a file, if one like it is not among them yet."""
        if file not in self.files:
            self.files.add(file)
            for context in contexts:
                self.outcomes[context].add(simulate(file, context))

    def cells(self) -> list[str]:
        plain, made = self.outcomes[PLAIN].counts, self.outcomes[MAKE].counts
        figures = [len(self.files), plain.total()]
        for result in ("wrong", "due", "undue"):
            figures += [plain[result], made[result]]
        figures.append(plain["lost"] + made["lost"])
        return [f"{figure:,}" for figure in figures]


TITLES = (
    *("files", "edits", f"wrong, {PLAIN} lines", f"wrong, {MAKE} lines"),
    *(f"due, {PLAIN} lines", f"due, {MAKE} lines"),
    *(f"undue, {PLAIN} lines", f"undue, {MAKE} lines", "lost"),
)


@dataclass
class Simulation:
    """What has been simulated, by kind of update and by file."""

    updates: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    paths: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    total: Row = field(default_factory=Row)

    def run(self, renders: Renders, pairs: Iterable[Pair], *contexts: int) -> None:
        """Simulate all edits in the files of some pairs."""
        for pair in pairs:
            for file in renders.files(pair):
                for row in (self.updates[pair.kind], self.paths[file.path], self.total):
                    row.add(file, contexts)

    def wrong(self, context: int, *, since: str = "") -> list[str]:
        """Return the edits that are wrong or lost, if need be in updates of one version alone.

        What no layout of ours can help is left out.
        """
        kinds = [
            kind for kind in self.updates if kind.startswith(since) and not kind.endswith(SWAPPED)
        ]
        found = Outcome()
        for kind in kinds:
            found.add(self.updates[kind].outcomes[context])
        lost = [f"{found.counts['lost']} edits are lost"] * (found.counts["lost"] > 0)
        return [str(astray) for astray in found.astray] + lost

    def page(self, seconds: float) -> str:
        """Return the page of the reference."""
        git = run("git", "--version", cwd=ROOT).split()[2]
        python = f"{platform.python_implementation()} {platform.python_version()}"
        return "\n".join(
            [
                HEAD,
                f"All of it took {seconds:.0f} seconds of {python}, with git {git}.",
                *("", "## By update", ""),
                *_table("update", {_said(kind): row for kind, row in self.updates.items()}),
                *_table("all", {"together": self.total})[2:],
                *("", "## By file", ""),
                *_table("file", {f"`{path}`": row for path, row in sorted(self.paths.items())}),
                "",
            ]
        )


def _table(what: str, rows: dict[str, Row]) -> list[str]:
    head = [f"| {what} | {' | '.join(TITLES)} |", "|---" + "|---:" * len(TITLES) + "|"]
    return [*head, *(f"| {name} | {' | '.join(row.cells())} |" for name, row in rows.items())]


def _said(kind: str) -> str:
    """Name a kind of update as a reader does."""
    start, _, target = kind.partition(" to ")
    if target == WORKING_TREE:
        return f"from {start.removeprefix('v')}"
    return "to a release to come" if target == NEXT else kind.partition(", ")[2]


def timeless(page: str) -> str:
    """Return a page without what another machine says otherwise."""
    return re.sub(r"^All of it took .*$", "", page, flags=re.MULTILINE)


def main() -> None:
    """Simulate all, and print or write what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    write = parser.parse_args().write
    simulation = Simulation()
    begin = time.process_time()
    with swift_alone():
        simulation.run(Renders(Matrix(ROOT)), every_pair(), PLAIN, MAKE)
    page = simulation.page(time.process_time() - begin)
    if write:
        PAGE.write_text(page)
        return
    print(page)
    for context in (PLAIN, MAKE):
        print(f"\nWrong with {context} lines of context:\n", *simulation.wrong(context), sep="\n")


if __name__ == "__main__":
    main()
