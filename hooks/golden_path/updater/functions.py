"""Change which functions the service has, and what they are.

The answers in .copier-answers.yml are never edited by hand: Copier would read the edited file as
the past, and drop the change. Here it is handed the whole new mapping. Nothing is committed: look
at `git diff`, then commit.
"""

import sys
from collections.abc import Callable
from typing import Any

from golden_path.updater.answers import pairs
from golden_path.updater.source import ROOT, Functions, Source, git, golden_path
from golden_path.updater.unseen import refuse_unmergeable, tell_moved
from golden_path.updater.update import CURRENT, render, tell_conflicts, tell_deleted

ADAPTERS = ("src/service/adapters/", "tests/unit/adapters/")


def do(verb: Callable[..., None], name: str, *words: str) -> None:
    """Change a function: `verb` is one of those below, `words` what it takes besides."""
    with golden_path() as source:
        if verb is not add and name not in source.functions:
            sys.exit(f"Use one of {', '.join(source.functions)}: there is no function {name!r}.")
        refuse_unmergeable(source, source.commit)
        verb(source, name, *words)
        tell_moved(source)
    tell_conflicts(ROOT)


def add(source: Source, name: str, kind: str) -> None:
    """Add a function: its infrastructure, and a handler, tests and an event to start from."""
    if name in source.functions:
        sys.exit(f"Use another name: there is a function {name!r} already.")
    _render(source.functions | {name: kind})
    print(f"Next: write {source.language.files(name)[0]}, then `make test`.")


def remove(source: Source, name: str) -> None:
    """Remove a function's infrastructure; its code stays until you delete it."""
    if len(source.functions) == 1:
        sys.exit(f"Add another function first: {name!r} is the only one.")
    others = {other: entry for other, entry in source.functions.items() if other != name}
    needed = _render(others)
    if left := [*_code(source, name), *needed]:
        print("Kept, it is yours. When you do not need it any more:\n  git rm", *left)


def rename(source: Source, name: str, to: str) -> None:
    """Rename a function; its `id` keeps its queues, roles and path as they are."""
    if to in source.functions:
        sys.exit(f"Use another name: there is a function {to!r} already.")
    if there := _code(source, to):
        sys.exit(f"Use another name, or move these away, which are yours: {', '.join(there)}.")
    kept = {other: given for other, given in source.functions.items() if other != name}
    _render(kept | {to: {"id": name} | _settings(source.functions[name])})
    files, renamed = source.language.files, source.language.renamed
    for old, new in zip(files(name), files(to), strict=True):
        if (ROOT / old).exists():
            # Over the fresh one, and it imports and reads what bears the new name.
            (ROOT / new).write_text(renamed((ROOT / old).read_text(), name, to))
            (ROOT / old).unlink()
            print(f"Moved, as you left it: {old} -> {new}")
    first = _settings(source.functions[name]).get("id", name)
    print(f"In template.yaml its resources and comments stay those of {first}: under another")
    print("name CloudFormation would make a new queue, role and alarm, and delete these.")


def change(source: Source, name: str, kind: str) -> None:
    """Give a function another kind of trigger; a setting that this has not is refused.

    Where the function is of the kind already, its code that is gone is written from the sample.
    """
    settings = _settings(source.functions[name])
    gone = [path for path in source.language.files(name) if not (ROOT / path).exists()]
    if settings["trigger"] == kind and not gone:
        sys.exit(f"Use another kind: {name!r} is of the kind {kind} already.")
    needed = _render(source.functions | {name: settings | {"trigger": kind}})
    if settings["trigger"] == kind:
        print("Written from the sample:", *gone)
        return
    left = [*_code(source, name), *needed]
    print(f"Yours, and still written for {settings['trigger']}:", *left)
    print(
        f"Rewrite it for {kind}. Or begin anew from the sample: commit this, `git rm` it, commit, "
        f"and once more `make change-function NAME={name} KIND={kind}`"
    )


def tune(source: Source, name: str, settings: str) -> None:
    """Set numbers of a function, as in `timeout: 60, alarms: {errors: 5}`; null takes one back."""
    known = _settings(source.functions[name])
    example = "SET='timeout: 60, alarms: {errors: 5}'"
    given = pairs(settings, example)
    if [key for key, value in given.items() if value is None and key not in known]:
        sys.exit(f"Write it like {example}: {settings!r} sets nothing.")
    if "id" in given:
        sys.exit("Leave id as it is: it would replace every resource.")
    if "trigger" in given:
        sys.exit("Use `make change-function NAME= KIND=`: another trigger replaces resources.")
    kept = {setting: value for setting, value in (known | given).items() if value is not None}
    _render(source.functions | {name: kept})
    print(f"{name} is tuned. Look at `git diff`, then `make lint rules test`, and commit.")


def _settings(entry: str | dict[str, Any]) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"trigger": entry}


def _render(functions: Functions) -> list[str]:
    """Render the service with other functions; return the adapters that were brought back.

    The last function of its kind takes the adapter along, which the code that stays imports.
    """
    deleted = render(ROOT, {"functions": functions}, CURRENT)
    needed = [path for path in deleted if path.startswith(ADAPTERS)]
    if needed:
        git(ROOT, "checkout", "--", *needed)
    tell_deleted([path for path in deleted if path not in needed])
    return needed


def _code(source: Source, name: str) -> list[str]:
    return [str(path) for path in source.language.files(name) if (ROOT / path).exists()]
