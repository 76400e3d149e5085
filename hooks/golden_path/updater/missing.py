"""What the service lacks of the release that it was rendered from.

What it lacked already right after the last update was taken out by the team, or accepted.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from golden_path.progress import doing
from golden_path.updater.source import (
    ANSWERS,
    RENDERED,
    ROOT,
    Answers,
    Source,
    git,
    refuse_full,
    run,
)
from golden_path.updater.unseen import yours

Part = tuple[str, ...]
"""A file, a resource, or a path of names that leads to a property or an item of a list."""

TEMPLATE = "template.yaml"
TOPS = ("Resources", "jobs")  # of a file of which each part is looked for
MARKS = re.compile(r"^(<<<<<<< before updating|=======|>>>>>>> after updating)\n", re.MULTILINE)
NAMES = ("Sid", "Name", "Id", "PolicyName")  # what an item of a list is known by


def stale(answers: Answers) -> dict[str, str]:
    """Return the functions that another release has rendered, with that release."""
    releases = yaml.safe_load((ROOT / RENDERED).read_text()).get("functions")
    if releases is None:
        return {}  # rendered by a release that did not say it
    found = {name: releases.get(name, {}).get("release") for name in answers["functions"]}
    now = str(answers["_commit"])
    return {name: old or _born(name) for name, old in found.items() if old != now}


def _born(name: str) -> str:
    """Return the release of the first commit that had a function, where no line says it."""
    for commit in git(ROOT, "log", "--reverse", "--format=%H", "--", str(ANSWERS)).split():
        answers = _answers(commit)
        if name in answers.get("functions", {}):
            return str(answers["_commit"])
    sys.exit(f"Fetch the whole history: no commit here says which release added {name!r}.")


def _answers(commit: str) -> Answers:
    """Return the answers of a commit: none where it has none, or has them in conflict."""
    try:
        found = yaml.safe_load(run(ROOT, "git", "show", f"{commit}:./{ANSWERS}").stdout)
    except yaml.YAMLError:
        return {}
    return found or {}


def missing(source: Source) -> list[str]:
    """Return the files, resources and properties of the golden path that are gone or never came."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _parts(afresh(Path(folder) / "now", source.answers, source.commit))
        named = _named_in(fresh, lambda name: _text(ROOT / name))
        gone = {part for part in fresh - named if part[1:] or not (ROOT / part[0]).is_file()}
        own = yours(source, source.commit)
        lacks = {part for part in gone if not own.match_file(part[0])}
        if not lacks:
            return []
        updated = _last_update(source)
        then = _answers(updated)
        if then["functions"] != source.answers["functions"]:
            fresh = _parts(afresh(Path(folder) / "then", then, source.commit))
    tracked = git(ROOT, "ls-tree", "-r", "--name-only", updated, ".").splitlines()
    there = {(path,) for path in tracked} | _named_in(
        fresh, lambda name: run(ROOT, "git", "show", f"{updated}:./{name}").stdout
    )
    lacks -= fresh - there
    # Where a whole is missing, nobody asks for its parts.
    told = [part for part in lacks if not any(part[:end] in lacks for end in range(1, len(part)))]
    return [" ".join(part) for part in sorted(told)]


def afresh(folder: Path, answers: Answers, commit: str) -> Path:
    """Render the answers by a commit of the golden path into a folder of their own."""
    folder.mkdir(parents=True)
    (folder / ANSWERS).write_text(yaml.safe_dump(answers))
    copier = (sys.executable, "-m", "copier", "recopy", "--defaults", "--overwrite", "--quiet")
    with doing("Rendering the service as its release renders it"):
        done = run(folder, *copier, "--vcs-ref", commit)
    if done.returncode:
        refuse_full(done.stderr)
        sys.exit(f"Look why these answers cannot be rendered: {done.stderr.splitlines()[-1]}")
    return folder


def _parts(folder: Path) -> set[Part]:
    files = _files(folder)
    return files | _named_in(files, lambda name: _text(folder / name))


def _files(folder: Path) -> set[Part]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {(path.relative_to(folder).as_posix(),) for path in paths}


def _last_update(source: Source) -> str:
    """Return the commit since which the service is of its release."""
    latest = ""
    for commit in git(ROOT, "log", "--format=%H", "--", str(ANSWERS)).split():
        if _answers(commit).get("_commit") == source.release:
            latest = commit
    return latest


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _named_in(files: set[Part], read: Callable[[str], str]) -> set[Part]:
    """Return the resources and jobs of files with all that they name, by what reads a file.

    Those of other files than the template come with the file; of a conflict both sides count.
    """
    found: set[Part] = set()
    for name in {part[0] for part in files if part[0].endswith((".yaml", ".yml"))}:
        try:
            root = yaml.compose(MARKS.sub("", read(name)), yaml.CSafeLoader)
        except yaml.YAMLError as error:
            sys.exit(f"Mend {name} first, or go back to one that can be read: {error.problem}.")
        sections = {key.value: value for key, value in root.value} if root else {}
        for top in sections.keys() & set(TOPS):
            found |= set(_named(sections[top], () if name == TEMPLATE else (name,)))
    return found


def _named(node: yaml.Node, above: Part) -> Iterator[Part]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*above, key.value)
            yield from _named(value, (*above, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            name = _name(item)
            if name:
                yield (*above, name)
            yield from _named(item, (*above, name) if name else above)


def _name(item: yaml.Node) -> str:
    if isinstance(item, yaml.ScalarNode):
        return str(item.value)
    if isinstance(item, yaml.MappingNode):
        texts = {key.value: value.value for key, value in item.value}
        return next((str(texts[name]) for name in NAMES if name in texts), "")
    return ""
