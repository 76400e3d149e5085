"""What services work with is installed once for all that have the same locks: they share links."""

import fcntl
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTALLED = (".venv", ".tools", "node_modules")
HOSTILE = {
    # Python's
    "PYTHONHASHSEED": "1",
    "PYTHONHOME": "/nowhere",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPATH": str(ROOT / "tests/hostile/modules"),
    "PYTHONPLATLIBDIR": "nowhere",
    "PYTHONPYCACHEPREFIX": "/nowhere/to/be/found",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error",
    "MYPYPATH": "/nowhere",
    "MYPY_CACHE_DIR": "/nowhere",
    # pip's
    "PIP_CONSTRAINT": "/nowhere/constraints.txt",
    "PIP_DRY_RUN": "1",
    "PIP_NO_BINARY": ":all:",
    "PIP_PREFIX": "/nowhere",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_ROOT": "/nowhere",
    "PIP_TARGET": "/nowhere",
    "PIP_USER": "1",
    # Node's and npm's
    "NODE_ENV": "production",
    "NODE_OPTIONS": "--require=/nowhere.cjs",
    "NODE_PATH": "/nowhere",
    "NPM_CONFIG_PRODUCTION": "true",
    "npm_config_cpu": "arm",
    "npm_config_dry_run": "true",
    "npm_config_global": "true",
    "npm_config_omit": "optional",
    "npm_config_os": "win32",
    "npm_config_package_lock": "false",
    "npm_config_prefix": "/nowhere",
    # those of AWS and of Lambda
    "AWS_ACCESS_KEY_ID": "own",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_DEFAULT_REGION": "nowhere-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9",
    "AWS_LAMBDA_FUNCTION_NAME": "other",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "FATAL",
    "AWS_MAX_ATTEMPTS": "none",
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "nowhere-1",
    "AWS_SAM_LOCAL": "true",
    "LAMBDA_TASK_ROOT": "/nowhere",
    "LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_DEV": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "other",
    "POWERTOOLS_SERVICE_NAME": "other",
    "_X_AMZN_TRACE_ID": "Root=1-67891233-abcdef012345678912345678",
}
"""What a shell may set for other work, of each family that a command of a service could read."""

LOCKED, READY = 1_000_000_000, 1_000_000_001
"""When locks were written and what they name was installed, for `make`: seconds since 1970.

With the true times, what one process installs would make older what another has linked, and
`make` would install that anew in a folder that all use.
"""


def install(service: Path, shelf: str, python: str, goals: tuple[str, ...]) -> None:
    """Let a service have what its own `make` installs; `shelf` is what the locks do not tell."""
    kept = ROOT / f".cache/{shelf}-{_digest(service)}"
    kept.mkdir(parents=True, exist_ok=True)
    with alone(kept / "lock"):
        for path in [service / "Makefile", *manifests(service)]:
            copied = kept / path.relative_to(service)
            if path.name == "Makefile" or not copied.exists():
                copied.parent.mkdir(exist_ok=True)
                copied.write_text(_here(path.read_text()))
        _borrow(kept)
        _date(kept)
        old = [f"--old-file={ready.relative_to(kept)}" for ready in _ready(kept)]
        command = ["make", "--silent", f"PYTHON={python}", *old, "setup", *goals]
        subprocess.run(command, cwd=kept, env=os.environ | HOSTILE, check=True)
        _date(kept)
    lend(kept, service)


def lend(owner: Path, folder: Path) -> None:
    """Let a service have what another with the same locks has installed."""
    for name in INSTALLED:
        if (owner / name).exists():
            (folder / name).symlink_to((owner / name).resolve())
    _date(folder)


def keep_apart(service: Path, *tools: str) -> None:
    """Let a service have none of some tools: what it installs of them is its own alone."""
    own = service / ".tools"
    shared = own.resolve()
    own.unlink()
    own.mkdir()
    for tool in shared.iterdir():
        if tool.name not in tools:
            (own / tool.name).symlink_to(tool)


def manifests(service: Path) -> list[Path]:
    """Return the files that say what is installed to work on a service."""
    patterns = ("requirements*.txt", "tools/requirements*.txt", "package*.json", ".npmrc")
    return sorted(path for pattern in patterns for path in service.glob(pattern))


def _here(text: str) -> str:
    """Let requirements name the golden path as it is here, not the one that was rendered from."""
    return re.sub(r"^golden-path @ .*", f"--editable {ROOT}", text, flags=re.MULTILINE)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Let one process at a time do what follows: tests run in several."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _date(folder: Path) -> None:
    """Let `make` take what is installed for newer than its locks, which were copied later."""
    for path in manifests(folder):
        os.utime(path, (LOCKED, LOCKED))
    for path in [*_ready(folder), *folder.glob(".tools/uv/bin/uv")]:
        os.utime(path, (READY, READY))


def _ready(folder: Path) -> list[Path]:
    """Return the files that say to `make` that something is installed."""
    return [*folder.glob("*/.ready"), *folder.glob(".tools/*/.ready")]


def _borrow(kept: Path) -> None:
    """Link what another kept folder has installed by the same locks: many differ in one of them."""
    for other in sorted(kept.parent.iterdir()):
        for path in (other / ".venv", *other.glob(".tools/*")):
            ready = path / ("bin/uv" if path.name == "uv" else ".ready")
            own = kept / path.relative_to(other)
            same = _locks_of(path.name, other) == _locks_of(path.name, kept)
            if same and ready.exists() and not own.exists():
                own.parent.mkdir(exist_ok=True)
                own.symlink_to(path.resolve())


def _locks_of(tool: str, folder: Path) -> list[str]:
    """Return the texts of what a tool, or what the code needs, is installed by."""
    of_code = ("requirements.txt", "requirements-dev.txt", "tools/requirements.txt")
    names = of_code if tool == ".venv" else (f"tools/requirements-{tool}.txt",)
    return [(folder / name).read_text() if (folder / name).exists() else "" for name in names]


def _digest(service: Path) -> str:
    """Return a hash over what the locks name, whatever the service is called."""
    digest = hashlib.sha256()
    for path in manifests(service):
        text = re.sub(r'"(name|description)": .*', "", _here(path.read_text()))
        digest.update(text.encode())
    return digest.hexdigest()[:12]
