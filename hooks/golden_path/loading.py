"""Modules that lie beside the facts of a kind, a way or a language, where no package is."""

import sys
from pathlib import Path
from types import ModuleType

FACTS = Path(__file__).parent / "facts"


def load(path: Path, name: str) -> ModuleType:
    """Return the module of a file, which can be imported by that name from then on.

    Python's own loader would leave byte code among the facts, which are what services come from.
    """
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(path)
    exec(compile(path.read_bytes(), path, "exec"), module.__dict__)
    return module
