"""Keep the lock of the fullest service, and which of its packages only some services need.

    python template/languages/nodejs/lock.py FOLDER

FOLDER has a rendered service for each part that asks for packages of its own, by the part's name;
`none` asks for none, and `all`, which is locked, for those of every part. `make locks` runs it.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

LOCKS = Path(__file__).parent / "locks"
FULLEST, SMALLEST = "all", "none"

Packages = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    lock = folder / FULLEST / "package-lock.json"
    packages: Packages = json.loads(lock.read_text())["packages"]
    needed = {
        service.name: _needed(packages, json.loads((service / "package.json").read_text()))
        for service in sorted(folder.iterdir())
    }
    optional = {
        path: parts
        for path in packages
        if path and path not in needed[SMALLEST]
        for parts in [[part for part in needed if part != FULLEST and path in needed[part]]]
    }
    shutil.copy(lock, LOCKS / "package-lock.json")
    (LOCKS / "optional.json").write_text(json.dumps(optional, indent=2) + "\n")


def _needed(packages: Packages, named: dict[str, Any]) -> set[str]:
    """Return the paths of what a package.json names, and of all that this needs in turn."""
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
