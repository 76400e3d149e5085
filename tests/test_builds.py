"""Two builds of the same sources are equal to the byte, wherever they are made."""

import contextlib
import hashlib
import json
import shutil
import socket
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


def test_a_bundle_waits_for_a_build_that_has_begun(set_up: SetUp, tmp_path: Path) -> None:
    # given what a build that was killed has left, and then one that has not ended
    service = set_up(tmp_path, runtime="nodejs24.x")
    (service / ".build").mkdir()
    lock = str((service / ".build/building").relative_to(tmp_path))
    with contextlib.chdir(tmp_path):
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(lock)
        subprocess.run([service / NODE, "tools/build.ts"], cwd=service, check=True)
        package = service / ".build/package"
        shutil.rmtree(package)
        (service / ".build/building").unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(lock)
            other.listen()
            other.settimeout(60)
            # when
            with subprocess.Popen([service / NODE, "tools/build.ts"], cwd=service) as build:
                waiting, _ = other.accept()
                # then
                assert not package.exists()
                other.close()
                waiting.close()
                assert build.wait() == 0
    assert package.exists()


LIBRARIES = {
    "reader": "module.exports = () => require('fs').readFileSync(__dirname + '/data');",
    "careful": "try { require('./none.node') } catch {}; module.exports = typeof __dirname;",
    "threaded": "const { Worker } = require('worker_threads');"
    "module.exports = () => new Worker('./thread.js');",
    "eager": "module.exports = require('fs').readFileSync(__dirname + '/data');",
    "asking": "module.exports = require(['nowhere'].join());",
    "calling": "module.exports = 1; throw new Error('no answer');",
    "native": "module.exports = require('./compiled.node');",
}
"""By name, what a library of Node.js may do."""


def using(folder: Path, service: Path, *libraries: str) -> subprocess.CompletedProcess[str]:
    """Build a service whose worker uses libraries that lie in a folder above it."""
    for name in libraries:
        library = folder / "node_modules" / name
        library.mkdir(parents=True)
        (library / "index.js").write_text(LIBRARIES[name])
        (library / "compiled.node").touch()
    handler = service / "src/service/handlers/worker.ts"
    uses = "".join(f'import {name} from "{name}";\n' for name in libraries)
    handler.write_text(f"{uses}{handler.read_text()}\nconsole.log({', '.join(libraries)});\n")
    command = [service / NODE, "tools/build.ts"]
    return subprocess.run(command, cwd=service, capture_output=True, text=True, check=False)


def test_what_may_not_run_in_a_bundle_is_named(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")
    done = using(tmp_path, service, "reader", "careful", "threaded", "calling")
    assert done.returncode == 0
    here = "src/service/handlers/worker.ts: ../node_modules"
    bundle = ".build/package/worker/worker.mjs"
    assert sorted(done.stderr.splitlines()) == [
        f"{bundle} ends as it is loaded, here: Error: no answer",
        f"{here}/reader/index.js needs __dirname, which a bundle does not have",
        f"{here}/threaded/index.js needs a file for its worker, which a bundle does not have",
    ]


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("eager", "worker.mjs cannot start (ReferenceError: __dirname is not defined"),
        ("asking", 'worker.mjs cannot start (Error: Dynamic require of "nowhere"'),
        ("native", "../node_modules/native/compiled.node is a native add-on"),
    ],
)
def test_a_bundle_that_cannot_run_ends_the_build(
    set_up: SetUp, tmp_path: Path, library: str, said: str
) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")
    done = using(tmp_path, service, library)
    assert done.returncode == 1
    assert said in done.stderr
    assert 'list the library in package.json: "golden-path": {"external": ["NAME"]}' in done.stderr
    assert not (service / ".build/package").exists(), "it could be deployed"


def test_what_stays_outside_of_bundles_lies_beside_them(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")

    def listing(*names: str) -> subprocess.CompletedProcess[str]:
        path = service / "package.json"
        manifest = json.loads(path.read_text()) | {"golden-path": {"external": names}}
        path.write_text(json.dumps(manifest))
        command = [service / NODE, "tools/build.ts"]
        return subprocess.run(command, cwd=service, capture_output=True, text=True, check=False)

    done = listing("valibot", "@aws-sdk/client-dynamodb")
    assert done.returncode == 0, done.stderr
    package = service / ".build/package"
    beside = {path.name for path in package.glob("items/node_modules/*")}
    assert beside >= {"valibot", "@aws-sdk", "@smithy"}, "nor what these need"
    assert not beside & {"typescript", "vitest"}, "no function runs them"
    assert not (package / "pre-traffic/node_modules").exists(), "it uses neither"
    far = shutil.copytree(package / "items", tmp_path / "far")
    load = [service / NODE, service / "tools/load.ts", far / "items.mjs"]
    loaded = subprocess.run(load, capture_output=True, text=True, check=False, env={})
    assert "cannot start" not in loaded.stderr, "what it needs is not beside it"
    before = digest(service)
    listing("valibot", "@aws-sdk/client-dynamodb")
    assert digest(service) == before
    done = listing("valibot", "vitest")
    assert done.returncode == 1
    assert "Name vitest under dependencies in package.json too: it is deployed" in done.stderr
