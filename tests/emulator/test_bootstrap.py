"""The stacks of delivery, made by a service's own commands in accounts of the emulator.

The emulator keeps accounts apart, judges the permissions of whoever calls, and makes the roles, keys and
buckets. It records CodePipeline, and has no connections: what a connection says comes from a stub. How far
the execution role's permissions reach a real CloudFormation is not judged here.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.conftest import SetUp

DEV, PROD, TOOLS = "111122223333", "444455556666", "777788889999"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{TOOLS}:connection/0aa1bb2c"
PENDING = f"{CONNECTION}-pending"
ISSUER = "https://token.actions.githubusercontent.com"

Done = subprocess.CompletedProcess[str]
Make = Callable[..., Done]
Client = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(
        tmp_path_factory.mktemp("bootstrap"),
        ".tools/emulator/.ready",
        delivery="both",
        repository="example/orders",
        environments=["dev", "prod"],
        accounts={"dev": DEV, "prod": PROD, "tools": TOOLS},
        permissions_boundary="platform/bound",
        alarm_email="team@example.com",
    )


@pytest.fixture(scope="module")
def emulator(service: Path) -> Iterator[Any]:
    spec = spec_from_file_location("emulator", service / "tools/emulator.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    local = module.start("dev", "none", "eu-west-1", None)
    yield local
    local.stop()


class Connections(BaseHTTPRequestHandler):
    """Answers GetConnection: a connection is pending when its ARN says so."""

    def do_POST(self) -> None:  # noqa: N802
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = "PENDING" if asked["ConnectionArn"] == PENDING else "AVAILABLE"
        found = {"ConnectionName": "orders", "ConnectionStatus": status}
        body = json.dumps({"Connection": found}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def connections() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Connections) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def make(service: Path, emulator: Any, connections: str) -> Make:
    """Run `make` with credentials of an account."""

    def run(account: str, *words: str) -> Done:
        own = {"AWS_ACCESS_KEY_ID": account, "AWS_ENDPOINT_URL_CODECONNECTIONS": connections}
        return subprocess.run(
            ["make", "--silent", *words],
            cwd=service,
            env=emulator.variables() | own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def client(emulator: Any) -> Client:
    """Speak to a service of AWS, in an account."""

    def of(account: str, name: str) -> Any:
        return boto3.client(
            name,
            endpoint_url=emulator.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=account,
            aws_secret_access_key="test",
        )

    return of


@pytest.fixture(scope="module")
def prepared(client: Client) -> None:
    """Make what the accounts have of others: GitHub's identity provider, the boundary."""
    for account in (DEV, PROD, TOOLS):
        iam = client(account, "iam")
        iam.create_policy(
            PolicyName="bound",
            Path="/platform/",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                }
            ),
        )
        iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])


@pytest.fixture(scope="module")
def bootstrapped(make: Make, prepared: None) -> dict[str, Done]:
    made = {
        name: make(account, "bootstrap", f"ENV={name}", "YES=1")
        for name, account in (("dev", DEV), ("prod", PROD))
    }
    for done in made.values():
        assert done.returncode == 0, f"an environment is not bootstrapped:\n{done.stderr}"
    return made


@pytest.fixture(scope="module")
def piped(make: Make, bootstrapped: dict[str, Done]) -> Done:
    done = make(TOOLS, "pipeline", f"CONNECTION={CONNECTION}", "YES=1")
    assert done.returncode == 0, f"the pipeline is not made:\n{done.stderr}"
    return done


def refused(done: Done) -> str:
    """The one sentence with which a command refuses."""
    assert done.returncode != 0
    sentence, *rest = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert rest == [], "more than one sentence"
    return sentence


def stacks(cloudformation: Any) -> list[str]:
    rows = cloudformation.list_stacks()["StackSummaries"]
    return [row["StackName"] for row in rows if row["StackStatus"] != "DELETE_COMPLETE"]


# ------------------------------------------------------------- before anything is there


def test_an_account_that_does_not_know_github_is_told_the_command(
    make: Make, client: Client
) -> None:
    sentence = refused(make(DEV, "bootstrap", "ENV=dev", "YES=1"))
    assert sentence.startswith("Make the account know GitHub first")
    assert f"create-open-id-connect-provider --url {ISSUER} " in sentence
    assert stacks(client(DEV, "cloudformation")) == []


def test_a_boundary_that_is_missing_is_named(make: Make, client: Client) -> None:
    client(PROD, "iam").create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sts.amazonaws.com"]
    )
    sentence = refused(make(PROD, "bootstrap", "ENV=prod", "YES=1"))
    assert sentence.startswith("Make the permissions boundary first")
    assert f"arn:aws:iam::{PROD}:policy/platform/bound" in sentence
    assert stacks(client(PROD, "cloudformation")) == []
    client(PROD, "iam").delete_open_id_connect_provider(
        OpenIDConnectProviderArn=f"arn:aws:iam::{PROD}:oidc-provider/{ISSUER[8:]}"
    )


def test_another_account_is_refused_before_anything_is_made(
    make: Make, client: Client, prepared: None
) -> None:
    bootstrap = refused(make(DEV, "bootstrap", "ENV=prod", "YES=1"))
    assert bootstrap.startswith(f"Use credentials of {PROD}, the account of prod")
    pipeline = refused(make(PROD, "pipeline", f"CONNECTION={CONNECTION}", "YES=1"))
    assert pipeline.startswith(f"Use credentials of {TOOLS}, the account of the pipeline")
    assert stacks(client(DEV, "cloudformation")) == stacks(client(PROD, "cloudformation")) == []


def test_without_a_terminal_nothing_is_done_nor_left_behind(
    make: Make, client: Client, prepared: None
) -> None:
    done = make(DEV, "bootstrap", "ENV=dev")
    assert refused(done) == "Add YES=1: there is no terminal to ask on. Nothing is done."
    assert "add     ExecutionRole            AWS::IAM::Role" in done.stdout
    assert stacks(client(DEV, "cloudformation")) == []


def test_a_pipeline_without_a_connection_is_refused(make: Make, prepared: None) -> None:
    for words in ((), ("CONNECTION=orders",)):
        sentence = refused(make(TOOLS, "pipeline", "YES=1", *words))
        assert sentence.startswith("Use CONNECTION= with the ARN of a connection")


def test_a_connection_that_nobody_has_authorised_is_told(
    make: Make, client: Client, prepared: None
) -> None:
    sentence = refused(make(TOOLS, "pipeline", f"CONNECTION={PENDING}", "YES=1"))
    assert sentence.startswith("Authorise the connection first")
    assert sentence.endswith("orders is PENDING.")
    assert stacks(client(TOOLS, "cloudformation")) == []


# ------------------------------------------------------------- made


def test_an_environment_has_its_roles(bootstrapped: dict[str, Done], client: Client) -> None:
    for environment, account, names in (
        ("dev", DEV, {"action", "execution", "test"}),
        ("prod", PROD, {"action", "execution", "test", "review"}),
    ):
        roles = {role["RoleName"] for role in client(account, "iam").list_roles()["Roles"]}
        assert roles == {f"items-service-{environment}-{name}" for name in names}


def test_production_leaves_no_way_to_test_data(
    bootstrapped: dict[str, Done], client: Client
) -> None:
    for environment, account, policies in (
        ("dev", DEV, ["integration", "smoke"]),
        ("prod", PROD, ["smoke"]),
    ):
        found = client(account, "iam").list_role_policies(
            RoleName=f"items-service-{environment}-test"
        )
        assert sorted(found["PolicyNames"]) == policies


def test_a_second_bootstrap_changes_nothing(make: Make, bootstrapped: dict[str, Done]) -> None:
    done = make(DEV, "bootstrap", "ENV=dev", "YES=1")
    assert done.returncode == 0, done.stderr
    assert "Nothing is to be changed." in done.stdout


def test_the_pipeline_tells_what_it_cannot_see(piped: Done) -> None:
    assert f"Not seen from here, each needs `make bootstrap`: dev in {DEV}, prod in {PROD}." in (
        piped.stdout
    )


def test_a_second_time_the_connection_is_known(make: Make, piped: Done, client: Client) -> None:
    done = make(TOOLS, "pipeline", "YES=1")
    assert done.returncode == 0, done.stderr
    assert "Nothing is to be changed." in done.stdout
    assert stacks(client(TOOLS, "cloudformation")) == ["items-service-pipeline"]


def test_the_key_bears_no_environment(piped: Done, client: Client) -> None:
    # The execution role of an environment may change the keys that bear its name.
    kms = client(TOOLS, "kms")
    keys = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    assert len(keys) == 2
    for key in keys:
        tags = {row["TagKey"] for row in kms.list_resource_tags(KeyId=key)["Tags"]}
        assert "environment" not in tags


# ------------------------------------------------------------- who may become what


def test_only_the_pipeline_becomes_the_action_role(piped: Done, client: Client) -> None:
    action = f"arn:aws:iam::{PROD}:role/items-service-prod-action"
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(client, f"arn:aws:iam::{TOOLS}:role/items-service-pipeline-build", action)


def assume(client: Client, role: str, other: str) -> None:
    """Become a role by another role's credentials."""
    first = client(TOOLS, "sts").assume_role(RoleArn=role, RoleSessionName="first")["Credentials"]
    boto3.client(
        "sts",
        endpoint_url=client(TOOLS, "sts").meta.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=first["AccessKeyId"],
        aws_secret_access_key=first["SecretAccessKey"],
        aws_session_token=first["SessionToken"],
    ).assume_role(RoleArn=other, RoleSessionName="second")
