"""Bring the newest release of the golden path here, or say what it would change.

Nothing is committed: look at `git diff`, then commit.

The newest release's own updater does it, so that what it has learnt to protect is protected by the
very update that brings it: it runs from the clone that was made to find that release, by

    python -m golden_path.updater ready
    python -m golden_path.updater bring RELEASE CLONE
    python -m golden_path.updater foretell RELEASE CLONE

That asks for no more trust than every update does, which ends by running the new tools and hooks.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from golden_path.progress import doing
from golden_path.updater.missing import missing, stale
from golden_path.updater.source import ROOT, Answers, Source, git, golden_path, refuse_full, run
from golden_path.updater.unseen import (
    naming,
    refuse_ignored,
    refuse_unmergeable,
    refuse_unwritable,
    tell_moved,
)

CURRENT = ":current:"  # the release that is rendered, by Copier's name for it
CHECKS = ("lint", "rules", "test")
WHOLE = "golden-path-whole"
"""Stands in the clone once an update has ended: its checks may be stopped by then."""
KEPT = ", which stays on AWS with what it holds, outside the stack"
RENEW = "Run `make bootstrap ENV=` for each environment"
BACK = "git reset --hard && git clean --force -d"
# Lines around an edit. By fewer than fifteen one can land in a block that looks alike, as a try of
# every edit has shown in services whose blocks do not tell themselves apart. Five are a margin.
CONTEXT = 20


def update() -> None:
    """Bring the newest release here, and check the service."""
    with golden_path() as source:
        newest = source.newest()
        if newest is None:
            print(f"{source.release} is the newest release: there is nothing to do.")
            return
        if old := stale(source.answers):
            name = next(iter(old))
            sys.exit(f"Run `make refresh-function NAME={name}` first: {old[name]} has rendered it.")
        print(source.changes(newest), flush=True)
        try:
            if not _handed_over("bring", newest, source):
                bring(source, newest)
        except KeyboardInterrupt:
            if not (source.folder / WHOLE).exists():
                raise
            sys.exit(
                f"Run `make {' '.join(CHECKS)}`: {newest} is here, and its checks were stopped. "
                f"To go back instead: {BACK}"
            )


def check() -> None:
    """Say whether there is a newer release and what it would change; change nothing."""
    with golden_path() as source:
        newest = source.newest()
        if lacking := missing(source):
            print(f"What {source.release} has and this service lacks:", *lacking, sep="\n  ")
        if newest is None:
            print(f"{source.release} is the newest release.")
            return
        print(f"{newest} is newer than {source.release}, from which this service was rendered.")
        print(source.changes(newest), flush=True)
        if not _handed_over("foretell", newest, source):
            foretell(source, newest)


def _handed_over(verb: str, release: str, source: Source) -> bool:
    """Let the updater of a release do it; answer whether that can run here."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = ("git", "--work-tree", folder, "checkout", "--quiet", release, "--")
        refuse_full(run(source.folder, *checkout, "hooks", "template/languages").stderr)
        updater = (sys.executable, "-m", "golden_path.updater")
        environment = os.environ | {"PYTHONPATH": f"{folder}/hooks"}
        if _do(*updater, "ready", env=environment, stderr=subprocess.DEVNULL):
            other = f"that of {source.release} does it"
            print(f"The updater of {release} cannot run here: {other}.", flush=True)
            return False
        if failed := _do(*updater, verb, release, str(source.folder), env=environment):
            sys.exit(failed)
    return True


def bring(source: Source, release: str) -> None:
    """Bring a release here, and check the service."""
    refuse_unmergeable(source, release)
    language = source.language
    before = language.dependencies()
    tell_deleted(render(ROOT, {"functions": source.functions}, release))
    tell_moved(source)
    tell_conflicts(ROOT)
    refuse_ignored(source, release)
    if language.dependencies() != before:
        checks = " ".join(CHECKS)
        sys.exit(
            f"Run `make lock && make {checks}`: {language.MANIFEST} names other dependencies now."
        )
    (source.folder / WHOLE).touch()
    failed = [goal for goal in CHECKS if _do("make", "--no-print-directory", goal)]
    if failed:
        sys.exit(f"Mend what fails in `make {' '.join(failed)}`. To go back instead: {BACK}")
    print(f"{release} is here. Look at `git diff`, then commit. To go back instead: {BACK}")


def foretell(source: Source, release: str) -> None:
    """Say what a release would change, by an update of a copy."""
    refuse_unmergeable(source, release)
    with tempfile.TemporaryDirectory() as folder:
        top = git(ROOT, "rev-parse", "--show-toplevel")
        git(ROOT, "clone", "--quiet", top, f"{folder}/copy")
        copy = Path(folder) / "copy" / ROOT.relative_to(top)
        render(copy, {"functions": source.functions}, release)
        conflicts = list(_conflicts(copy))
        git(copy, "add", "--all")
        print("It would change:", git(copy, "diff", "--staged", "--stat", "--summary"), sep="\n")
    tell_moved(source)
    if conflicts:
        print("It would leave conflicts with your edits:", *conflicts)
    else:
        print("Nothing stands against your edits.")
    print("`make update` brings it here.")


def render(folder: Path, answers: Answers, version: str) -> list[str]:
    """Let Copier render the service with other answers, and say which resources come and go.

    Returns the files that are deleted. Raises SystemExit when Copier refuses, with its sentence.
    """
    refuse_unwritable(folder)
    before, rights = _resources(folder), _rights(folder)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as data:
        yaml.safe_dump(answers, data)
        data.flush()
        copier = [sys.executable, "-m", "copier", "update", "--defaults", "--vcs-ref", version]
        words = [*copier, "--context-lines", str(CONTEXT), "--data-file", data.name]
        with doing("Rendering the service anew, and merging it"):
            done = run(folder, *words)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended by {done.returncode}"]
        reason = _sentence(said[-1])
        if run(folder, "git", "status", "--porcelain").stdout:
            # The way back leaves what git ignores. Before, there was none.
            for name in git(folder, "ls-files", "--others", "-z", "--", "*.rej").split("\0")[:-1]:
                (folder / name).unlink()
            sys.exit(f"Go back: {BACK}. The update has ended half-way ({reason}).")
        refuse_full(done.stderr)
        sys.exit(reason)
    # What stands before Copier's own line asks to be read before the commit.
    asked = re.split(r"^(?:Keeping|Updating to) template", done.stderr, flags=re.MULTILINE)[0]
    if asked.strip():
        print(asked.strip())
    for warning in re.findall(r"^Choose another runtime.*", done.stderr, re.MULTILINE):
        print(warning)
    after = _resources(folder)
    known = before | after
    for name in sorted(known):
        if name not in before:
            print(f"+ {name} ({known[name].type})")
        if name not in after:
            print(f"- {name} ({known[name].type})" + KEPT * known[name].retained)
    lacking = sorted({sid for sid, _ in _rights(folder) - rights})
    if folder == ROOT and lacking:
        print(f"{RENEW} before the next release: its roles lack {', '.join(lacking)}.")
    return git(folder, "ls-files", "--deleted").split()


def _sentence(line: str) -> str:
    """Return the sentence in the line that ends Copier: an error, or the name of an attribute."""
    if passed := re.fullmatch(r"'None' has no attribute (.*)", line):
        return str(ast.literal_eval(passed[1]))
    return re.sub(r"^\w+: (Validation error for question '\w+': )?", "", line)


def tell_deleted(files: list[str]) -> None:
    """Say which files are gone: Copier deletes one without asking whether it was edited."""
    if files:
        print("Deleted, with what you may have changed in them:", *files)
        print("To bring one back: git checkout -- FILE")
    for file in files:
        if left := naming(ROOT, file):
            print(f"{file} is still named in:", *left)


def tell_conflicts(folder: Path) -> None:
    """End with the places of the conflicts, if an update has left any."""
    if found := list(_conflicts(folder)):
        print(f"{len(found)} in conflict, from <<<<<<< to >>>>>>>:", *found, sep="\n  ")
        checks = " ".join(CHECKS)
        sys.exit(f"Solve the conflicts, then `make {checks}`. To go back instead: {BACK}")


@dataclass(frozen=True)
class Resource:
    """A resource of template.yaml."""

    type: str
    retained: bool


def _resources(folder: Path) -> dict[str, Resource]:
    """Return the resources of template.yaml by their logical ids."""
    section = (folder / "template.yaml").read_text().split("\nResources:\n")[-1]
    found = re.findall(
        r"^  (\w+):\n    Type: (\S+)(\n    DeletionPolicy: Retain)?", section, re.MULTILINE
    )
    return {name: Resource(type_, bool(retained)) for name, type_, retained in found}


def _rights(folder: Path) -> set[tuple[str, str]]:
    """Return each line of what the roles of delivery may do, with the id of its statement."""
    stack = folder / "pipeline/account.yaml"
    text = stack.read_text() if stack.exists() else ""
    found = re.findall(r"^( +)- Sid: (\w+).*\n((?:\1 .*\n)*)", text, re.MULTILINE)
    return {(sid, re.sub(" #.*", "", line)) for _, sid, said in found for line in said.split("\n")}


def _conflicts(folder: Path) -> Iterator[str]:
    """Yield where Copier has left a conflict, as file:line."""
    files = git(folder, "ls-files", "--modified", "--others", "--exclude-standard").splitlines()
    for name in sorted(name for name in set(files) if (folder / name).is_file()):
        lines = (folder / name).read_text(errors="replace").splitlines()
        yield from (
            f"{name}:{number}"
            for number, line in enumerate(lines, 1)
            if line == "<<<<<<< before updating"
        )


def _do(*command: str, **options: Any) -> int:
    """Run a command that is seen, and return how it ends."""
    return subprocess.run(command, cwd=ROOT, check=False, **options).returncode
