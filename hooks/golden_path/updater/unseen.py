"""What an update would destroy or pass over, because git does not see it or the team has moved it.

Copier overwrites and deletes the golden path's files. Git brings back what it has: a file that it
ignores, or is told to look away from, would be gone for ever.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pathspec import GitIgnoreSpec

from golden_path.updater.source import ANSWERS, ROOT, Source, git, run

PROJECT = "template/project/"


def refuse_unmergeable(source: Source, version: str) -> None:
    """End where the service has files of the golden path that an update cannot merge."""
    _refuse_unseen(source, version)
    _refuse_crlf(source, version)


def _refuse_unseen(source: Source, version: str) -> None:
    """End where the service has files of the golden path that git does not see."""
    unseen = _unseen(source, version)
    folders = {folder for path in unseen for folder in Path(path).parents}
    if links := sorted(str(folder) for folder in folders if (ROOT / folder).is_symlink()):
        sys.exit(
            f"Put a folder in the place of the link {', '.join(links)} first, and commit: an "
            "update would write over your edits in what it leads to, where git merges nothing."
        )
    if unseen:
        sys.exit(
            f"Let git see {', '.join(unseen)} first (git add --force, or git update-index "
            "--no-assume-unchanged --no-skip-worktree), or move it out of the service: an update "
            "overwrites or deletes it, and nothing could bring it back."
        )


def refuse_ignored(source: Source, version: str) -> None:
    """End where an update has brought files that a commit would leave out."""
    others = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--")
    unseen = _unseen(source, version)
    if brought := unseen and [name for name in git(ROOT, *others, *unseen).split("\0") if name]:
        sys.exit(
            f"Let git see {', '.join(brought)} (git add --force): {version} has brought it, and "
            "git is told to ignore it."
        )


def _unseen(source: Source, version: str) -> list[str]:
    """Return the golden path's files that are here, and that git does not follow."""
    # A lower letter is a file that is assumed unchanged, S one that is skipped.
    entries = git(ROOT, "ls-files", "-v", "-z").split("\0")
    seen = {entry[2:] for entry in entries if entry.startswith("H ")}
    own = yours(source, version)
    patterns = _patterns(source, source.commit) | _patterns(source, version)
    here = {
        str(path.relative_to(ROOT))
        for pattern in patterns
        for path in ROOT.glob(pattern)
        if path.is_file()
    }
    return sorted(path for path in here - seen if not own.match_file(path))


def _refuse_crlf(source: Source, version: str) -> None:
    """End where git has files of the golden path with other ends of lines than a release."""
    spec = GitIgnoreSpec.from_lines(f"/{name}" for name in _patterns(source, source.commit))
    own = yours(source, version)
    ends = (end.partition("\t") for end in git(ROOT, "ls-files", "--eol", "-z").split("\0"))
    # What attributes call no text stays as it is stored.
    stored = [name for end, _, name in ends if re.match(r"i/(crlf|mixed) .*attr/(?!-text)", end)]
    if others := [name for name in stored if spec.match_file(name) and not own.match_file(name)]:
        sys.exit(
            "Store lines with LF (git config core.autocrlf input && git add --renormalize . && "
            "git commit --message LF && git rm -r --quiet --cached . && git reset --hard): they "
            f"end in CRLF in {', '.join(others)}, and in LF in a release, so that a whole file "
            "would be one conflict."
        )


def refuse_unwritable(folder: Path) -> None:
    """End where Copier would have to stop half-way, for want of rights."""
    files = [folder / name for name in git(folder, "ls-files", "-z").split("\0")]
    folders = {parent for file in files for parent in file.parents if folder in parent.parents}
    for path in sorted({folder, *folders, *files}):
        if path.exists() and not os.access(path, os.W_OK):
            sys.exit(f"Give yourself the right to write {path}: an update writes there.")


def tell_moved(source: Source) -> None:
    """Name the golden path's files that the team has moved: no change reaches them any more."""
    spec = GitIgnoreSpec.from_lines(f"/{pattern}" for pattern in _patterns(source, source.commit))
    own = yours(source, source.commit)
    updates = git(ROOT, "log", "--format=%H", "--", str(ANSWERS)).split()
    names = ("--name-status", "--find-renames", "--diff-filter=R", "--relative")
    now: dict[str, str] = {}
    by_team: set[str] = set()
    commit = ""
    for line in git(ROOT, "log", "--reverse", "--format=%H", *names).splitlines():
        if "\t" not in line:
            commit = line or commit
            continue
        _, old, new = line.split("\t")
        first = next((origin for origin, place in now.items() if place == old), old)
        now[first] = new
        if commit not in updates:
            by_team.add(first)
    # A release moves its files to other names of its own. One that is made from a kind is `*`.
    moved = [
        f"{old} (now {new})"
        for old, new in now.items()
        if spec.match_file(old) and not own.match_file(old)
        if old in by_team or not spec.match_file(new)
        if (ROOT / new).is_file() and not (ROOT / old).exists()
    ]
    if moved:
        print("Moved by you, so nothing new has come to:", *moved, sep="\n  ")
    entries = (entry.partition("\t") for entry in git(ROOT, "ls-files", "-s", "-z").split("\0"))
    links = [name for mode, _, name in entries if mode.startswith("120000 ")]
    if linked := [name for name in links if spec.match_file(name) and not own.match_file(name)]:
        print("A link in your service, so nothing new has come to:", *linked, sep="\n  ")


def yours(source: Source, version: str) -> GitIgnoreSpec:
    """Return what matches the team's own files: written once, touched by no update."""
    copier = yaml.safe_load(git(source.folder, "show", f"{version}:copier.yml"))
    return GitIgnoreSpec.from_lines(copier["_skip_if_exists"])


def naming(folder: Path, deleted: str) -> list[str]:
    """Return the files that name one that is deleted, as `adapters/sqs` or by an import."""
    path = Path(deleted)
    words = rf"(^|[^.]\b){path.parent.name}(/|\.| import ([a-z_]+, )*){re.escape(path.stem)}\b"
    found = run(folder, "git", "grep", "--files-with-matches", "--extended-regexp", words)
    return found.stdout.split()


def _patterns(source: Source, version: str) -> set[str]:
    """Return the paths that a release renders; a name that is made from the functions is `*`."""
    names = git(source.folder, "ls-tree", "-r", "-z", "--name-only", version, PROJECT).split("\0")
    folders = git(source.folder, "ls-tree", "--name-only", version, "template/languages/").split()
    others = {Path(folder).name for folder in folders}
    others -= {one for one in others if source.answers["runtime"].startswith(one)}
    found: set[str] = set()
    for name in filter(None, names):
        parts = name.removeprefix(PROJECT).removesuffix(".jinja").split("/")
        overlays = {part[3:-3] for part in parts if re.fullmatch(r"\{\{ \w+ \}\}", part)}
        if not overlays & others:
            path = "/".join(part for part in parts if part[3:-3] not in overlays)
            found.update(_spelt(path, source.answers))
    return found


def _spelt(path: str, answers: dict[str, Any]) -> Iterator[str]:
    """Yield a path of the template as a service has it, for each environment where it has one."""
    path = re.sub(r"\{%.*?%\}", "", path).replace("{{ _copier_conf.answers_file }}", str(ANSWERS))
    for environment in answers["environments"] if "{{ environment }}" in path else [""]:
        yield re.sub(r"\{\{.*?\}\}", "*", path.replace("{{ environment }}", environment))
