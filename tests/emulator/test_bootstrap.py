"""`make bootstrap` and `make pipeline`, in accounts of the emulator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.accounts import (
    CONNECTION,
    DEV,
    HOME,
    ISSUER,
    PENDING,
    PROD,
    REGION,
    Accounts,
    Done,
    accounts_of,
)
from tests.emulator.service import MAKES
from tests.updates.living import GIT, run


@pytest.fixture
def empty(delivered_service: Path) -> Iterator[Accounts]:
    """Accounts in which nothing is, for one test."""
    with accounts_of(delivered_service) as accounts:
        yield accounts


def refused(done: Done) -> str:
    """The one sentence with which a command refuses."""
    assert done.returncode != 0
    sentence, *rest = [line for line in done.stderr.splitlines() if not MAKES.match(line)]
    assert rest == [], "more than one sentence"
    return sentence


def test_an_account_is_told_what_must_be_made_first(empty: Accounts) -> None:
    # one that does not know GitHub
    empty.have_the_boundary(DEV)
    sentence = refused(empty.make(DEV, "bootstrap", "ENV=dev", "YES=1"))
    assert sentence.startswith("Make the account know GitHub first")
    assert f"create-open-id-connect-provider --url https://{ISSUER} " in sentence
    assert empty.stacks(DEV) == []
    # and one that has no boundary
    empty.know_github(PROD)
    sentence = refused(empty.make(PROD, "bootstrap", "ENV=prod", "YES=1"))
    assert sentence.startswith("Make the permissions boundary first")
    assert f"arn:aws:iam::{PROD}:policy/platform/bound" in sentence
    assert empty.stacks(PROD) == []


def test_another_account_is_refused_before_anything_is_made(empty: Accounts) -> None:
    empty.prepare()
    bootstrap = refused(empty.make(DEV, "bootstrap", "ENV=prod", "YES=1"))
    assert bootstrap.startswith(f"Use credentials of {PROD}, the account of prod")
    pipeline = refused(empty.make(PROD, "pipeline", f"CONNECTION={CONNECTION}", "YES=1"))
    assert pipeline.startswith(f"Use credentials of {HOME}, the account of the pipeline")
    assert empty.stacks(DEV) == empty.stacks(PROD) == []


def test_without_a_terminal_nothing_is_done_nor_left_behind(empty: Accounts) -> None:
    empty.prepare()
    done = empty.make(DEV, "bootstrap", "ENV=dev")
    assert refused(done) == "Add YES=1: there is no terminal to ask on. Nothing is done."
    assert "add     ExecutionRole            AWS::IAM::Role" in done.stdout
    assert empty.stacks(DEV) == []


def test_what_cannot_be_made_is_told_and_leaves_nothing_behind(empty: Accounts) -> None:
    # given a bucket of somebody else's, under the name of one that is to be made
    empty.prepare()
    bucket = f"items-service-dev-artifacts-{DEV}"
    empty.client(PROD, "s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    # when
    sentence = refused(empty.make(DEV, "bootstrap", "ENV=dev", "YES=1"))
    # then
    assert sentence.startswith("Mend this and run it again")
    assert "Validation failed with 1 error" in sentence
    assert "; ArtifactBucket: Resource of type 'AWS::S3::Bucket' with identifier" in sentence
    assert sentence.endswith(" already exists. (/Resources/ArtifactBucket)")
    assert empty.stacks(DEV) == []


def test_a_pipeline_without_an_authorised_connection_is_refused(empty: Accounts) -> None:
    for words in ((), ("CONNECTION=orders",)):
        sentence = refused(empty.make(HOME, "pipeline", "YES=1", *words))
        assert sentence.startswith("Use CONNECTION= with the ARN of a connection")
    sentence = refused(empty.make(HOME, "pipeline", f"CONNECTION={PENDING}", "YES=1"))
    assert sentence.startswith("Authorise the connection first")
    assert sentence.endswith("orders is PENDING.")
    assert empty.stacks(HOME) == []


def test_an_environment_has_its_roles(delivered: Accounts) -> None:
    for environment, account, names in (
        ("dev", DEV, {"action", "execution", "test"}),
        ("prod", PROD, {"action", "execution", "test", "review"}),
    ):
        roles = {row["RoleName"] for row in delivered.client(account, "iam").list_roles()["Roles"]}
        assert roles == {f"items-service-{environment}-{name}" for name in names}


def test_production_leaves_no_way_to_test_data(delivered: Accounts) -> None:
    for environment, account, policies in (
        ("dev", DEV, ["integration", "smoke"]),
        ("prod", PROD, ["smoke"]),
    ):
        found = delivered.client(account, "iam").list_role_policies(
            RoleName=f"items-service-{environment}-test"
        )
        assert sorted(found["PolicyNames"]) == policies


def test_a_second_bootstrap_changes_nothing(delivered: Accounts) -> None:
    done = delivered.make(DEV, "bootstrap", "ENV=dev", "YES=1")
    assert done.returncode == 0, done.stderr
    assert "Nothing is to be changed." in done.stdout


def test_a_second_time_the_connection_is_known(delivered: Accounts) -> None:
    done = delivered.make(HOME, "pipeline", "YES=1")
    assert done.returncode == 0, done.stderr
    assert "Nothing is to be changed." in done.stdout
    assert delivered.stacks(HOME) == ["items-service-pipeline"]


def test_the_pipeline_tells_what_it_cannot_see(delivered: Accounts) -> None:
    done = delivered.make(HOME, "pipeline", "YES=1")
    unseen = f"Not seen from here, each needs `make bootstrap`: dev in {DEV}, prod in {PROD}."
    assert unseen in done.stdout
    # nor does a push from here reach it, while the branch is called otherwise
    assert "Call your branch so (git branch -m main): there is none" in done.stdout


def test_a_branch_of_the_pipelines_name_is_as_it_should_be(delivered: Accounts) -> None:
    for words in (("init", "-b", "main"), ("commit", "--allow-empty", "--message", "begin")):
        run(*GIT, *words, cwd=delivered.service)
    done = delivered.make(HOME, "pipeline", "YES=1")
    shutil.rmtree(delivered.service / ".git")
    assert "released from now on" in done.stdout
    assert "Call your branch" not in done.stdout


def test_no_key_of_the_pipeline_bears_an_environment(delivered: Accounts) -> None:
    # The execution role of an environment may change the keys that bear its name.
    kms = delivered.client(HOME, "kms")
    keys = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    assert len(keys) == 2
    for key in keys:
        tags = {row["TagKey"] for row in kms.list_resource_tags(KeyId=key)["Tags"]}
        assert "service" in tags
        assert "environment" not in tags
