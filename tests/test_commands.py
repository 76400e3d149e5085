"""What commands of a service do when something is wrong, or new: they go as far as they can."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.languages import Language, languages

NODEJS = languages()[1]

UNFORMATTED = {
    # In each an error that nobody but its author can mend.
    "python": ("src/service/own.py", "x  =  nowhere\n", "x = nowhere\n", "F821"),
    "nodejs": ("src/service/own.ts", "eval( '1' )\n", 'eval("1");\n', "noGlobalEval"),
}


def make(service: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NO_COLOR": "1"}
    return subprocess.run(
        ["make", *words], cwd=service, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("language", languages(), ids=str)
def test_a_finding_that_nothing_can_mend_keeps_no_code_from_its_format(
    set_up: SetUp, language: Language, tmp_path: Path
) -> None:
    service = set_up(tmp_path, runtime=language.runtime)
    name, before, after, finding = UNFORMATTED[language.name]
    module = service / name
    module.write_text(before)
    done = make(service, "format")
    assert done.returncode != 0
    assert finding in done.stdout + done.stderr
    assert module.read_text() == after
    module.unlink()
    done = make(service, "format")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def service(set_up: SetUp, tmp_path: Path) -> Path:
    """A service in TypeScript whose package.json names a library that its lock does not know."""
    service = set_up(tmp_path, runtime=NODEJS.runtime)
    (service / "node_modules").unlink()  # which others share
    library = service / "planted"
    library.mkdir()
    (library / "package.json").write_text('{"name": "planted", "version": "1.0.0"}')
    manifest = json.loads((service / "package.json").read_text())
    manifest["dependencies"]["planted"] = "file:planted"
    (service / "package.json").write_text(json.dumps(manifest, indent=2))
    return service


def test_what_the_lock_lacks_is_told_in_one_sentence(service: Path) -> None:
    done = make(service, "build")
    assert done.returncode != 0
    said, _make = done.stderr.splitlines()
    assert said.startswith("Run make lock: package-lock.json does not lock planted@file:planted,")
    assert not (service / "node_modules/.ready").exists()


def test_a_new_dependency_moves_no_other(service: Path) -> None:
    def locked() -> dict[str, str]:
        packages = json.loads((service / "package-lock.json").read_text())["packages"]
        return {path: entry.get("integrity") for path, entry in packages.items() if path}

    path = service / "package-lock.json"
    lock = json.loads(path.read_text())
    older = "node_modules/valibot"
    lock["packages"][older] |= {"version": "1.0.0", "integrity": "sha512-b2xkZXI="}
    path.write_text(json.dumps(lock, indent=2))
    before = locked()
    done = make(service, "lock")
    assert done.returncode == 0, done.stderr
    added = {"node_modules/planted": None, "planted": None}
    assert locked() == before | added


def test_in_python_too_unless_an_upgrade_is_asked_for(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path)
    lock = service / "requirements.txt"
    older = "msgspec==0.19.0"
    lock.write_text(re.sub(r"msgspec==[\d.]+", older, lock.read_text()))
    manifest = service / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"msgspec', '"colorama",\n  "msgspec', 1))
    for words, stays in ((["lock"], True), (["lock", "UPGRADE=1"], False)):
        done = make(service, *words)
        assert done.returncode == 0, done.stderr
        assert "colorama==" in lock.read_text(), "a new dependency is not locked"
        assert (older in lock.read_text()) == stays
