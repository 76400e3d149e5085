"""A rendered service on an empty emulator, which its own `make` delivers to."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from docs.written.facts import changes as changes_of
from docs.written.facts import kind_names
from tests.advisories import advisories
from tests.conftest import SetUp
from tests.emulator.service import Service, client_of, emulator_of
from tests.installed import lend
from tests.languages import Language

# What is packaged for Lambda runs on this machine too: the emulator has no other processor.
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")

PROD = "items-service-prod"
CHECKS = "make ci"
FOLDER = Path(__file__).parent


def changes() -> dict[str, Any]:
    """What a change of each type needs: of those that all kinds share, and of each kind's own."""
    shared = yaml.safe_load((FOLDER / "changes.yml").read_text(encoding="utf-8"))
    for kind in kind_names():
        shared |= changes_of(kind)
    return shared


def bridges() -> list[str]:
    """What the emulator lacks for the roles of delivery, as code: names, conditions, rights."""
    names, more, execution = (
        (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        for name in ("names", "bridges", "execution")
    )
    return [names, more, f"CHANGES = {changes()!r}\n", execution]


@dataclass(frozen=True)
class Delivered(Service):
    """A service that is delivered step by step."""

    local: Any
    environment: dict[str, str]

    @classmethod
    def start(cls, folder: Path, language: Language, **environment: str) -> Delivered:
        """Start an emulator without any stack."""
        more = folder.parent / "delivering.py"
        more.write_text("\n".join(["ALL = ()", *bridges()]), encoding="utf-8")
        return cls(folder, language, emulator_of(folder, "items-service-dev", more), environment)

    def stop(self) -> None:
        self.local.stop()

    @property
    def variables(self) -> dict[str, str]:
        """The environment of what is run against the emulator."""
        return self.local.variables() | self.environment

    def stacks(self) -> dict[str, str]:
        """The status of every stack, by name."""
        found = self.client("cloudformation").describe_stacks()["Stacks"]
        return {one["StackName"]: one["StackStatus"] for one in found}

    def physical(self, logical_id: str, stack: str = "items-service-dev") -> str:
        """The physical id of a resource of a stack that was delivered."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def alias_at(self, name: str) -> int:
        """The version that serves of a function, by its physical id."""
        found = self.client("lambda").get_alias(FunctionName=name, Name="live")
        return int(found["FunctionVersion"])

    def client_as(self, roles: list[str], service: str) -> Any:
        """A client of who becomes one role after the other, by their ARNs."""
        return self._client(self._keys(roles), service)

    def variables_as(self, roles: list[str]) -> dict[str, str]:
        """The environment of what is run by who becomes one role after the other."""
        key, secret, token = self._keys(roles)
        return self.variables | {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
        }

    def _keys(self, roles: list[str]) -> tuple[str, ...]:
        keys: tuple[str, ...] = ("test", "test")
        for role in roles:
            sts = self._client(keys, "sts")
            found = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return keys

    def client_of(self, held: dict[str, str], service: str) -> Any:
        """A client of whoever holds credentials, by the variables that hold them."""
        names = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
        return self._client(tuple(held[f"AWS_{name}"] for name in names), service)

    def _client(self, keys: tuple[str, ...], service: str) -> Any:
        return client_of(service, self.local.endpoint, self.local.region, *keys)

    def allow_http(self, bucket: str) -> None:
        """Let a bucket be reached without TLS, which the emulator does not speak."""
        s3 = self.client("s3")
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        kept = [one for one in policy["Statement"] if "aws:SecureTransport" not in json.dumps(one)]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy | {"Statement": kept}))

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `make` against the emulator."""
        return subprocess.run(
            ["make", "--no-print-directory", *words],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def made(self, *words: str) -> str:
        """Run `make`, which must succeed; return what it says."""
        done = self.make(*words)
        assert done.returncode == 0, f"make {' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def create(self, stack: str, template: str, **parameters: str) -> None:
        """Create a stack of delivery from a file of the service."""
        stacks = self.client("cloudformation")
        stacks.create_stack(
            StackName=stack,
            TemplateBody=(self.folder / template).read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        stacks.get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    def deliver(self, environment: str, name: str) -> None:
        """Build, package as the workflow does, and execute a change set."""
        bucket = f"items-service-{environment}-artifacts-000000000000"
        self.allow_http(bucket)
        self.made("build")
        self.made("package", f"BUCKET={bucket}")
        self.made("change-set", f"ENV={environment}", f"NAME={name}")
        self.made("execute", f"ENV={environment}", f"NAME={name}")


def hand_over(service: Path, runs: Path, folder: Path) -> None:
    """Let a copy of a service have what is installed, and the dependencies that a run has built."""
    lend(service, folder)
    for built in list(runs.glob("*/*/.build/dependencies-*"))[:1]:
        (folder / ".build").mkdir()
        (folder / ".build" / built.name).symlink_to(built.resolve())


@contextmanager
def delivering(
    language: Language,
    answers: dict[str, Any],
    set_up: SetUp,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Delivered]:
    """Have a service of these answers on an empty emulator, with all that `make ci` needs."""
    tools = (".tools/sam/.ready", ".tools/emulator/.ready", *language.auditors)
    folder = tmp_path_factory.mktemp("delivered")
    service = set_up(folder, *tools, **answers, runtime=language.runtime)
    hooks = str(tmp_path_factory.getbasetemp() / "hooks")  # once for all that this process delivers
    with advisories() as told:
        made = Delivered.start(service, language, **told.variables, PRE_COMMIT_HOME=hooks)
        try:
            yield made
        finally:
            made.stop()


@dataclass
class Overtaken:
    """Two commits: while the first waits for approval comes the second, which is rejected."""

    before: int
    live: list[int] = field(default_factory=list)  # what serves production when it is asked for
    runs: list[Any] = field(default_factory=list)
    change_set: Any = None  # what the first approval is about
    code: str = ""
    events: Any = None  # what has happened to production when the second is asked for

    def assert_the_first_is_live(self, production: Any) -> None:
        """What was approved serves, and it is that very change set and package."""
        assert self.live[0] == self.before, "it is live before it is approved"
        executed = production.change_set(self.runs[0])
        assert executed["ChangeSetId"] == self.change_set["ChangeSetId"]
        assert executed["ExecutionStatus"] == "EXECUTE_COMPLETE"
        assert production.live() == self.before + 1
        assert production.code == self.code, "another package is live than was approved"


class Releases:
    """What a service's releases have brought, each with another timeout of its function."""

    def __init__(self, service: Delivered) -> None:
        self.service = service
        self._stacks = service.client("cloudformation")

    def time_out_after(self, seconds: int) -> None:
        """Write the next commit: the function's timeout is another."""
        path = self.service.folder / "template.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.endswith("# items: seconds")]
        lines[at] = f"      Timeout: {seconds} # items: seconds"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def live(self, environment: str = "prod") -> int:
        """The timeout of the version that serves."""
        return int(self._serving(f"items-service-{environment}")["Timeout"])

    def _serving(self, stack: str) -> Any:
        """The configuration of the function's version that serves."""
        name = self.service.physical("ItemsFunction", stack)
        return self.service.client("lambda").get_function_configuration(
            FunctionName=name, Qualifier="live"
        )

    @property
    def code(self) -> str:
        """The SHA-256 of the package that serves in production, as Lambda tells it."""
        return str(self._serving(PROD)["CodeSha256"])

    def exchange(self, change_set: str, s3: Any) -> None:
        """Write something else over the package that a change set deploys, and try to delete it."""
        template = self._stacks.get_template(
            StackName=PROD, ChangeSetName=change_set, TemplateStage="Processed"
        )
        code = template["TemplateBody"]["Resources"]["ItemsFunction"]["Properties"]["Code"]
        at = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
        s3.put_object(**at, Body=b"another package")
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(**at, VersionId=code["S3ObjectVersion"])

    def described(self, change_set: str) -> Any:
        """A change set of production, by its name."""
        return self._stacks.describe_change_set(StackName=PROD, ChangeSetName=change_set)

    def events(self) -> Any:
        """What has happened to production."""
        return self._stacks.describe_stack_events(StackName=PROD)["StackEvents"]
