"""An update ends with the service's own checks, which refuse what it may have left."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import copier
import pytest

from tests.conftest import SetUp
from tests.installed import keep_apart, lend
from tests.pythons import newest
from tests.updates.living import begin, changed, commit, run


@pytest.fixture(scope="module")
def ready(template: Path, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service of the first version that is set up."""
    folder = tmp_path_factory.mktemp("ready")
    service = folder / "service"
    runtime = f"python{newest()[0]}"
    copier.run_copy(
        str(template),
        service,
        vcs_ref="v1.0.0",
        data={"runtime": runtime},
        defaults=True,
        quiet=True,
    )
    lend(set_up(folder / "installed", ".tools/types/.ready"), service)
    # An update installs the rules of the release that it brings.
    keep_apart(service, "golden-path", "python")
    (service / ".tools/python").write_text("{}: {}\n".format(*newest()))
    return begin(service)


@pytest.fixture
def service(ready: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready, tmp_path / "service", symlinks=True))


def make(service: Path, *goals: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *goals], cwd=service, capture_output=True, text=True, check=False
    )


def test_an_update_is_linted_judged_and_tested(service: Path) -> None:
    # given a test that fails, and a queue that breaks a rule
    own = service / "tests/unit/test_own.py"
    own.write_text("def test_own() -> None:\n    assert not 1\n")
    path = service / "template.yaml"
    template = path.read_text()
    path.write_text(template.replace("VisibilityTimeout: 361", "VisibilityTimeout: 60"))
    commit(service)
    # when it is updated, then both are named with the way back
    done = make(service, "update")
    assert done.returncode != 0
    assert "GP301 WorkerQueue" in done.stdout
    back = re.search(
        r"Mend what fails in `make rules test`. To go back instead: (git reset .*)", done.stderr
    )
    assert back, done.stderr
    # and who goes back, mends them and begins again sees that all is well
    run("bash", "-c", back[1].rstrip("."), cwd=service)
    own.unlink()
    path.write_text(template)
    commit(service)
    done = make(service, "update")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = [
        "Every function has a gigabyte of it.",
        "All checks passed!",
        "All rules of the golden path are kept.",
        "Total coverage",
        "v2.0.0 is here.",
    ]
    places = [done.stdout.find(one) for one in shown]
    assert -1 not in places, done.stdout
    assert places == sorted(places)
    assert "?? SECURITY.md" in changed(service)


MARKS = "<<<<<<< before updating\nmine\n=======\ntheirs\n>>>>>>> after updating\n"
REJECTED = "diff a/README.md b/README.md\t(rejected hunks)\n@@ -1 +1 @@\n-mine\n+theirs\n"


@pytest.mark.parametrize(
    ("file", "left"),
    [("config/dev.json", MARKS), ("template.yaml", MARKS), ("README.md.rej", REJECTED)],
)
def test_lint_refuses_what_a_conflict_has_left(service: Path, file: str, left: str) -> None:
    with (service / file).open("a") as text:
        text.write(left)
    done = make(service, "lint")
    assert done.returncode != 0, "a conflict may be committed"
    assert f"./{file}:" in done.stdout
    assert "Solve the conflicts that an update has left in these places." in done.stderr
