"""Secrets of a deployed service with IAM enforced: own, another's, changed and rotated ones."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from functools import reduce
from operator import getitem
from typing import Any
from uuid import uuid4

import pytest
import urllib3
from botocore.exceptions import ClientError
from golden_path.local import emulator
from golden_path.local.secrets import give_values

from tests.emulator.conftest import OwnService
from tests.emulator.secret_samples import SECRET_SAMPLES
from tests.emulator.service import LOCAL, PATIENCE, Service
from tests.languages import Language

FUNCTIONS = {
    "front": {"trigger": "http_api", "secrets": ["unwritten-token"]},
    "keeper": {"trigger": "sqs", "secrets": ["payment-key"]},
    "reader": {"trigger": "sqs", "secrets": ["partner-token"]},
}
SECRETS = {
    "partner-token": "medium",
    "payment-key": {"level": "high", "rotate": 30},
    "unwritten-token": "medium",
}


@pytest.fixture(scope="module")
def service(own_service: OwnService, language: Language) -> Iterator[Service]:
    made = own_service(FUNCTIONS, language, secrets=SECRETS, api_auth="none")
    samples = SECRET_SAMPLES[language.name]
    tellers = {"keeper": "payment-key", "reader": "partner-token"}
    code = {name: samples.teller.replace("SECRET", secret) for name, secret in tellers.items()}
    for function, text in (code | {"front": samples.front}).items():
        (made.folder / samples.source.format(function)).write_text(text, encoding="utf-8")
    made.edit(samples.source.format(samples.rotation), *samples.unwritten)
    made.deploy("start")
    made.client("ssm").delete_parameter(Name="/items-service/dev/unwritten-token")
    yield made
    made.stop()


def invoke(service: Service, function: str, event: Any) -> tuple[bool, Any]:
    """Whether it succeeds, and what it answers."""
    answer = service.client("lambda").invoke(
        FunctionName=service.resource(function), Qualifier="live", Payload=json.dumps(event)
    )
    return "FunctionError" not in answer, json.load(answer["Payload"])


def put(service: Service, name: str, value: str) -> None:
    """Write a secret by the service's own tool."""
    tool = [".venv/bin/python", "tools/put_secret.py", "dev", name]
    done = subprocess.run(
        [*LOCAL, "run", *tool],
        cwd=service.folder,
        input=value,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert value not in done.stdout + done.stderr, "the value is shown"


def test_a_secret_that_nobody_has_written_has_a_plain_value(service: Service) -> None:
    """Every deployment gives it one: the fixture could not delete it otherwise."""
    # given
    name = "/items-service/dev/unwritten-token"
    for own, expected in (("", "local-unwritten-token"), ("own-value", "own-value")):
        if own:
            put(service, "unwritten-token", own)
        # when
        with chdir(service.folder):
            give_values(emulator.running())
        # then
        found = service.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
        assert (found["Type"], found["Value"]) == ("SecureString", expected)
    service.client("ssm").delete_parameter(Name=name)


def test_a_caller_gets_an_error_with_an_id_where_a_secret_is_missing(
    service: Service, language: Language
) -> None:
    # when
    api = service.resource("HttpApi")
    answer = urllib3.request(
        "POST",
        f"http://127.0.0.1:{service.port}/front",
        headers={"Host": f"{api}.execute-api.localhost:{service.port}"},
        json={},
        retries=False,
        timeout=PATIENCE,
    )
    # then
    assert answer.status in (500, 502), "API Gateway answers 500, the emulator 502"
    assert answer.headers["apigw-requestid"]
    lines = service.logged("FrontLogs").splitlines()
    (failed,) = [json.loads(line) for line in lines if "The invocation failed" in line]
    reason = reduce(getitem, SECRET_SAMPLES[language.name].reason, failed)
    assert "/items-service/dev/unwritten-token cannot be read" in reason
    assert failed["correlation_id"]


def test_a_secret_without_a_value_fails_the_invocation_so_that_alarms_see_it(
    service: Service,
) -> None:
    event = json.loads((service.folder / "events/front.json").read_text())
    done, answer = invoke(service, "FrontFunction", event)
    assert not done
    assert answer["errorType"] == "Unreadable"
    assert "/items-service/dev/unwritten-token" in answer["errorMessage"]


def test_a_function_sees_its_own_secret_and_its_change_without_a_deployment(
    service: Service,
) -> None:
    # given
    put(service, "partner-token", "first-value")
    assert invoke(service, "ReaderFunction", {}) == (True, "first-value")
    # when
    put(service, "partner-token", "second-value")
    # then
    changed = invoke(service, "ReaderFunction", {"refused": "first-value"})
    assert changed == (True, "second-value"), "the function goes on with what is refused"
    assert "-value" not in service.logged("ReaderLogs"), "a value is in the logs"


@pytest.mark.parametrize(
    ("function", "reference"),
    [
        ("ReaderFunction", "PaymentKeySecret"),
        ("KeeperFunction", "/items-service/dev/partner-token"),
    ],
)
def test_a_function_is_denied_the_secret_of_another(
    service: Service, function: str, reference: str
) -> None:
    # given
    put(service, "partner-token", "second-value")
    if not reference.startswith("/"):
        reference = service.resource(reference)
    # when
    done, answer = invoke(service, function, {"reference": reference})
    # then
    assert not done, "a function reads what it does not list"
    assert "AccessDenied" in answer["errorMessage"]


def test_the_four_steps_put_a_generated_value_in_use(service: Service) -> None:
    # given a rotation, begun as Secrets Manager begins it: with a version that has no value yet
    secret, version = service.resource("PaymentKeySecret"), str(uuid4())
    done, before = invoke(service, "KeeperFunction", {})
    assert done, before
    service.client("secretsmanager").put_secret_value(
        SecretId=secret, ClientRequestToken=version, VersionStages=["AWSPENDING"]
    )
    # when
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"SecretId": secret, "ClientRequestToken": version, "Step": step}
        done, answer = invoke(service, "RotatePaymentKeyFunction", event)
        assert done, f"{step}: {answer}"
    # then both work: the old value until it is refused, and then the new one
    assert invoke(service, "KeeperFunction", {}) == (True, before)
    done, after = invoke(service, "KeeperFunction", {"refused": before})
    assert done, after
    assert after != before
    assert len(after) == 48, "the value in use is not the generated one"
    logged = service.logged("RotatePaymentKeyLogs") + service.logged("KeeperLogs")
    assert before not in logged, "a value is in the logs"
    assert after not in logged, "a value is in the logs"


def test_a_rotation_that_its_function_does_not_permit_is_refused(service: Service) -> None:
    functions, function = service.client("lambda"), service.resource("RotatePaymentKeyFunction")
    asked = {
        "SecretId": service.resource("PaymentKeySecret"),
        "RotationLambdaARN": functions.get_function_configuration(FunctionName=function)[
            "FunctionArn"
        ],
        "RotateImmediately": False,
    }
    (statement,) = json.loads(functions.get_policy(FunctionName=function)["Policy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": "000000000000"}}
    service.client("secretsmanager").rotate_secret(**asked)
    functions.remove_permission(FunctionName=function, StatementId=statement["Sid"])
    with pytest.raises(ClientError, match="does not let secretsmanager"):
        service.client("secretsmanager").rotate_secret(**asked)
