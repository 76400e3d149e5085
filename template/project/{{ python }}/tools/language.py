"""What the tools need to know of this service's language: how it is built, where its code is."""

import re
import sys
from pathlib import Path

BUILD = (sys.executable, "tools/build.py")


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
