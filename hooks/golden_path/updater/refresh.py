"""Bring what a function lacks that another release has rendered than the service's own.

A branch that added the function before an update has brought it so. Nothing is committed: look at
`git diff`, then commit.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

from golden_path.updater.missing import afresh, stale
from golden_path.updater.source import ROOT, Functions, Source, golden_path, run
from golden_path.updater.unseen import yours
from golden_path.updater.update import tell_conflicts

STAND_IN = "stand-in"
"""A function that is never brought here: it stands beside one that is the only one."""


def refresh(name: str) -> None:
    """Bring what a function lacks."""
    with golden_path() as source:
        if name not in source.functions:
            sys.exit(f"Use one of {', '.join(source.functions)}: there is no function {name!r}.")
        old = stale(source.answers).get(name)
        if old is None:
            sys.exit(f"Use another function: {name!r} is of {source.release} already.")
        _refresh(source, name, old)
    tell_conflicts(ROOT)
    print(f"{name} is of {source.release} now. Look at `git diff`, then `make lint rules test`.")


def _refresh(source: Source, name: str, old: str) -> None:
    """Merge into the service what differs for one function between two releases.

    Both render the service with the function and without it. So it is known what the service would
    be, had nobody edited it: the new release, with this function as the old one rendered it.
    """
    functions = source.functions
    others = {other: entry for other, entry in functions.items() if other != name}
    own = yours(source, source.commit)
    with tempfile.TemporaryDirectory() as folder:

        def render(release: str, which: str, asked: Functions) -> Path:
            there = Path(folder) / f"{which}-{release}"
            return afresh(there, source.answers | {"functions": asked}, release)

        # No release renders a service that has no function.
        without = others or {STAND_IN: _of_another_kind(functions[name])}
        given = {"with": functions | without, "without": without}
        was, now = (
            {which: render(release, which, asked) for which, asked in given.items()}
            for release in (old, source.commit)
        )
        base, new = Path(folder) / "base", now["with"]
        shutil.copytree(now["without"], base)
        _merge(base, was["without"], was["with"], own, "--theirs")
        if not others:
            stood_in, base_of_both, new = base, new, render(source.commit, "alone", functions)
            base = Path(shutil.copytree(new, Path(folder) / "base-alone"))
            _merge(base, base_of_both, stood_in, own, "--theirs")
        labels = ("-L", "before updating", "-L", "base", "-L", "after updating")
        _merge(ROOT, base, new, own, *labels)


def _of_another_kind(entry: str | dict[str, Any]) -> str:
    """Return a kind that shares nothing with a function: what it has once is the function's."""
    trigger = entry["trigger"] if isinstance(entry, dict) else entry
    return "schedule" if trigger == "sqs" else "sqs"


def _merge(folder: Path, base: Path, new: Path, own: GitIgnoreSpec, *options: str) -> None:
    """Bring what differs between two folders into a third, but what is the team's."""
    for path in sorted(path for path in new.rglob("*") if path.is_file()):
        name = path.relative_to(new)
        before, here = base / name, folder / name
        if own.match_file(name):
            continue
        if not before.exists():
            here.parent.mkdir(parents=True, exist_ok=True)
            if not here.exists():
                shutil.copy(path, here)
        elif here.exists() and before.read_bytes() != path.read_bytes():
            run(folder, "git", "merge-file", "--quiet", *options, *map(str, (here, before, path)))
