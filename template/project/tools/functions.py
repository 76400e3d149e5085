"""Change which functions the service has, and what they are.

    python tools/functions.py add NAME KIND
    python tools/functions.py remove NAME
    python tools/functions.py rename NAME TO
    python tools/functions.py change NAME KIND
    python tools/functions.py tune NAME SETTINGS

The answers in .copier-answers.yml are never edited by hand: Copier would read the edited file as
the past, and drop the change. Here it is handed the whole new mapping. Nothing is committed: look
at `git diff`, then commit.
"""

import argparse
import sys
from typing import Any

import yaml
from language import files, renamed
from source import ROOT, git, golden_path
from unseen import refuse_crlf, refuse_unseen, tell_moved
from update import CURRENT, Functions, render, tell_conflicts, tell_deleted

ADAPTERS = ("src/service/adapters/", "tests/unit/adapters/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(required=True)
    taking = {add: ("name", "kind"), remove: ("name",), rename: ("name", "to")}
    for verb, words in (taking | {change: ("name", "kind"), tune: ("name", "settings")}).items():
        command = verbs.add_parser(verb.__name__)
        command.set_defaults(verb=verb)
        for word in words:
            command.add_argument(word)
    words = vars(parser.parse_args())
    verb = words.pop("verb")
    with golden_path() as source:
        functions = source.answers["functions"]
        if verb is not add and words["name"] not in functions:
            sys.exit(f"Use one of {', '.join(functions)}: there is no function {words['name']!r}.")
        refuse_unseen(source, source.commit)
        refuse_crlf(source, source.commit)
        verb(functions, **words)
        tell_moved(source)
    tell_conflicts(ROOT)


def add(functions: Functions, name: str, kind: str) -> None:
    """Add a function: its infrastructure, and a handler, tests and an event to start from."""
    if name in functions:
        sys.exit(f"Use another name: there is a function {name!r} already.")
    _render(functions | {name: kind})
    print(f"Next: write {files(name)[0]}, then `make test`.")


def remove(functions: Functions, name: str) -> None:
    """Remove a function's infrastructure; its code stays until you delete it."""
    if len(functions) == 1:
        sys.exit(f"Add another function first: {name!r} is the only one.")
    needed = _render({other: entry for other, entry in functions.items() if other != name})
    if left := [*_code(name), *needed]:
        print("Kept, it is yours. When you do not need it any more:\n  git rm", *left)


def rename(functions: Functions, name: str, to: str) -> None:
    """Rename a function; its `id` keeps its queues, roles and path as they are."""
    if to in functions:
        sys.exit(f"Use another name: there is a function {to!r} already.")
    if there := _code(to):
        sys.exit(f"Use another name, or move these away, which are yours: {', '.join(there)}.")
    kept = {other: given for other, given in functions.items() if other != name}
    _render(kept | {to: {"id": name} | _settings(functions[name])})
    for old, new in zip(files(name), files(to), strict=True):
        if (ROOT / old).exists():
            # Over the fresh one, and it imports and reads what bears the new name.
            (ROOT / new).write_text(renamed((ROOT / old).read_text(), name, to))
            (ROOT / old).unlink()
            print(f"Moved, as you left it: {old} -> {new}")


def change(functions: Functions, name: str, kind: str) -> None:
    """Give a function another kind of trigger; a setting that this has not is refused."""
    settings = _settings(functions[name])
    if settings["trigger"] == kind:
        sys.exit(f"Use another kind: {name!r} is of the kind {kind} already.")
    needed = _render(functions | {name: settings | {"trigger": kind}})
    left = [*_code(name), *needed]
    print(f"Yours, and still written for {settings['trigger']}:", *left)
    print(
        f"Rewrite it for {kind}. Or begin anew from the sample: `git rm` it, commit, and\n"
        f"  .venv/bin/copier update --defaults --vcs-ref {CURRENT}"
    )


def tune(functions: Functions, name: str, settings: str) -> None:
    """Set numbers of a function, as in `timeout: 60, alarms: {errors: 5}`; null takes one back."""
    known = _settings(functions[name])
    example = "SET='timeout: 60, alarms: {errors: 5}'"
    try:
        given = yaml.safe_load(f"{{{settings}}}")
    except yaml.YAMLError:
        sys.exit(f"Write it like {example}: {settings!r} is no list of settings.")
    if not given or [key for key, value in given.items() if value is None and key not in known]:
        sys.exit(f"Write it like {example}: {settings!r} sets nothing.")
    if "id" in given:
        sys.exit("Leave id as it is: it would replace every resource.")
    if "trigger" in given:
        sys.exit("Use `make change-function NAME= KIND=`: another trigger replaces resources.")
    kept = {setting: value for setting, value in (known | given).items() if value is not None}
    _render(functions | {name: kept})


def _settings(entry: str | dict[str, Any]) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"trigger": entry}


def _render(functions: Functions) -> list[str]:
    """Render the service with other functions; return the adapters that were brought back.

    The last function of its kind takes the adapter along, which the code that stays imports.
    """
    deleted = render(ROOT, functions, CURRENT)
    needed = [path for path in deleted if path.startswith(ADAPTERS)]
    if needed:
        git(ROOT, "checkout", "--", *needed)
    tell_deleted([path for path in deleted if path not in needed])
    return needed


def _code(name: str) -> list[str]:
    return [str(path) for path in files(name) if (ROOT / path).exists()]


if __name__ == "__main__":
    main()
