"""Two builds of the same sources are equal to the byte, wherever they are made."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.languages import NODE, Language, languages
from tests.pythons import newest

UNUSED = ("@biomejs", "@rolldown", "@typescript", "lightningcss*", "*.d.ts", "*.map")
"""What makes node_modules large, and is no part of a bundle."""


def digest(service: Path) -> str:
    """Return a hash over names, modes, times and bytes of a package."""
    package = service / ".build/package"
    found = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        found.update(f"{path.relative_to(package)} {path.stat().st_mode}".encode())
        if path.is_file():
            found.update(f"{path.stat().st_mtime}".encode() + path.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("language", languages(), ids=str)
def test_a_place_changes_no_package(set_up: SetUp, language: Language, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime=language.runtime)
    subprocess.run(["make", "build"], cwd=service, check=True)
    elsewhere = tmp_path / "another place" / "(far away)"
    left_out = shutil.ignore_patterns(".build", ".venv")
    shutil.copytree(service, elsewhere, symlinks=True, ignore=left_out)
    subprocess.run(["make", "build", f"PYTHON={newest()[1]}"], cwd=elsewhere, check=True)
    assert not (elsewhere / ".venv").exists(), "a build installs what only tests need"
    assert digest(elsewhere) == digest(service)


def test_a_bundle_is_the_same_wherever_its_libraries_lie(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")
    for function in ("report", "worker"):
        (service / f"src/service/handlers/{function}.ts").unlink()

    def built() -> str:
        subprocess.run([service / NODE, "tools/build.ts"], cwd=service, check=True)
        return digest(service)

    linked = built()

    libraries = service / "node_modules"
    kept = libraries.resolve()
    libraries.unlink()
    shutil.copytree(kept, libraries, symlinks=True, ignore=shutil.ignore_patterns(*UNUSED))
    assert built() == linked, "in a folder of the service's own"

    service = service.rename(tmp_path / "member")
    libraries = (service / "node_modules").rename(tmp_path / "node_modules")
    assert built() == linked, "in a folder above, as a workspace hoists them"

    nested = libraries / "@aws-sdk/client-dynamodb/node_modules/@aws-sdk"
    nested.mkdir(parents=True)
    (libraries / "@aws-sdk/dynamodb-codec").rename(nested / "dynamodb-codec")
    assert built() == linked, "in the folder of the library that uses it"


def test_a_library_that_cannot_run_in_a_bundle_is_named(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")
    for name, code in {
        "reader": "module.exports = () => require('fs').readFileSync(__dirname + '/data');",
        "careful": "module.exports = typeof __dirname === 'string';",
    }.items():
        library = tmp_path / "node_modules" / name
        library.mkdir(parents=True)
        (library / "index.js").write_text(code)
    handler = service / "src/service/handlers/worker.ts"
    uses = 'import careful from "careful";\nimport reader from "reader";\n'
    handler.write_text(f"{uses}{handler.read_text()}\nconsole.log(careful, reader);\n")
    done = subprocess.run(
        [service / NODE, "tools/build.ts"], cwd=service, capture_output=True, text=True, check=True
    )
    assert done.stderr == (
        "src/service/handlers/worker.ts: ../node_modules/reader/index.js needs __dirname, "
        "which a bundle does not have\n"
    )
