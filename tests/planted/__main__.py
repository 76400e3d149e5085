"""Plant each defect of defects.yml in a copy of this repository: a quick test has to find it.

    python -m tests.planted [WORD]

With WORD, those alone that have it in their sentence or their file. The copy is a work tree of what
is committed, in .cache/planted, which is kept: what its tests install there is installed once.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
COPY = ROOT / ".cache/planted"
DEFECTS = Path(__file__).parent / "defects.yml"

Defect = dict[str, str]


def main() -> None:
    """Plant them one after another; end with 1 where one is not found."""
    word = " ".join(sys.argv[1:])
    chosen = [one for one in defects() if word in one["what"] or word in one["file"]]
    fresh_copy()
    found_by = sorted({defect["found_by"] for defect in chosen})
    if (code := quick_run(*found_by).returncode) != 0:
        sys.exit(f"Mend these tests first, they fail without a defect ({code}): {found_by}")
    missed = 0
    for defect in chosen:
        began = time.monotonic()
        with planted(defect):
            done = quick_run(defect["found_by"])
        found = done.returncode == 1  # a test has failed; others are errors of pytest itself
        missed += not found
        told = "found" if found else "NOT FOUND"
        print(f"{told:9} {time.monotonic() - began:4.0f} s  {defect['what']}", flush=True)
        if not found:
            print(done.stdout[-2000:])
    print(f"{len(chosen) - missed} of {len(chosen)} defects are found.")
    sys.exit(missed > 0)


def defects() -> list[Defect]:
    """Return what can be planted."""
    return yaml.safe_load(DEFECTS.read_text())


def places(defect: Defect, root: Path = ROOT) -> int:
    """Return in how many places of its file a defect could be planted: it must be one."""
    return (root / defect["file"]).read_text().count(defect["old"])


def fresh_copy() -> None:
    """Let the copy be what is committed here, with the tools that are installed here."""
    if (COPY / ".git").exists():
        head = git("rev-parse", "HEAD")
        git("-C", str(COPY), "checkout", "--quiet", "--force", "--detach", head)
    else:
        git("worktree", "add", "--quiet", "--force", "--detach", str(COPY))
    if (ROOT / ".tools").exists() and not (COPY / ".tools").exists():
        (COPY / ".tools").symlink_to(ROOT / ".tools")


@contextmanager
def planted(defect: Defect) -> Iterator[None]:
    """Have a defect in the copy for a while."""
    if places(defect, COPY) != 1:
        sys.exit(f"Correct `old`, it is not in {defect['file']} once: {defect['what']}")
    path = COPY / defect["file"]
    text = path.read_text()
    path.write_text(text.replace(defect["old"], defect["new"]))
    try:
        yield
    finally:
        path.write_text(text)


def quick_run(*tests: str) -> subprocess.CompletedProcess[str]:
    """Run quick tests of the copy, up to the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "PYTHONPATH": f"{COPY}:{COPY / 'hooks'}",
        "PYTHONDONTWRITEBYTECODE": "1",  # by time and size, code with a defect looks like the other
    }
    return subprocess.run(
        command, cwd=COPY, env=environment, capture_output=True, text=True, check=False
    )


def git(*words: str) -> str:
    """Run git in this repository, and return what it says."""
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
