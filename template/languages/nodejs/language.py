"""Where the code of a service is, and what its manifest names; it runs in the service's folder."""

import json
import re
from pathlib import Path
from typing import Any

MANIFEST = "package.json"


def dependencies() -> tuple[Any, Any]:
    """Return what the manifest names, which the service's own lock follows."""
    project = json.loads(Path(MANIFEST).read_text())
    return project["dependencies"], project["devDependencies"]


def files(name: str) -> list[Path]:
    """Return the files of a function that its team owns."""
    return [
        Path("src/service/handlers") / f"{name}.ts",
        Path("tests/unit/handlers") / f"{name}.test.ts",
        Path("tests/integration") / f"{name}.test.ts",
        Path("events") / f"{name}.json",
    ]


def renamed(text: str, name: str, to: str) -> str:
    """Return code of a function that imports and reads what bears its new name."""
    text = text.replace(f"#service/handlers/{name}.ts", f"#service/handlers/{to}.ts")
    return re.sub(rf'\b(event(<\w+>)?)\("{name}"\)', rf'\1("{to}")', text)
