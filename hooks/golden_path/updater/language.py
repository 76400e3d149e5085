"""The module of the language that a service is written in."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

LANGUAGES = Path(__file__).parents[1] / "facts" / "languages"


def language_of(runtime: str) -> ModuleType:
    """Return `language.py` of the language whose name a runtime begins with."""
    (path,) = [
        path for path in LANGUAGES.glob("*/language.py") if runtime.startswith(path.parent.name)
    ]
    spec = spec_from_file_location("language", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
