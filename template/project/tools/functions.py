"""Change which functions the service has, or bring the golden path's newest practices here.

    python tools/functions.py add NAME KIND
    python tools/functions.py remove NAME
    python tools/functions.py rename NAME TO
    python tools/functions.py tune NAME SETTINGS
    python tools/functions.py update

The answers in .copier-answers.yml are never edited by hand: Copier would read the edited file as
the past, and drop the change. Here it is handed the whole new mapping. Nothing is committed: look
at `git diff`, then commit.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from language import files, renamed

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / ".copier-answers.yml"
CURRENT, NEWEST = ":current:", None  # the version of the golden path that is rendered

Functions = dict[str, str | dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(required=True)
    taking = {add: ("name", "kind"), remove: ("name",), rename: ("name", "to")}
    for verb, words in (taking | {tune: ("name", "settings")}).items():
        command = verbs.add_parser(verb.__name__)
        command.set_defaults(verb=verb)
        for word in words:
            command.add_argument(word)
    verbs.add_parser("update").set_defaults(verb=update)
    words = vars(parser.parse_args())
    verb = words.pop("verb")
    functions = _functions()
    if "name" in words and verb is not add and words["name"] not in functions:
        sys.exit(f"Use one of {', '.join(functions)}: there is no function {words['name']!r}.")
    verb(functions, **words)


def add(functions: Functions, name: str, kind: str) -> None:
    """Add a function: its infrastructure, and a handler, tests and an event to start from."""
    if name in functions:
        sys.exit(f"Use another name: there is a function {name!r} already.")
    render(CURRENT, functions | {name: kind})
    print(f"Next: write {files(name)[0]}, then `make test`.")


def remove(functions: Functions, name: str) -> None:
    """Remove a function's infrastructure; its code stays until you delete it."""
    if len(functions) == 1:
        sys.exit(f"Add another function first: {name!r} is the only one.")
    render(CURRENT, {other: entry for other, entry in functions.items() if other != name})
    left = [str(path) for path in files(name) if (ROOT / path).exists()]
    if left:
        # The last function of its kind takes the adapter along, which the code that stays imports.
        adapters = ("src/service/adapters", "tests/unit/adapters")
        needed = _run("git", "ls-files", "--deleted", *adapters).stdout.split()
        if needed:
            _run("git", "checkout", "--", *needed)
        print("Kept, it is yours. When you do not need it any more:\n  git rm", *left, *needed)


def rename(functions: Functions, name: str, to: str) -> None:
    """Rename a function; its `id` keeps its queues, roles and path as they are."""
    if to in functions:
        sys.exit(f"Use another name: there is a function {to!r} already.")
    entry = functions[name]
    settings = entry if isinstance(entry, dict) else {"trigger": entry}
    kept = {other: given for other, given in functions.items() if other != name}
    render(CURRENT, kept | {to: {"id": name} | settings})
    for old, new in zip(files(name), files(to), strict=True):
        if (ROOT / old).exists():
            # Over the fresh one, and it imports and reads what bears the new name.
            (ROOT / new).write_text(renamed((ROOT / old).read_text(), name, to))
            (ROOT / old).unlink()
            print(f"Moved, as you left it: {old} -> {new}")


def tune(functions: Functions, name: str, settings: str) -> None:
    """Set numbers of a function, as in `timeout: 60, alarms: {errors: 5}`; null takes one back."""
    entry = functions[name]
    example = "SET='timeout: 60, alarms: {errors: 5}'"
    try:
        given = yaml.safe_load(f"{{{settings}}}")
    except yaml.YAMLError:
        sys.exit(f"Write it like {example}: {settings!r} is no list of settings.")
    known = entry if isinstance(entry, dict) else {}
    if not given or [key for key, value in given.items() if value is None and key not in known]:
        sys.exit(f"Write it like {example}: {settings!r} sets nothing.")
    if fixed := {"id", "trigger"} & given.keys():
        sys.exit(f"Leave {' and '.join(sorted(fixed))} as it is: it would replace every resource.")
    tuned = (entry if isinstance(entry, dict) else {"trigger": entry}) | given
    kept = {setting: value for setting, value in tuned.items() if value is not None}
    render(CURRENT, functions | {name: kept})


def update(functions: Functions) -> None:
    """Bring the newest release of the golden path here; the functions stay what they are."""
    render(NEWEST, functions)


def render(version: str | None, functions: Functions) -> None:
    """Let Copier render the service with `functions`, and say which resources come and go."""
    if _run("git", "status", "--porcelain").stdout.strip():
        sys.exit("Commit or stash your changes first: an update must be seen apart from them.")
    answers = yaml.safe_load(ANSWERS.read_text())
    if "_commit" not in answers:
        sys.exit("Render the service from a git repository: a plain folder has no versions.")
    source = answers["_src_path"]
    if ":" not in source and not Path(source).is_absolute():
        sys.exit(f"Write _src_path in {ANSWERS.name} as a URL or in full: {source!r} is neither.")
    before = _resources()
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as data:
        yaml.safe_dump({"functions": functions}, data)
        data.flush()
        copier = [sys.executable, "-m", "copier", "update", "--defaults", "--data-file", data.name]
        copier += ["--vcs-ref", version] if version else []
        done = _run(*copier)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1]
        sys.exit(re.sub(r"^\w+: (Validation error for question '\w+': )?", "", reason))
    print(*(line for line in done.stderr.splitlines() if "template version" in line), sep="\n")
    after = _resources()
    for sign, changed in (("+", after - before), ("-", before - after)):
        for resource in sorted(changed):
            print(f"{sign} {resource}")
    if conflicts := _conflicts():
        sys.exit(f"Solve the conflicts between <<<<<<< and >>>>>>> in: {', '.join(conflicts)}")


def _functions() -> Functions:
    return yaml.safe_load(ANSWERS.read_text())["functions"]


def _resources() -> set[str]:
    """Return the resources of template.yaml, each with its type."""
    section = (ROOT / "template.yaml").read_text().split("\nResources:\n")[-1]
    found = re.findall(r"^  (\w+):\n    Type: (\S+)", section, re.MULTILINE)
    return {f"{name} ({type_})" for name, type_ in found}


def _conflicts() -> list[str]:
    changed = _run("git", "ls-files", "--modified", "--others", "--exclude-standard").stdout.split()
    paths = (path for path in sorted(set(changed)) if (ROOT / path).is_file())
    return [path for path in paths if b"\n<<<<<<< " in b"\n" + (ROOT / path).read_bytes()]


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
