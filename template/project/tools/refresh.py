"""Bring what a function lacks that another release has rendered than the service's own.

    python tools/refresh.py NAME

A branch that added the function before an update has brought it so. Nothing is committed: look at
`git diff`, then commit.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from missing import afresh, stale
from pathspec import GitIgnoreSpec
from source import ROOT, Source, golden_path, run
from unseen import yours
from update import tell_conflicts


def main() -> None:
    name = " ".join(sys.argv[1:])
    with golden_path() as source:
        functions = source.answers["functions"]
        if name not in functions:
            sys.exit(f"Use one of {', '.join(functions)}: there is no function {name!r}.")
        old = stale(source.answers).get(name)
        if old is None:
            sys.exit(f"Use another function: {name!r} is of {source.release} already.")
        if len(functions) == 1:
            sys.exit(f"Use `make update`: {name!r} is the only function.")
        refresh(source, name, old)
    tell_conflicts(ROOT)
    print(f"{name} is of {source.release} now. Look at `git diff`, then `make lint rules test`.")


def refresh(source: Source, name: str, old: str) -> None:
    """Merge into the service what differs for one function between two releases.

    Both render the service with the function and without it. So it is known what the service would
    be, had nobody edited it: the new release, with this function as the old one rendered it.
    """
    functions = source.answers["functions"]
    without = {other: entry for other, entry in functions.items() if other != name}
    with tempfile.TemporaryDirectory() as folder:
        given = {"with": functions, "without": without}
        render = {
            (release, which): afresh(
                Path(folder) / f"{number}-{which}", source.answers | {"functions": asked}, release
            )
            for number, release in enumerate((old, source.commit))
            for which, asked in given.items()
        }
        new, base = render[source.commit, "with"], Path(folder) / "base"
        shutil.copytree(render[source.commit, "without"], base)
        own = yours(source, source.commit)
        _merge(base, render[old, "without"], render[old, "with"], own, "--theirs")
        labels = ("-L", "before updating", "-L", "base", "-L", "after updating")
        _merge(ROOT, base, new, own, *labels)


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


if __name__ == "__main__":
    main()
