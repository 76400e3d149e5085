"""Each answer set passes its own gate, and is built, while the golden path is out of reach.

`make lint`, `make ci` and `make build` of the service that it renders.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.advisories import advisories
from tests.conftest import SetUp, everything, named_answers
from tests.installed import keep_apart
from tests.languages import languages
from tests.pythons import newest
from tests.test_render import pairs

GOLDEN_PATH = ".tools/golden-path/.ready"
EVERYTHING = "everything"
"""The set that `make test` has, in Python: all kinds, for the rule below too, and all secrets."""


def rows() -> Iterator[Any]:
    """Yield the named answer sets in each language, and the pairwise cover."""
    sets = {
        f"{name}-{language}": answers | {"runtime": language.runtime}
        for name, answers in (named_answers() | {EVERYTHING: everything()}).items()
        for language in languages()
    }
    for name, answers in (sets | pairs()).items():
        seen = name == f"{EVERYTHING}-{languages()[0]}"
        yield pytest.param(answers, id=name, marks=[] if seen else [pytest.mark.all_rows])


@contextmanager
def out_of_reach(service: Path) -> Iterator[None]:
    """Have neither the golden path's package there, nor an address where it could be found."""
    tools, named = service / ".tools", service / "tools/requirements-golden-path.txt"
    shared, text = tools.resolve(), named.read_text()
    keep_apart(service, "golden-path", "emulator")
    named.write_text(re.sub("^golden-path @ .*", "golden-path @ file:///nowhere", text, flags=re.M))
    yield
    named.write_text(text)
    shutil.rmtree(tools)
    tools.symlink_to(shared)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Who knows vulnerabilities, and one place for the hooks of all rows."""
    hooks = str(tmp_path_factory.mktemp("hooks"))
    with advisories() as told:
        yield os.environ | told.variables | {"PRE_COMMIT_HOME": hooks, "NO_COLOR": "1"}


@pytest.mark.parametrize("answers", list(rows()))
def test_a_service_passes_its_own_gate(
    set_up: SetUp, tmp_path: Path, environment: dict[str, str], answers: dict[str, Any]
) -> None:
    # given
    (language,) = [one for one in languages() if answers["runtime"].startswith(one.name)]
    service = set_up(tmp_path, GOLDEN_PATH, *language.linters, *language.auditors, **answers)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=service, env=environment, capture_output=True, text=True, check=False
        )

    run("git", "init", "--quiet")
    run("git", "add", "--all")
    goals = ["ci"] if "\nci: " in (service / "Makefile").read_text() else ["test"]
    # when nothing of the golden path can be had
    with out_of_reach(service):
        done = run("make", "lint", *goals, "build")
        refused = run("make", "rules", f"PYTHON={newest()[1]}")
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"\d skipped", done.stdout)
    assert (service / ".build/package").is_dir()
    assert refused.returncode != 0
    assert "Make the golden path reachable, which tools/req" in refused.stderr
    # and the rules are among the hooks
    template = service / "template.yaml"
    text = template.read_text()
    broken = re.sub(r"VisibilityTimeout: \d+", "VisibilityTimeout: 60", text)
    if goals == ["ci"] and broken != text:
        template.write_text(broken)
        refused = run(".venv/bin/pre-commit", "run", "--all-files", "golden-path")
        assert refused.returncode == 1
        assert "GP301" in refused.stdout
