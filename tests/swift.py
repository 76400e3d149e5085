"""Copier in this process, without what every render repeats: compile, read YAML, clone, ask git.

What it renders and how it merges is Copier's own, untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any

import copier._template
import jinja2
import pytest
import yaml
from copier.__main__ import CopierApp
from copier._main import Worker


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember compiled templates by their text, and leave out what changes nothing."""
    compiled: dict[tuple[Any, ...], CodeType] = {}
    compile_ = jinja2.Environment.compile

    def compile_once(self: Any, source: Any, name: Any = None, filename: Any = None, **more: Any):
        # A loop in a file's name is noted while it is parsed.
        if more or not isinstance(source, str) or "yield" in source:
            return compile_(self, source, name, filename, **more)
        self.preprocess(source, name, filename)
        options = (type(self), self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline)
        key = (source, name, *options)  # the file's path is another in every clone
        if key not in compiled:
            compiled[key] = compile_(self, source, name, filename)
        return compiled[key]

    render_string = Worker._render_string

    def render_parts_of_names(self: Worker, string: str, **context: Any) -> str:
        if "{" in string:
            return render_string(self, string, **context)
        self.jinja_env.preprocess(string)  # which forgets the loop of the name before
        return string

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compile_once)
        patch.setattr(Worker, "_render_string", render_parts_of_names)
        # It asks git for each file, and does nothing where git sees the modes of files.
        patch.setattr(Worker, "_sync_git_index_executable_bit", lambda *_: None)
        patch.setattr(yaml, "safe_load", lambda text: yaml.load(text, yaml.CSafeLoader))
        yield


@contextmanager
def cloned_once() -> Iterator[None]:
    """Remember what a repository has at a tag: for one that changes no more."""
    clone = copier._template.clone

    @cache
    def clone_once(url: str, ref: str) -> str:
        return clone(url, ref)

    def cloned(url: str, ref: str, **_location: str) -> str:
        return clone_once(url, ref)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copier._template, "clone", cloned)
        yield


def main() -> None:
    """Be `copier`, in a process of its own."""
    with compiled_once():
        CopierApp.run()


if __name__ == "__main__":
    main()
