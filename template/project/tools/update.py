"""The way by which `make update` of releases up to 0.5.0 lets the newest one do it.

No service has this file. They check out the folder that it lies in, from their clone, and run

    python update.py ready
    python update.py bring RELEASE CLONE
    python update.py foretell RELEASE CLONE
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[3]
"""The folder that is checked out, which those releases delete at the end."""

NEEDED = "import copier, packaging, pathspec, yaml"  # their own updater needs them too


def main() -> None:
    match sys.argv[1:]:
        case ["ready"]:
            done = subprocess.run([sys.executable, "-c", NEEDED], check=False)
        case [verb, release, clone]:
            checkout = ("git", "--work-tree", HERE, "checkout", "--quiet", release, "--")
            subprocess.run([*checkout, "hooks", "template/languages"], cwd=clone, check=True)
            updater = (sys.executable, "-m", "golden_path.updater", verb, release, clone)
            environment = os.environ | {"PYTHONPATH": str(HERE / "hooks")}
            done = subprocess.run(updater, env=environment, check=False)
    sys.exit(done.returncode)


main()
