"""Whatever client of AWS the code names can be called from the built package."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.pythons import newest
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
    assert done.stderr.endswith("in src/service/adapters/unnamed.py:4.\n"), done.stderr


def _with_parameters_of_clients(service: Path) -> set[str]:
    """Return the services whose data says what their clients may be made with, as S3's does."""
    data = next(service.glob(".venv/lib/python3*/site-packages/botocore/data"))
    return {
        path.parts[-3]
        for path in data.glob("*/*/service-2.json.gz")
        if b'"clientContextParams"' in gzip.decompress(path.read_bytes())
    }
