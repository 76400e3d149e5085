"""The golden path that the service was rendered from, once all that an update stands on is there.

An update renders the past again, from .copier-answers.yml, to tell the team's edits from the golden
path's. So it is refused where the past is not what it was.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from golden_path.progress import doing
from golden_path.updater.changelog import news
from golden_path.updater.language import language_of

ROOT = Path.cwd().resolve()
"""The service, in whose folder this runs."""

ANSWERS = Path(".copier-answers.yml")
RENDERED = Path("tools/rendered.yml")

# Copier finds what it could not merge by `git status`, which a setting may keep from telling it,
# and commits in folders of its own, where nobody's hooks belong.
# And no setting writes lines with CRLF, which a release has not.
SETTINGS = {
    "status.showUntrackedFiles": "normal",
    "core.hooksPath": os.devnull,
    "core.autocrlf": "input",
}

Answers = dict[str, Any]
Functions = dict[str, str | dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """A clone of the golden path, and what the service was rendered from."""

    folder: Path
    answers: Answers
    commit: str

    @property
    def release(self) -> str:
        return str(self.answers["_commit"])

    @property
    def address(self) -> str:
        """The golden path's address as git takes it: Copier also knows short forms."""
        url = re.sub(r"^git\+", "", self.answers["_src_path"])
        url = re.sub(r"^gh:/?", "https://github.com/", url)
        return re.sub(r"^gl:/?", "https://gitlab.com/", url)

    @property
    def functions(self) -> Functions:
        """What the service has answered for its functions, by their names."""
        return self.answers["functions"]

    @property
    def language(self) -> ModuleType:
        return language_of(self.answers["runtime"])

    def newest(self) -> str | None:
        """Return the newest release, or nothing when the service is of it."""
        tags = [tag for tag in git(self.folder, "tag").split() if _is_release(tag)]
        newest = max(tags, key=Version, default="HEAD")
        there = _commit(self.folder, newest)
        if there == self.commit:
            return None
        if run(self.folder, "git", "merge-base", "--is-ancestor", there, self.commit).returncode:
            return newest
        sys.exit(
            f"Wait for the next release: this service is of {self.release}, which comes after "
            f"{newest}, and an update never goes back."
        )

    def changes(self, newest: str) -> str:
        """Return the entries of the changelog that the service's own release does not have."""
        known, changelog = (
            git(self.folder, "show", f"{release}:CHANGELOG.md") for release in (self.commit, newest)
        )
        return news(known, changelog, self.address, newest)


@contextmanager
def golden_path() -> Iterator[Source]:
    """Clone the golden path, once everything that an update stands on is as it was.

    Raises SystemExit with a sentence where it is not.
    """
    _refuse_no_git()
    with _alone(), tempfile.TemporaryDirectory() as folder:
        answers, commit = _past()
        source = Source(Path(folder), answers, commit)
        url = source.address
        blobless = ("--quiet", "--bare", "--filter=blob:none")
        with doing(f"Cloning {url}"):
            clone = run(ROOT, "git", "clone", *blobless, url, folder)
        if clone.returncode:
            refuse_full(clone.stderr)
            # Below an empty line git only guesses.
            reason = " ".join(clone.stderr.strip().partition("\n\n")[0].splitlines())
            sys.exit(f"Make {url} reachable: git cannot clone the golden path ({reason}).")
        _refuse_another_past(source, url)
        yield source


def cloned(folder: Path) -> Source:
    """Return the golden path that the service's own updater has cloned."""
    _refuse_no_git()
    return Source(folder, *_past())


def refuse_full(said: str) -> None:
    """End where a command has found no room for what it renders or clones."""
    if "No space left on device" in said:
        sys.exit(
            f"Make room in {tempfile.gettempdir()}, or set TMPDIR to a folder that has it: an "
            "update clones and renders there (No space left on device)."
        )


def _refuse_no_git() -> None:
    if shutil.which("git") is None:
        sys.exit("Install git: an update is a merge, and git does it.")
    if run(ROOT, "git", "rev-parse", "--git-dir").returncode:
        sys.exit(
            "Put the service under git first (git init -b main, git add --all, git commit): an "
            "update is a merge, and git does it."
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse a second update meanwhile. The lock is on a folder, and ends with the process."""
    folder = os.open(git(ROOT, "rev-parse", "--absolute-git-dir"), os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Wait until the other update ends: two at once would mix in one work tree.")
        yield
    finally:
        os.close(folder)


def _past() -> tuple[Answers, str]:
    """Return the answers and the commit that the service was rendered from."""
    if merging := git(ROOT, "diff", "--name-only", "--diff-filter=U"):
        sys.exit(f"End the merge first: {', '.join(merging.split())} in conflict (git status).")
    status = git(ROOT, "status", "--porcelain", "--ignored", "--", ".").splitlines()
    if rejected := [line[3:] for line in status if line.endswith(".rej")]:
        sys.exit(
            f"Bring in by hand what {', '.join(rejected)} holds, and delete it: an update before "
            "could not merge these edits. If you went back from that update, delete it alone."
        )
    if [line for line in status if not line.startswith("!!")]:
        sys.exit("Commit or stash your changes first: an update must be seen apart from them.")
    if others := git(ROOT, "status", "--porcelain").splitlines():
        sys.exit(
            f"Commit or stash {', '.join(other[3:] for other in others)} first: these are of no "
            "concern here, but Copier updates only in a repository without changes."
        )
    # How the lines of each file end in the commit and here, and what attributes say of it.
    ends = git(ROOT, "ls-files", "--eol", "-z").split("\0")
    if others := [end for end in ends if re.match(r"i/lf +w/crlf +attr/(?!.*eol=.*\t)", end)]:
        sys.exit(
            "Check the files out as git stores them (git config core.autocrlf input && git rm -r "
            "--quiet --cached . && git reset --hard): their lines end in CRLF here, in "
            f"{len(others)} of them, and in LF in a release, so that each would be in conflict."
        )
    marks = "^(<<<<<<< before|>>>>>>> after) updating$"
    grep = run(ROOT, "git", "grep", "--files-with-matches", "--extended-regexp", marks)
    if marked := grep.stdout.split("\n")[:-1]:
        sys.exit(f"Solve the conflicts in {', '.join(marked)} first: an update before left them.")
    answers, rendered = _read(ANSWERS), _read(RENDERED)
    if rendered.get("commit") == "none":
        sys.exit("Render the service from a git repository: a plain folder has no versions.")
    if other := answers.keys() ^ {*rendered.get("answers", {}), "_src_path"}:
        sys.exit(
            f"Restore {ANSWERS} (git log finds it): it is of another template, or edited by hand, "
            f"and {RENDERED} differs in {', '.join(sorted(other))}."
        )
    edited = [name for name, answer in rendered["answers"].items() if answers[name] != answer]
    if edited:
        sys.exit(
            f"Write {', '.join(edited)} in {ANSWERS} as in {RENDERED}: Copier takes it for the "
            "past, so a change by hand does nothing; use `make answer`, `make tune-function` or "
            "its siblings."
        )
    path = str(answers["_src_path"])
    if ":" not in path and not Path(path).is_absolute():
        sys.exit(f"Write _src_path in {ANSWERS} as a URL or in full: {path!r} is neither.")
    return answers, str(rendered.get("commit"))


def _read(file: Path) -> Answers:
    text = (ROOT / file).read_text() if (ROOT / file).exists() else ""
    if re.search(r"^(<<<<<<<|>>>>>>>) ", text, re.MULTILINE):
        sys.exit(
            f"Take one side of {file} and of {RENDERED}, then do again what the other had done "
            f"(`make update`, `make add-function`): a merge has left a conflict in {file}."
        )
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        sys.exit(f"Restore {file} (git log finds it): it cannot be read.")
    return found


def _refuse_another_past(source: Source, url: str) -> None:
    """End where the clone has not what the service was rendered from, under the same name."""
    if _commit(source.folder, source.commit) is None:
        sys.exit(
            f"Write the golden path's address as _src_path in {ANSWERS}: {url} has no commit "
            f"{source.commit} ({source.release}), from which this service was rendered."
        )
    found = _commit(source.folder, source.release)
    if found != source.commit:
        where = f"it is on {found} now" if found else "it is gone"
        sys.exit(
            f"Put the tag {source.release} of {url} back on {source.commit}, from which this "
            f"service was rendered: {where}, and Copier would render another past from it."
        )


def _commit(folder: Path, name: str) -> str | None:
    """Return the commit behind a name, if there is one."""
    done = run(folder, "git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return done.stdout.strip() or None


def _is_release(tag: str) -> bool:
    try:
        return not Version(tag).is_prerelease
    except InvalidVersion:
        return False


def git(folder: Path, *words: str) -> str:
    """Return what git prints."""
    done = run(folder, "git", *words)
    if done.returncode:
        sys.exit(f"Look what is wrong with git: `git {words[0]}` says {done.stderr.strip()}")
    return done.stdout.rstrip()


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whichever that is."""
    return subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )


def _environment() -> dict[str, str]:
    """Return the environment, with git's settings for an update after those that are there."""
    first = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    settings = {"GIT_CONFIG_COUNT": str(first + len(SETTINGS))}
    for number, (key, value) in enumerate(SETTINGS.items(), first):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return os.environ | settings
