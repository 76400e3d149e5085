"""The tools of a rendered service, imported as its own commands import them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType


def tool_of(service: Path, name: str) -> ModuleType:
    """Import a module of a service's tools, and leave no byte code there."""
    sys.path.insert(0, str(service / "tools"))
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        return import_module(name)
    finally:
        sys.dont_write_bytecode = before
        sys.path.pop(0)
