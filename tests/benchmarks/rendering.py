"""Rendering: Copier against Cookiecutter and plain Jinja, which are given the very same tree."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import copier
from jinja2 import Environment, StrictUndefined

from tests.benchmarks.rounds import Aim, medians, milliseconds, mixed, table, times
from tests.benchmarks.workplace import Workplace, run

NAME = "items-service"  # the default answer, which is a variable in the derived template
FILES = 93
ROUNDS = 5


def rendering(workplace: Workplace) -> tuple[str, list[Aim]]:
    """Return the table of rendering, and how its aims are met."""
    rendered = workplace.folder / "rendered"
    run(workplace.copier(rendered), workplace.folder)
    tree = _files(rendered)
    cookiecutter = _cookiecutter_template(tree, workplace.folder / "cookiecutter")
    out = workplace.folder / "out"
    config = workplace.folder / "cookiecutter.yml"  # replays stay out of the user's home
    config.write_text(json.dumps({"replay_dir": str(workplace.folder / "replay")}))

    def by_copier() -> None:
        run(workplace.copier(out), workplace.folder)

    def by_cookiecutter() -> None:
        command: list[str | Path] = [sys.executable, "-m", "cookiecutter", "--no-input"]
        command += ["--config-file", config, "--output-dir", out.parent]
        run([*command, cookiecutter, "folder=out"], workplace.folder)

    def by_copier_inside() -> None:
        data = {"runtime": workplace.runtime}
        copier.run_copy(str(workplace.template), out, data=data, defaults=True, quiet=True)

    def by_jinja() -> None:
        _plain_jinja(cookiecutter / "{{cookiecutter.folder}}", out)

    def timed(render: Callable[[], None]) -> Callable[[], float]:
        def measured() -> float:
            shutil.rmtree(out, ignore_errors=True)
            started = time.perf_counter()
            render()
            seconds = time.perf_counter() - started
            if _files(out) != tree:
                raise AssertionError(f"{render.__name__} does not render the same tree")
            return seconds

        return measured

    subjects = {
        "copier copy": timed(by_copier),
        "cookiecutter": timed(by_cookiecutter),
        "Copier, in this process": timed(by_copier_inside),
        "plain Jinja, in this process": timed(by_jinja),
    }
    figures = medians(mixed(subjects, ROUNDS))
    base = {
        "copier copy": figures["cookiecutter"],
        "Copier, in this process": figures["plain Jinja, in this process"],
    }
    rows = [
        [name, milliseconds(seconds), times(seconds / base.get(name, seconds))]
        for name, seconds in figures.items()
    ]
    size = sum(map(len, tree.values()))
    title = f"Rendering {len(tree)} files, {size / 1000:.0f} kB: medians of {ROUNDS} rounds"
    columns = ["", "median", "to the line below"]
    return table(title, columns, rows), [Aim("files rendered", FILES, len(tree))]


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


def _plain_jinja(source: Path, target: Path) -> None:
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    answers = {"cookiecutter": {"service_name": NAME}}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            written = target / path.relative_to(source)
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(environment.from_string(path.read_text()).render(answers))
