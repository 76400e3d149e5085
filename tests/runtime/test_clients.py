"""Whatever client of AWS the code names can be called from the built package."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, SetUp
from tests.installed import alone
from tests.languages import NODE
from tests.pythons import newest
from tests.runtime.clients import NODEJS_CLIENT, nodejs_client
from tests.runtime.conftest import CACHE, TEAM
from tests.runtime.functions import Function, run
from tests.runtime.loopback import Aws

CALLS = Path(__file__).parent / "calls.py"
# What services use most, and of each protocol at least one.
USUAL = [
    "acm",
    "apigatewaymanagementapi",
    "athena",
    "bedrock-runtime",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "events",
    "firehose",
    "iam",
    "iot-data",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "rds-data",
    "s3",
    "s3control",
    "scheduler",
    "secretsmanager",
    "ses",
    "sesv2",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "taxsettings",
]


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(tmp_path_factory.mktemp("clients"))


def test_every_client_that_the_code_names_can_be_called(service: Path) -> None:
    names = sorted({*USUAL, *_with_parameters_of_clients(service)})
    clients = [f'    "{name}": lambda: aws.client(\n        "{name}"\n    ),' for name in names]
    code = ["from service.adapters import aws", "", "CLIENTS = {", *clients, "}", ""]
    (service / "src/service/adapters/clients.py").write_text("\n".join(code))
    python = service / ".venv/bin/python"
    subprocess.run([python, "tools/build.py", "--host"], cwd=service, check=True)
    package = service / ".build/local/package"
    with Aws() as aws:
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": f"http://{aws.address}",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        command = [newest()[1], "-S", CALLS, package]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    dead = json.loads(said.stdout)
    assert not dead, f"{len(dead)} clients of {len(names)} are dead: {dead}"
    assert len(aws.calls) == len(names)
    endpoints = json.loads((package / "botocore/data/endpoints.json").read_text())
    kept = endpoints["partitions"][0]["services"]
    assert {"states", "tax"} <= kept.keys(), "a client would be sent to another region's endpoint"


def test_a_client_whose_name_the_build_cannot_read_ends_it(service: Path) -> None:
    code = "from service.adapters import aws\n\nname = 'sqs'\nqueues = aws.client(name)\n"
    (service / "src/service/adapters/unnamed.py").write_text(code)
    command = [service / ".venv/bin/python", "tools/build.py", "--host"]
    done = subprocess.run(command, cwd=service, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("src/service/adapters/unnamed.py:4: write the name"), done.stderr


def _with_parameters_of_clients(service: Path) -> set[str]:
    """Return the services whose data says what their clients may be made with, as S3's does."""
    data = next(service.glob(".venv/lib/python3*/site-packages/botocore/data"))
    return {
        path.parts[-3]
        for path in data.glob("*/*/service-2.json.gz")
        if b'"clientContextParams"' in gzip.decompress(path.read_bytes())
    }


@pytest.mark.all_rows  # it installs thirty packages
def test_every_client_that_typescript_bundles_can_be_called(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs24.x")
    code = (TEAM / "clients.ts").read_text()
    packages = sorted(set(re.findall(r'"(@aws-sdk/client-[\w-]+)"', code)))
    # Node.js and esbuild look for packages in each folder above, too.
    (tmp_path / "node_modules").symlink_to(_installed(packages, service / NODE) / "node_modules")
    (service / "src/service/handlers/clients.ts").write_text(code)
    subprocess.run([service / NODE, "tools/build.ts", "--host"], cwd=service, check=True)
    package = service / ".build/local/package/clients"
    client = nodejs_client(service / NODE, CACHE / f"{NODEJS_CLIENT}-nodejs24.x")
    with Aws() as aws:
        function = Function(
            package, "clients.handler", {"AWS_ENDPOINT_URL": f"http://aws.test:{aws.server_port}"}
        )
        (called,) = run(function, client, [b"{}"]).invocations
    assert json.loads(called.response) == {}
    assert len(aws.calls) == len(packages)


def _installed(packages: list[str], node: Path) -> Path:
    """Install what a service of TypeScript does not name itself, once, in a folder that is kept."""
    digest = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / f"sdk-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / "lock"):
        if not (folder / "node_modules").exists():
            (folder / "package.json").write_text('{"private": true}')
            command = ["npm", "install", "--silent", "--ignore-scripts"]
            command += [f"{name}@^3" for name in packages]
            path = f"{node.resolve().parent}{os.pathsep}{os.environ['PATH']}"
            subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, check=True)
    return folder
