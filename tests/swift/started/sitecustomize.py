"""Python starts with this where PYTHONPATH names its folder: there Copier is swift, too."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


class WhenCopierIsImported:
    """Finds no module, and is there for the moment when one is looked for."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "copier":
            sys.meta_path.remove(self)
            self.swift = _swift().compiled_once()
            self.swift.__enter__()


def _swift() -> ModuleType:
    spec = spec_from_file_location("swift", Path(__file__).parents[1] / "__init__.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FINDER = WhenCopierIsImported()  # lasts, and with it what it has begun
sys.meta_path.insert(0, FINDER)
