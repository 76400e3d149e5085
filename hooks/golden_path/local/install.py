"""The environment that the emulator runs in: its locked libraries, and this package."""

import subprocess
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.resolve()
ENVIRONMENT = Path(".tools/emulator")  # of the service; `make` has made it, for a Python
PYTHON = ENVIRONMENT / "bin" / "python"


def install_with(uv: str) -> int:
    """Install what the emulator needs there; return how uv ends."""
    locked = ("--require-hashes", "--requirements", PACKAGE / "local" / "requirements.txt")
    command = [uv, "pip", "install", "--quiet", "--python", ENVIRONMENT, *locked]
    done = subprocess.run(command, check=False)
    # A link: none of the libraries that this package has where it is installed come along.
    for packages in ENVIRONMENT.glob("lib/python*/site-packages"):
        link = packages / PACKAGE.name
        link.unlink(missing_ok=True)
        link.symlink_to(PACKAGE)
    return done.returncode
