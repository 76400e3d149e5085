"""Rendered services, set up and run with their own commands as their owner does."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest

from tests.conftest import ROOT, SetUp, named_answers
from tests.pythons import newest


def make(service: Path, *words: str) -> str:
    done = subprocess.run(["make", *words], cwd=service, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def package_digest(service: Path) -> str:
    package = service / ".build/package"
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        digest.update(f"{path.relative_to(package)} {path.stat().st_mode}".encode())
        if path.is_file():
            digest.update(f"{path.stat().st_mtime}".encode() + path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module", params=["dynamodb", "none"])
def service(
    request: pytest.FixtureRequest, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A service in a folder of its own, set up."""
    return set_up(tmp_path_factory.mktemp("own"), data_store=request.param)


def test_its_own_tests_pass_and_cover_its_code(service: Path) -> None:
    said = make(service, "test")
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) >= 25
    assert "skipped," not in said
    coverage = re.search(r"Total coverage: ([\d.]+)%", said)
    assert float(coverage[1]) >= 95


@pytest.mark.parametrize("name", ["secrets", "secrets-high", "secrets-medium"])
def test_a_service_with_secrets_passes_its_own_tests_and_linters(
    set_up: SetUp, tmp_path: Path, name: str
) -> None:
    answers = {key: value for key, value in named_answers()[name].items() if key != "runtime"}
    said = make(set_up(tmp_path, **answers), "test", "lint")
    assert "skipped," not in said
    assert float(re.search(r"Total coverage: ([\d.]+)%", said)[1]) >= 95


def test_its_own_linters_find_nothing(service: Path) -> None:
    make(service, "lint")


def test_two_builds_are_equal_and_hold_no_more_than_they_must(service: Path) -> None:
    make(service, "build")
    first = package_digest(service)
    shutil.rmtree(service / ".build")
    make(service, "build")
    assert package_digest(service) == first
    names = [str(path.relative_to(service / ".build/package")) for path in files(service)]
    assert not [name for name in names if re.search(r"(^|/)tests?/|\.lock$|/RECORD$|^bin/", name)]
    sources = [name for name in names if name.endswith(".py")]
    compiled = [name for name in names if name.endswith(".pyc")]
    assert len(compiled) == len(sources) > 50, "code would be compiled at every cold start"
    data = {path.name for path in (service / ".build/package").glob("botocore/data/*/")}
    assert data <= {"dynamodb", "codedeploy", "lambda"}, "the last two are those of the hook"


def files(service: Path) -> list[Path]:
    return [path for path in (service / ".build/package").rglob("*") if path.is_file()]


def test_the_package_is_for_the_deployed_processor(service: Path) -> None:
    make(service, "build")
    libraries = [path.name for path in files(service) if path.suffix == ".so"]
    assert libraries
    assert all("aarch64" in name for name in libraries)


CLIENTS = """
from service.adapters import aws

CLIENTS = [aws.client("s3"), aws.client("s3control"), aws.client("acm"), aws.client("events")]
"""
CALLS = """
from botocore.exceptions import EndpointConnectionError
from service.adapters.clients import CLIENTS

for client, call in zip(CLIENTS, ["list_buckets", "list_jobs", "list_certificates", "list_rules"]):
    try:
        getattr(client, call)(**({"AccountId": "123456789012"} if call == "list_jobs" else {}))
    except EndpointConnectionError:
        print(client.meta.service_model.service_name)
"""


def test_a_built_service_can_call_what_its_code_names(service: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(service, tmp_path / "copied", symlinks=True)
    (copied / "src/service/adapters/clients.py").write_text(CLIENTS)
    python = copied / ".venv/bin/python"
    subprocess.run([python, "tools/build.py", "--host"], cwd=copied, check=True)
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_DEFAULT_REGION": "eu-west-1"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}
    called = subprocess.run(
        [python, "-S", "-c", f"import sys; sys.path[:0] = ['.']\n{CALLS}"],
        cwd=copied / ".build/local/package",
        env=os.environ | away | keys,
        capture_output=True,
        text=True,
        check=False,
    )
    assert called.stdout.split() == ["s3", "s3control", "acm", "events"], called.stderr


@pytest.mark.parametrize("changed", ["src", "template", "parameters", "dependency"])
def test_every_change_is_a_new_release(service: Path, tmp_path: Path, changed: str) -> None:
    make(service, "build")

    def release(folder: Path) -> str:
        command = [service / ".venv/bin/python", "tools/deploy.py", "dev", "--show"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["Release"]

    copied = shutil.copytree(
        service, tmp_path / "copied", ignore=shutil.ignore_patterns(".venv", ".tools")
    )
    before = release(copied)
    assert before == release(service), "the same sources give another release"
    if changed == "parameters":
        config = json.loads((copied / "config/dev.json").read_text())
        config["Parameters"]["LogLevel"] = "ERROR"
        (copied / "config/dev.json").write_text(json.dumps(config))
    else:
        path = {
            "src": ".build/package/service/domain/items.py",
            "template": "template.yaml",
            "dependency": ".build/package/msgspec/__init__.py",
        }[changed]
        with (copied / path).open("a") as file:
            file.write("# changed\n")
    assert release(copied) != before


def test_a_missing_environment_is_told_with_those_there_are(service: Path) -> None:
    make(service, "build")
    done = subprocess.run(
        [service / ".venv/bin/python", "tools/deploy.py", "moon", "--show"],
        cwd=service,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Use ENV=dev or ENV=prod or ENV=staging")


# What SAM understands of the words that `make deploy` hands to it, by its own parsers.
UNDERSTOOD = """
import json, sys
sys.path.insert(0, "tools")
from deploy import sam_words
from samcli.cli.types import CfnParameterOverridesType, CfnTags
parameters, tags = json.load(sys.stdin)
words = sam_words(parameters, tags)
cut = words.index("--tags")
given = (CfnParameterOverridesType(), words[1:cut]), (CfnTags(), words[cut + 1 :])
print(json.dumps([kind.convert(tuple(values), None, None) for kind, values in given]))
"""


@pytest.fixture(scope="module")
def understood(
    set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    service = set_up(tmp_path_factory.mktemp("sam"), ".tools/sam/.ready")

    def run(parameters: dict[str, Any], tags: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [".tools/sam/bin/python", "-c", UNDERSTOOD],
            cwd=service,
            input=json.dumps([parameters, tags]),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_sam_understands_parameters_and_tags_as_they_are_written(understood: Any) -> None:
    texts = ["two words", "a=b", "a b=c", "https://x.example/?a=b&c=d e", "1 + 1 = 2, @ home", ""]
    quotes = ["it's", 'say "hi"', '"quoted"', "'", '"', "C:\\dir", '{"a": "b c"}', " a ", "a\tb\nc"]
    tags = {f"tag{number}": text for number, text in enumerate(texts)}
    parameters = {f"P{number}": text for number, text in enumerate([*texts, *quotes])}
    done = understood(parameters | {"Number": 5}, tags)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [parameters | {"Number": "5"}, tags]


@pytest.mark.parametrize("value", ["end\\", "a\\ b", 'a\\"b', "a\\'b"])
def test_what_sam_cannot_be_told_is_refused(understood: Any, value: str) -> None:
    done = understood({"Path": value}, {})
    assert done.returncode == 1
    assert done.stderr.startswith("Drop the backslash in Path")


@pytest.mark.parametrize("service", ["dynamodb"], indirect=True)
@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("                  - dynamodb:GetItem\n", "", "calls that the role does not allow"),
        ("dynamodb:Query", "dynamodb:Scan", "calls that the role does not allow"),
        (
            "                  - dynamodb:GetItem\n",
            "                  - dynamodb:GetItem\n                  - dynamodb:DeleteItem\n",
            "the role allows what no test saw",
        ),
    ],
    ids=["lacks one", "has another", "has one too many"],
)
def test_a_role_that_does_not_fit_its_handler_fails_the_tests(
    service: Path, tmp_path: Path, before: str, after: str, sentence: str
) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(service, copied, ignore=shutil.ignore_patterns(".build", ".venv", ".tools"))
    template = (copied / "template.yaml").read_text()
    assert before in template
    (copied / "template.yaml").write_text(template.replace(before, after))
    done = subprocess.run(
        [service / ".venv/bin/python", "-m", "pytest", "--quiet", "tests/unit/handlers"],
        cwd=copied,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert sentence in done.stdout


def test_its_pre_commit_hooks_pass_and_the_rules_are_among_them(
    set_up: SetUp, tmp_path: Path
) -> None:
    # given a service of a released version, in a git repository, set up
    minor, _ = newest()
    template, service = tmp_path / "template", tmp_path / "service"
    git = ["git", "-c", "user.name=team", "-c", "user.email=team@example.com"]
    subprocess.run([*git, "clone", "--quiet", ROOT, template], check=True)
    subprocess.run([*git, "tag", "v9.9.9"], cwd=template, check=True)
    copier.run_copy(
        str(template), service, data={"runtime": f"python{minor}"}, defaults=True, quiet=True
    )
    ready = set_up(tmp_path / "ready")
    for folder in (".venv", ".tools"):
        (service / folder).symlink_to((ready / folder).resolve())
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "begin"]):
        subprocess.run([*git, *words], cwd=service, check=True)

    def hooks(*names: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [service / ".venv/bin/pre-commit", "run", "--all-files", *names],
            cwd=service,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "hooks")},
        )

    # then all hooks pass, and the rules find a defect
    passed = hooks()
    assert passed.returncode == 0, passed.stdout
    assert re.search(r"golden path\.+Passed", passed.stdout)
    path = service / "template.yaml"
    path.write_text(path.read_text().replace("VisibilityTimeout: 361", "VisibilityTimeout: 60"))
    refused = hooks("golden-path")
    assert refused.returncode == 1
    assert "GP301 WorkerQueue" in refused.stdout
