"""Copier without what every render repeats: compile, read YAML, clone, ask git, replay.

What it renders and how it merges is Copier's own, untouched.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
import yaml
from copier._main import Worker

from . import shared
from .instead import instead
from .replays import kept_once

HERE = Path(__file__).parent


@contextmanager
def swift() -> Iterator[None]:
    """Do once what is repeated, in this process."""
    with compiled_once(), kept_once():
        yield


@contextmanager
def swift_alone() -> Iterator[None]:
    """Be swift in the one process that there is, and keep nothing afterwards."""
    with swift(), tempfile.TemporaryDirectory() as folder:
        os.environ[shared.SHARED] = folder
        yield


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember compiled templates by their text, and leave out what changes nothing."""
    compiled: dict[str, CodeType] = {}
    compile_ = jinja2.Environment.compile

    def compile_once(self: Any, source: Any, name: Any = None, filename: Any = None, **more: Any):
        # A loop in a file's name is noted while it is parsed.
        if more or not isinstance(source, str) or "yield" in source:
            return compile_(self, source, name, filename, **more)
        self.preprocess(source, name, filename)
        key = _key(self, source, name)  # the file's path is another in every clone
        if key not in compiled:
            made = shared.kept(key, lambda: marshal.dumps(compile_(self, source, name, filename)))
            compiled[key] = marshal.loads(made)
        return compiled[key]

    render_string = Worker._render_string

    def render_parts_of_names(self: Worker, string: str, **context: Any) -> str:
        if "{" in string:
            return render_string(self, string, **context)
        self.jinja_env.preprocess(string)  # which forgets the loop of the name before
        return string

    answers_relpath = Worker.answers_relpath.fget

    def path_of_answers(self: Worker) -> Path:
        """Render it where there is something to render: it is asked for at each part of a path."""
        path = str(self.answers_file or self.template.answers_relpath)
        if "{" in path:
            return answers_relpath(self)
        self.jinja_env.preprocess(path)
        return Path(path)

    with ExitStack() as patches:
        for one in (
            instead(jinja2.Environment, "compile", compile_once),
            instead(Worker, "_render_string", render_parts_of_names),
            instead(Worker, "answers_relpath", property(path_of_answers)),
            # It asks git for each file, and does nothing where git sees the modes of files.
            instead(Worker, "_sync_git_index_executable_bit", lambda *_: None),
            instead(yaml, "safe_load", lambda text: yaml.load(text, yaml.CSafeLoader)),
        ):
            patches.enter_context(one)
        yield


def _key(environment: Any, source: str, name: str | None) -> str:
    """Return a digest of all that a compiled template depends on."""
    options = (
        *(type(environment), sorted(environment.extensions), jinja2.__version__, sys.version),
        *(environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline),
        *(environment.block_start_string, environment.variable_start_string),
    )
    return hashlib.sha256(repr((source, name, options)).encode()).hexdigest()


@contextmanager
def in_processes() -> Iterator[None]:
    """Let Copier be swift in the Pythons that are started meanwhile."""
    with started_with(HERE / "started"):
        yield


@contextmanager
def started_with(folder: Path) -> Iterator[None]:
    """Let the Pythons that are started meanwhile begin with the `sitecustomize` of a folder.

    A service's `make` hands no PYTHONPATH on: the shells that it starts read `bash.sh` first.
    """
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    own = {"PYTHONPATH": path, "SWIFT_PATH": path, "BASH_ENV": str(HERE / "bash.sh")}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
