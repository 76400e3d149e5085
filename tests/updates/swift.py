"""Copier in this process, which does once what every update repeats: clone, compile, read YAML.

An update renders three times. What it renders and how it merges is Copier's own, untouched.
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


@contextmanager
def swift() -> Iterator[None]:
    """Make Copier remember for a while."""
    compiled: dict[tuple[Any, ...], CodeType] = {}
    compile_, clone = jinja2.Environment.compile, copier._template.clone

    def compile_once(self: Any, source: Any, name: Any = None, filename: Any = None, **more: Any):
        # A loop in a file's name is noted while it is parsed.
        if more or not isinstance(source, str) or "yield" in source:
            return compile_(self, source, name, filename, **more)
        self.preprocess(source, name, filename)
        key = (source, name, filename, self.trim_blocks, self.keep_trailing_newline)
        if key not in compiled:
            compiled[key] = compile_(self, source, name, filename)
        return compiled[key]

    @cache
    def clone_once(url: str, ref: str) -> str:
        return clone(url, ref)

    def cloned(url: str, ref: str, **_location: str) -> str:
        return clone_once(url, ref)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compile_once)
        patch.setattr(copier._template, "clone", cloned)
        patch.setattr(yaml, "safe_load", lambda text: yaml.load(text, yaml.CSafeLoader))
        yield
