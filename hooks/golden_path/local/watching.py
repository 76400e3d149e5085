"""What of a service on disk is deployed, and whether it has changed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("src", "config")
FILES = ("template.yaml", "samconfig.toml", "pyproject.toml", "requirements.txt")
FILES += ("package.json", "package-lock.json")
DEFINITIONS = "*.asl.json"  # of state machines
REST_SECONDS = 0.5  # an editor, or git, writes several files

Stamps = dict[str, tuple[int, int]]


def stamps() -> Stamps:
    """Return when each file was written, and its size."""
    found = {}
    for path in (*FILES, *map(str, Path().glob(DEFINITIONS)), *_below()):
        try:
            stat = os.stat(path)
        except OSError:  # there is none, or it has just gone
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def _below() -> Iterator[str]:
    for top in FOLDERS:
        for folder, _folders, names in os.walk(top, followlinks=True):
            if Path(folder).name != "__pycache__":
                yield from (os.path.join(folder, name) for name in names)


def settled(before: Stamps) -> Stamps:
    """Return what is there now; where it differs from before, once nothing is written any more."""
    now = stamps()
    while now != before:
        time.sleep(REST_SECONDS)
        before, now = now, stamps()
    return now
