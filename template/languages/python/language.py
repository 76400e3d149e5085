"""Where the code of a service is, and what its manifest names; it runs in the service's folder."""

import re
import tomllib
from pathlib import Path
from typing import Any

MANIFEST = "pyproject.toml"


def dependencies() -> tuple[Any, Any]:
    """Return what the manifest names, which the service's own locks follow."""
    project = tomllib.loads(Path(MANIFEST).read_text())
    return project["project"]["dependencies"], project["dependency-groups"]


def files(name: str) -> list[Path]:
    """Return the files of a function that its team owns."""
    module = _module(name)
    return [
        Path("src/service/handlers") / f"{module}.py",
        Path("tests/unit/handlers") / f"test_{module}.py",
        Path("tests/integration") / f"test_{module}.py",
        Path("events") / f"{module}.json",
    ]


def renamed(text: str, name: str, to: str) -> str:
    """Return code of a function that imports and reads what bears its new name."""
    old, new = _module(name), _module(to)
    text = re.sub(rf"\bservice\.handlers\.{old}\b", f"service.handlers.{new}", text)
    return text.replace(f'MODULE = "{old}"', f'MODULE = "{new}"')


def _module(name: str) -> str:
    return name.replace("-", "_")
