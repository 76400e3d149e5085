"""Building: the service's own tool against SAM's builder, which calls pip, on the same service."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.rounds import Aim, medians, rotated, table, times
from tests.benchmarks.workplace import Workplace, run

MOST = 0.35  # of the time that SAM's builder takes
ROUNDS = 3


def building(workplace: Workplace, service: Path, commands: Path) -> tuple[str, list[Aim]]:
    """Return the table of building, and how its aims are met.

    Both find what they download in their caches: the unmeasured first round has filled them.
    """
    sam = workplace.sam(service)
    derived = _for_sam(service, workplace.folder / "for-sam")
    prepared, built = service / ".build", derived / ".aws-sam"
    checksums: set[str] = set()

    def prepare() -> float:
        shutil.rmtree(prepared, ignore_errors=True)
        seconds = _timed(lambda: workplace.build(service))
        checksums.add(checksum(prepared / "package"))
        return seconds

    def prepare_again() -> float:
        return _timed(lambda: workplace.build(service))

    def build_by_sam() -> float:
        shutil.rmtree(built, ignore_errors=True)
        path = f"{commands}{os.pathsep}{os.environ['PATH']}"
        home = workplace.folder / "sam-home"
        home.mkdir(exist_ok=True)
        variables = {"PATH": path, "SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(home)}
        return _timed(lambda: run([sam, "build"], derived, **variables))

    subjects = {
        "tools/build.py, from nothing": prepare,
        "tools/build.py, same requirements": prepare_again,
        "sam build, by pip": build_by_sam,
    }
    figures = medians(rotated(subjects, ROUNDS))
    pip = figures["sam build, by pip"]
    packages = dict.fromkeys(subjects, prepared / "package")
    packages["sam build, by pip"] = next((built / "build").glob("*Function"))
    rows = [
        [name, f"{seconds:.1f} s", times(seconds / pip), *_size(packages[name])]
        for name, seconds in figures.items()
    ]
    equal = len(checksums) == 1
    title = f"Building for Lambda: medians of {ROUNDS} rounds, packages of equal checksum: {equal}"
    columns = ["", "median", "to sam", "package", "as a zip"]
    ratio = figures["tools/build.py, from nothing"] / pip
    return table(title, columns, rows), [Aim("build time to that of SAM's builder", MOST, ratio)]


def checksum(package: Path) -> str:
    """Return one hash over every file of a package: its path, mode, time and content."""
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file():
            state = path.stat()
            name = path.relative_to(package)
            whole.update(f"{name} {state.st_mode:o} {state.st_mtime_ns}".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


def _timed(build: Callable[[], object]) -> float:
    started = time.perf_counter()
    build()
    return time.perf_counter() - started


def _for_sam(service: Path, folder: Path) -> Path:
    """Derive a service that SAM builds itself: the sources and what they require in one folder."""
    sources = folder / "src"
    shutil.copytree(service / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(service / "requirements.txt", sources)
    template = (service / "template.yaml").read_text()
    template = template.replace("CodeUri: .build/package", "CodeUri: src")
    template = re.sub(r" +Metadata:\n +SkipBuild: true.*\n", "", template)
    if "SkipBuild" in template or "CodeUri: src" not in template:
        raise AssertionError("template.yaml has changed: SAM would build nothing")
    (folder / "template.yaml").write_text(template)
    return folder


def _size(package: Path) -> list[str]:
    size = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    archive = Path(shutil.make_archive(str(package.parent / "measured"), "zip", package))
    zipped = archive.stat().st_size
    archive.unlink()
    return [f"{size / 1e6:.1f} MB", f"{zipped / 1e6:.1f} MB"]
