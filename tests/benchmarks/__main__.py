"""Measure rendering, updating, building and cold starts, and say which aims are met.

    python -m tests.benchmarks [--python PATH] [--rounds N] [part ...]

Times are of this machine at this hour: judge by the ratios, which were taken side by side. Those
of cold starts also hang on how Python was built. Lambda's is optimised by profile, as those of
Debian and of uv are; one that pyenv has compiled without --enable-optimizations imports slower.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from docs.written.facts import kind_names
from tests.benchmarks import nodejs, python
from tests.benchmarks.building import building
from tests.benchmarks.rendering import rendering
from tests.benchmarks.rounds import Aim
from tests.benchmarks.updating import updating
from tests.benchmarks.workplace import Workplace, run
from tests.languages import languages
from tests.pythons import newest
from tests.runtime.clients import NODEJS_CLIENT, PYTHON_CLIENT

PARTS = ("rendering", "updating", "building", "starting")
ROUNDS = 15  # by which a control is off by two in a hundred at most
STORES = ("data_store=dynamodb", "data_store=none")
EVERY_KIND = (f"triggers=[{', '.join(kind_names())}]",)
SECRETS = (
    "secrets={token: medium, key: high}",
    "functions={items: {trigger: http_api, secrets: [token, key]}, worker: sqs, report: schedule}",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", help="the functions' Python (default: the newest there is)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of cold starts")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = options.parts or PARTS
    interpreter = Path(options.python).absolute() if options.python else newest()[1]
    minor = _asked(interpreter, "'%d.%d' % sys.version_info[:2]")

    aims: list[Aim] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        workplace = Workplace(Path(folder), interpreter, minor)
        print(_conditions(interpreter))
        if "rendering" in parts:
            aims += _told(*rendering(workplace))
        if "updating" in parts:
            aims += _told(*updating(workplace))
        if {"building", "starting"} & set(parts):
            aims += _python(workplace, parts, options.rounds)
            aims += _nodejs(workplace, parts, options.rounds)
    print("\nAims", *aims, sep="\n")


def _python(workplace: Workplace, parts: Sequence[str], rounds: int) -> list[Aim]:
    services = _services(workplace, workplace.runtime)
    usual = services[STORES[0]]
    commands = workplace.environment(usual)
    print(f"\n{_locked(usual)}, {PYTHON_CLIENT}")
    aims: list[Aim] = []
    if "building" in parts:
        builder = python.builder(commands, workplace.python)
        aims += _told(*building(workplace, usual, builder))
    if "starting" in parts:
        aims += _told(*python.starting_python(workplace, services, workplace.python, rounds))
    return aims


def _nodejs(workplace: Workplace, parts: Sequence[str], rounds: int) -> list[Aim]:
    (runtime,) = (one.runtime for one in languages() if one.name == "nodejs")
    services = _services(workplace, runtime)
    usual = services[STORES[0]]
    for service in services.values():
        workplace.make(service, "node_modules/.ready")
    version = run([nodejs.node(usual), "--version"], usual).strip()
    print(f"\nNode.js {version}, {NODEJS_CLIENT}")
    aims: list[Aim] = []
    if "building" in parts:
        aims += _told(*building(workplace, usual, nodejs.builder(usual)))
    if "starting" in parts:
        aims += _told(*nodejs.starting_nodejs(workplace, services, rounds))
    return aims


def _services(workplace: Workplace, runtime: str) -> dict[str, Path]:
    """Render the services that are compared, by what tells their answers apart."""
    return {
        f"{store}{suffix}": workplace.service(
            f"{runtime} {store}{suffix}", f"runtime={runtime}", store, *more
        )
        for suffix, more in (("", ()), (" with secrets", SECRETS), (" and all kinds", EVERY_KIND))
        for store in STORES
    }


def _told(report: str, aims: list[Aim]) -> list[Aim]:
    print(report, flush=True)
    return aims


def _conditions(python: Path) -> str:
    functions = _asked(python, "sys.version.split()[0]")
    tools = ", ".join(f"{name} {version(name)}" for name in ("copier", "cookiecutter", "jinja2"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load"
        f" {os.getloadavg()[0]:.1f}; functions on Python {functions};"
        f" renderers on Python {platform.python_version()}: {tools}"
    )


def _asked(python: Path, expression: str) -> str:
    command: list[str | Path] = [python, "-c", f"import sys; print({expression})"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _locked(service: Path) -> str:
    lines = (service / "requirements.txt").read_text().splitlines()
    shown = ("aws-lambda-powertools==", "botocore==", "msgspec==", "urllib3==")
    return "Locked: " + ", ".join(line.split()[0] for line in lines if line.startswith(shown))


if __name__ == "__main__":
    sys.exit(main())
