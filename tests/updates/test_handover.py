"""A release brings itself: what its updater has learnt holds for services of those before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
import yaml

from tests.conftest import ROOT
from tests.updates.history import languages, releases, shared_template, show
from tests.updates.living import begin, changed, commit, edit

UPDATER = "hooks/golden_path/updater/update.py"
GUARD = '''"""What only the coming release knows."""

import sys
from pathlib import Path

from golden_path.updater.source import ROOT


def guard() -> None:
    if "precious" in Path(ROOT, "README.md").read_text():
        sys.exit("Leave it: what is precious would go.")
    print("The coming release looks after this.", flush=True)
'''


FIRST = next(one for one in releases(ROOT) if one.tag == "v0.4.0")
"""The oldest release whose updater lets that of the newest do it."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All releases, and a made one whose updater refuses what none before has refused."""
    folder = tmp_path_factory.mktemp("handover") / "template"
    shutil.copytree(shared_template(ROOT), folder)
    (folder / UPDATER).with_name("guard.py").write_text(GUARD)
    updater = folder / UPDATER
    known = "from golden_path.updater.missing import"
    edit(updater, known, f"from golden_path.updater.guard import guard\n{known}")
    for verb in ("bring", "foretell"):
        header = f"def {verb}(source: Source, release: str) -> None:\n"
        body = updater.read_text().split(header)[1]
        docstring = body.split("\n")[0]
        edit(updater, f"{header}{docstring}\n", f"{header}{docstring}\n    guard()\n")
    commit(folder, tag="v999.1.0")
    return folder


def make(service: Path, goal: str) -> subprocess.CompletedProcess[str]:
    """Run a target of the service's, by the tools of this Python; the checks at its end do not."""
    checks = service.parent / "bin/make"
    checks.parent.mkdir(exist_ok=True)
    checks.write_text("#!/bin/sh\n")
    checks.chmod(0o755)
    environment = os.environ | {"PATH": f"{checks.parent}:{os.environ['PATH']}"}
    tools = f"BIN={Path(sys.executable).parent}"
    command = (str(shutil.which("make")), "--old-file=.venv/.ready", tools, goal)
    return subprocess.run(command, cwd=service, env=environment, capture_output=True, text=True)


def serve(template: Path, folder: Path, language: str) -> Path:
    """Have a service that knows nothing of the coming release."""
    known = show(ROOT, FIRST, f"template/languages/{language}/language.yml")
    given = {"runtime": yaml.safe_load(known)["newest"]}
    copier.run_copy(str(template), folder, given, vcs_ref=FIRST.tag, defaults=True, quiet=True)
    return begin(folder)


@pytest.mark.parametrize("language", languages(ROOT, FIRST))
def test_what_the_newest_updater_protects_is_protected_by_the_update_that_brings_it(
    template: Path, tmp_path: Path, language: str
) -> None:
    service = serve(template, tmp_path / "service", language)
    readme = service / "README.md"
    kept = readme.read_text()
    # when the coming updater finds what it refuses
    readme.write_text(f"{kept}\nprecious\n")
    commit(service)
    done = make(service, "update")
    # then nothing changes
    assert done.returncode != 0
    assert done.stderr.startswith("Leave it: what is precious would go.\n"), done.stderr
    assert changed(service) == ""
    # when it finds nothing of the kind
    readme.write_text(kept)
    commit(service)
    done = make(service, "update")
    # then it comes
    assert "The coming release looks after this." in done.stdout
    assert "_commit: v999.1.0\n" in (service / ".copier-answers.yml").read_text()
    if done.returncode:  # a release may name other dependencies, which the team locks
        assert done.stderr.startswith("Run `make lock && make lint rules test`: "), done.stderr
    else:
        assert "v999.1.0 is here." in done.stdout
    # and nothing of it is left behind
    assert not (service / "tools/update.py").exists()


def test_it_foretells_too(template: Path, tmp_path: Path) -> None:
    service = serve(template, tmp_path / "service", "python")
    said = make(service, "update-check").stdout
    assert "The coming release looks after this.\nIt would change:\n" in said
    assert changed(service) == ""
