"""What `make try` does: render a service with the default answers, build it, run its own tests."""

import argparse
import subprocess
import sys
from pathlib import Path

from golden_path.progress import doing

from tests.pythons import RUNTIMES, newest

ROOT = Path(__file__).parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder that does not exist yet")
    folder = parser.parse_args().folder or _new_folder()
    if folder.exists():
        sys.exit(f"Choose a new folder: {folder} exists.")
    minor, python = newest()
    answers = []
    if minor != RUNTIMES[0]:
        print(f"Python {RUNTIMES[0]}, the default runtime, is not to be had here: {minor} it is.")
        answers = ["--data", f"runtime=python{minor}"]
    copier = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet", *answers]
    with doing(f"Rendering a service into {folder}"):
        subprocess.run([*copier, "--vcs-ref", "HEAD", str(ROOT), str(folder)], check=True)
    make = ["make", "--no-print-directory", f"PYTHON={python}"]
    subprocess.run([*make, "build", "test"], cwd=folder, check=True)
    print(f"\nThe service is in {folder}: read its README.md, and type `make` there.")


def _new_folder() -> Path:
    numbers = (number for number in range(1, 1000))
    return next(path for number in numbers if not (path := ROOT / f"try-{number}").exists())


if __name__ == "__main__":
    main()
