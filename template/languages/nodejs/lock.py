"""Lock what services in TypeScript use, and keep which of the packages only some of them need.

    PYTHONPATH=. python template/languages/nodejs/lock.py

The fullest service is locked. Services with a single part, such as a table or a kind of trigger,
say which packages come with it: the others leave them out of their lock. `make locks` runs it.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import copier

from docs.written.facts import kind, kind_names
from tests.pythons import newest

LOCKS = Path(__file__).parent / "locks"
ROOT = LOCKS.parent.parent.parent.parent
SMALLEST: dict[str, Any] = {"runtime": "nodejs24.x", "data_store": "none", "triggers": ["schedule"]}
FULLEST = SMALLEST | {
    "data_store": "dynamodb",
    "secrets": {"a": "medium", "b": "high"},
    "triggers": kind_names(),
}
PARTS = {
    "dynamodb": SMALLEST | {"data_store": "dynamodb"},
    "medium": SMALLEST | {"secrets": {"a": "medium"}},
    "high": SMALLEST | {"secrets": {"b": "high"}},
    **{
        name: SMALLEST | {"triggers": [name]}
        for name in kind_names()
        if "packages" in kind(name)["nodejs"]
    },
}

Packages = dict[str, dict[str, Any]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        fullest = _rendered(Path(folder) / "all", FULLEST)
        lock = fullest / "package-lock.json"
        lock.unlink()
        subprocess.run(["make", "lock", f"PYTHON={newest()[1]}"], cwd=fullest, check=True)
        packages: Packages = json.loads(lock.read_text())["packages"]
        shutil.copy(lock, LOCKS)
        always = _needed(packages, _rendered(Path(folder) / "none", SMALLEST))
        optional: dict[str, list[str]] = {}
        for part, answers in PARTS.items():
            needed = _needed(packages, _rendered(Path(folder) / part, answers))
            for path in sorted(needed - always):
                optional.setdefault(path, []).append(part)
    (LOCKS / "optional.json").write_text(json.dumps(optional, indent=2) + "\n")


def _rendered(service: Path, answers: dict[str, Any]) -> Path:
    copier.run_copy(str(ROOT), service, data=answers, defaults=True, quiet=True, vcs_ref="HEAD")
    return service


def _needed(packages: Packages, service: Path) -> set[str]:
    """Return the paths of what a service's package.json names, and of all that this needs."""
    named = json.loads((service / "package.json").read_text())
    found: set[str] = set()
    left = [("", name) for name in named["dependencies"] | named["devDependencies"]]
    while left:
        path = _resolved(packages, *left.pop())
        if path and path not in found:
            found.add(path)
            left += [(path, name) for name in _dependencies(packages[path])]
    return found


def _dependencies(package: dict[str, Any]) -> set[str]:
    about = package.get("peerDependenciesMeta", {})
    peers = {
        name
        for name in package.get("peerDependencies", {})
        if not about.get(name, {}).get("optional")
    }
    kinds = ("dependencies", "optionalDependencies")
    return peers.union(*(package.get(kind, {}) for kind in kinds))


def _resolved(packages: Packages, path: str, name: str) -> str:
    """Return where Node.js finds a package: beside the one that asks, or further up."""
    while (candidate := f"{path}/node_modules/{name}".lstrip("/")) not in packages and path:
        path = path.rpartition("node_modules/")[0].rstrip("/")
    return candidate if candidate in packages else ""


if __name__ == "__main__":
    main()
