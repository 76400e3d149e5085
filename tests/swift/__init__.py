"""Copier without what every render repeats: compile, read YAML, clone, ask git.

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

import copier._template
import jinja2
import yaml
from copier._main import Worker

COMPILED = "COPIER_COMPILED"
"""The variable that names a folder, in which processes share what they have compiled."""


@contextmanager
def instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Have another attribute for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


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
            compiled[key] = _shared(key, lambda: compile_(self, source, name, filename))
        return compiled[key]

    render_string = Worker._render_string

    def render_parts_of_names(self: Worker, string: str, **context: Any) -> str:
        if "{" in string:
            return render_string(self, string, **context)
        self.jinja_env.preprocess(string)  # which forgets the loop of the name before
        return string

    with ExitStack() as patches:
        for one in (
            instead(jinja2.Environment, "compile", compile_once),
            instead(Worker, "_render_string", render_parts_of_names),
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


def _shared(key: str, compile_: Any) -> CodeType:
    """Return what a process has compiled: here, or another one of these tests."""
    folder = os.environ.get(COMPILED)
    if not folder:
        return compile_()
    kept = Path(folder) / key
    if kept.exists():
        return marshal.loads(kept.read_bytes())
    code = compile_()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(marshal.dumps(code))
    Path(file.name).rename(kept)
    return code


@contextmanager
def in_processes() -> Iterator[None]:
    """Let Copier be swift in the Pythons that are started meanwhile."""
    folder = Path(__file__).parent / "started"
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@contextmanager
def cloned_once(known: dict[tuple[str, str], str] | None = None) -> Iterator[None]:
    """Remember what a repository has at a tag: for one that changes no more.

    `known` holds what is remembered for longer than this.
    """
    clone = copier._template.clone
    clones = {} if known is None else known

    def cloned(url: str, ref: str, **_location: str) -> str:
        if (url, ref) not in clones:
            clones[url, ref] = clone(url, ref)
        return clones[url, ref]

    with instead(copier._template, "clone", cloned):
        yield
