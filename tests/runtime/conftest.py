"""A service with secrets of each level, built as it is deployed, and what runs its functions."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import ROOT, SetUp, everything
from tests.installed import alone
from tests.languages import NODE, Language, languages
from tests.pythons import newest
from tests.runtime.clients import NODEJS_CLIENT, PYTHON_CLIENT, nodejs_client, python_client
from tests.runtime.functions import Function, Run, Runtime, run
from tests.runtime.loopback import Aws
from tests.runtime.template import beside, functions_of

TEAM = Path(__file__).parent / "team"
CACHE = ROOT / ".cache" / "runtime-clients"
PLANTED = {"PaymentKey": "planted-high-value", "carrier-token": "planted-medium-value"}
PLANTED_PARAMETER = {"PaymentUrlValue": "planted-low-value"}


@dataclass(frozen=True)
class Built:
    """A built service and the runtime client of its language."""

    path: Path
    language: Language
    runtime: Runtime

    def functions(self, environment: str, **parameters: str) -> dict[str, Function]:
        """Return its functions, and `team`, which is as `orders` with the secrets of all."""
        functions = functions_of(self.path, environment, **(PLANTED_PARAMETER | parameters))
        orders, shipping = functions["orders"], functions["shipping"]
        team = beside(orders, "orders", "team")
        functions["team"] = replace(team, variables=shipping.variables | orders.variables)
        return functions

    def run(self, function: Function, events: Sequence[bytes], aws: Aws) -> Run:
        """Run a function with nothing else to talk to than `aws`."""
        function = replace(function, variables=aws.instead(function.variables))
        return run(function, self.runtime, events)

    def drawing(self, lot: float) -> Built:
        """Return the same, where each lot that is drawn is `lot`."""
        client, *command = self.runtime.command
        if self.language.name == "python":
            code = f"import random, runpy; random.random = lambda: {lot}; "
            code += "runpy.run_module('awslambdaric', run_name='__main__', alter_sys=True)"
            command = ["-c", code]
        else:
            command = ["--import", f"data:text/javascript,Math.random = () => {lot};", *command]
        return replace(self, runtime=replace(self.runtime, command=(client, *command)))


@pytest.fixture(scope="session", params=languages(), ids=str)
def built(
    request: pytest.FixtureRequest, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Built:
    language: Language = request.param
    service = set_up(tmp_path_factory.mktemp("runtime"), runtime=language.runtime, **everything())
    CACHE.mkdir(parents=True, exist_ok=True)
    if language.name == "python":
        shutil.copy(TEAM / "team.py", service / "src" / "service" / "handlers")
        shutil.copy(TEAM / "chatty.py", service / "src")
        command = [service / ".venv" / "bin" / "python", "tools/build.py", "--host"]
        minor, interpreter = newest()
        with alone(CACHE / "lock"):
            folder = CACHE / f"{PYTHON_CLIENT}-{minor}"
            runtime = python_client(service / ".tools/uv/bin/uv", interpreter, folder)
    else:
        shutil.copy(TEAM / "team.ts", service / "src" / "service" / "handlers")
        command = [service / NODE, "tools/build.ts", "--host"]
        with alone(CACHE / "lock"):
            runtime = nodejs_client(service / NODE, CACHE / f"{NODEJS_CLIENT}-{language.runtime}")
    subprocess.run(command, cwd=service, env=os.environ, check=True)
    return Built(service, language, runtime)
