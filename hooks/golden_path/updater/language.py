"""The module of the language that a service is written in."""

from types import ModuleType

from golden_path.loading import FACTS, load


def language_of(runtime: str) -> ModuleType:
    """Return `language.py` of the language whose name a runtime begins with."""
    known = FACTS.glob("languages/*/language.py")
    (path,) = [path for path in known if runtime.startswith(path.parent.name)]
    return load(path, f"{__name__}.{path.parent.name}")
