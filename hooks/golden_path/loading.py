"""Modules that lie beside the facts of a kind, a way or a language, where no package is."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

FACTS = Path(__file__).parent / "facts"


def load(path: Path, name: str) -> ModuleType:
    """Return the module of a file, which can be imported by that name from then on."""
    spec = spec_from_file_location(name, path)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
