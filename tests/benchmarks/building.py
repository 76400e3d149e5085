"""Building: the service's own tool against SAM's builder, on the same service."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.rounds import Aim, medians, mixed, table, times
from tests.benchmarks.workplace import Workplace, run

ROUNDS = 3


@dataclass(frozen=True)
class Builder:
    """How a language's services are built, by their own tool and by SAM's."""

    language: str
    command: tuple[str | Path, ...]  # prepares what Lambda runs
    by_sam: str  # what SAM's builder calls, for the table
    derived: Callable[[Path, Path], None]  # makes of a service one that SAM builds, in a folder
    path: str  # where SAM's builder finds what it calls
    most: float  # of the time that SAM's builder takes


def building(workplace: Workplace, service: Path, builder: Builder) -> tuple[str, list[Aim]]:
    """Return the table of building, and how its aims are met.

    Both find what they download in their caches: the unmeasured first round has filled them.
    """
    sam = workplace.sam(service)
    derived = workplace.folder / f"{service.name}-for-sam"
    derived.mkdir()
    builder.derived(service, derived)
    prepared, built = service / ".build" / "package", derived / ".aws-sam"
    checksums: set[str] = set()

    def prepare() -> float:
        shutil.rmtree(service / ".build", ignore_errors=True)
        seconds = prepare_again()
        checksums.add(checksum(prepared))
        return seconds

    def prepare_again() -> float:
        return _timed(lambda: run(builder.command, service))

    def build_by_sam() -> float:
        shutil.rmtree(built, ignore_errors=True)
        home = workplace.folder / "sam-home"
        home.mkdir(exist_ok=True)
        path = f"{builder.path}{os.pathsep}{os.environ['PATH']}"
        variables = {"PATH": path, "SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(home)}
        return _timed(lambda: run([sam, "build"], derived, **variables))

    by_sam = f"sam build, by {builder.by_sam}"
    subjects = {"make build, from nothing": prepare, "again": prepare_again, by_sam: build_by_sam}
    figures = medians(mixed(subjects, ROUNDS))
    packages = dict.fromkeys(subjects, prepared)
    packages[by_sam] = built / "build"
    rows = [
        [name, f"{seconds:.1f} s", times(seconds / figures[by_sam]), *_size(packages[name])]
        for name, seconds in figures.items()
    ]
    title = (
        f"Building for Lambda, {builder.language}: medians of {ROUNDS} rounds, packages of equal"
        f" checksum: {len(checksums) == 1}"
    )
    columns = ["", "median", "to sam", "prepared", "as a zip"]
    ratio = figures["make build, from nothing"] / figures[by_sam]
    what = f"build time to that of SAM's builder, {builder.language}"
    return table(title, columns, rows), [Aim(what, builder.most, ratio)]


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


def built_by_sam(template: str, metadata: Callable[[str], str], code_uri: str) -> str:
    """Return a template whose functions SAM builds itself, by the metadata that each is given.

    `metadata` gets the function's handler, and returns lines.
    """
    own = re.compile(
        r"    Metadata:\n      SkipBuild: true.*\n((?:    .+\n)*?      Handler: (.+)\n)"
    )
    template = own.sub(lambda found: metadata(found[2]) + found[1], template)
    template, found = re.subn(r"(?<=CodeUri: )\.build/package.*", code_uri, template)
    if "SkipBuild" in template or not found:
        raise AssertionError("template.yaml has changed: SAM would build nothing")
    return template


def _timed(build: Callable[[], object]) -> float:
    started = time.perf_counter()
    build()
    return time.perf_counter() - started


def _size(folder: Path) -> list[str]:
    """Return the size of all that is uploaded: a folder's files, and those in archives."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    archive = Path(shutil.make_archive(str(folder.parent / "measured"), "zip", folder))
    zipped = archive.stat().st_size
    archive.unlink()
    return [f"{size / 1e6:.1f} MB", f"{zipped / 1e6:.1f} MB"]
