"""Rendering: Copier against Cookiecutter, which is given the very same tree.

Both start as commands, and what counts is the time of a processor, with that of the processes they
start: Copier asks git about each file. The same files once more, as a template of Copier that has
nothing to render, say how much of it is Copier's own.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.rounds import Aim, medians, milliseconds, mixed, processor, table, times
from tests.benchmarks.workplace import Workplace, run

NAME = "items-service"  # the default answer, which is a variable in the derived template
FILES = 93
KINDS = ("http_api", "sqs", "schedule")
MANY = 30
ROUNDS = 5
TO_COOKIECUTTER = 2.8
TO_THREE_FUNCTIONS = 1.3

Command = Sequence[str | Path]


def rendering(workplace: Workplace) -> tuple[str, list[Aim]]:
    """Return the table of rendering, and how its aims are met."""
    folder, out = workplace.folder, workplace.folder / "out"
    names = ", ".join(f"f{number}: {KINDS[number % len(KINDS)]}" for number in range(MANY))
    copy = workplace.copier(out)
    many = workplace.copier(out, f"functions={{{names}}}")
    tree, trees = _rendered(copy, out), _rendered(many, out)
    cookiecutter = _cookiecutter_template(tree, folder / "cookiecutter")
    config = folder / "cookiecutter.yml"  # replays stay out of the user's home
    config.write_text(json.dumps({"replay_dir": str(folder / "replay")}))
    by_cookiecutter: list[str | Path] = [sys.executable, "-m", "cookiecutter", "--no-input"]
    by_cookiecutter += ["--config-file", config, "--output-dir", folder]
    as_they_are = _plain_template(tree, folder / "plain")
    plain: list[str | Path] = [sys.executable, "-m", "copier", "copy", "--quiet", as_they_are, out]

    def timed(command: Command, expected: dict[Path, bytes]) -> Callable[[], float]:
        def measured() -> float:
            shutil.rmtree(out, ignore_errors=True)
            seconds = processor(lambda: run(command, folder))
            if _files(out) != expected:
                raise AssertionError(f"{command} does not render the same tree")
            return seconds

        return measured

    subjects = {
        "cookiecutter": timed([*by_cookiecutter, cookiecutter, "folder=out"], tree),
        "copier copy": timed(copy, tree),
        "copier copy, the same files as they are": timed(plain, tree),
        f"copier copy, {MANY} functions": timed(many, trees),
    }
    figures = medians(mixed(subjects, ROUNDS))
    base = figures["cookiecutter"]
    rows = [[name, milliseconds(each), times(each / base)] for name, each in figures.items()]
    size = sum(map(len, tree.values()))
    title = f"Rendering {len(tree)} files, {size / 1000:.0f} kB: medians of {ROUNDS} rounds"
    columns = ["", "processor", "to cookiecutter"]
    ratio = figures["copier copy"] / base
    more = figures[f"copier copy, {MANY} functions"] / figures["copier copy"]
    return table(title, columns, rows), [
        Aim("files rendered", FILES, len(tree)),
        Aim("a copy to cookiecutter", TO_COOKIECUTTER, ratio),
        Aim(f"a copy with {MANY} functions to one with 3", TO_THREE_FUNCTIONS, more),
    ]


def _rendered(command: Command, out: Path) -> dict[Path, bytes]:
    shutil.rmtree(out, ignore_errors=True)
    run(command, out.parent)
    return _files(out)


def _files(folder: Path) -> dict[Path, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def _cookiecutter_template(tree: dict[Path, bytes], folder: Path) -> Path:
    """Turn a rendered tree into a template whose one variable is the service's name."""
    for path, content in tree.items():
        parts = (_raw(part) for part in content.decode().split(NAME))
        target = folder / "{{cookiecutter.folder}}" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("{{ cookiecutter.service_name }}".join(parts))
    answers = {"folder": "service", "service_name": NAME}
    (folder / "cookiecutter.json").write_text(json.dumps(answers))
    return folder


def _raw(text: str) -> str:
    """Keep Jinja from reading what only looks like its own."""
    own = any(mark in text for mark in ("{{", "{%", "{#"))
    return f"{{% raw %}}{text}{{% endraw %}}" if own else text


def _plain_template(tree: dict[Path, bytes], folder: Path) -> Path:
    """Turn a rendered tree into a template of Copier that has nothing to render."""
    for path, content in tree.items():
        target = folder / "project" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (folder / "copier.yml").write_text("_subdirectory: project\n")
    return folder
