"""Answers age: what is stored is kept or refused in a sentence, and never changed silently."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import copier
import pytest
import yaml
from golden_path.updater import commands

from docs.written.questions import choices
from tests.conftest import ROOT
from tests.updates.history import WORKING_TREE
from tests.updates.living import (
    COPIER,
    GOLDEN_PATH,
    UPDATE,
    assert_edits_are_where_they_were,
    begin,
    changed,
    commit,
    edit,
    functions,
    refused,
    resources,
    run,
    update,
)
from tests.updates.matrix import Case, Matrix, read

ANSWERS = ".copier-answers.yml"


Serve = Callable[..., Path]


@pytest.fixture
def aging(template: Path, tmp_path: Path) -> Path:
    """The template in a repository whose next version a test makes."""
    return Path(shutil.copytree(template, tmp_path / "aging"))


@pytest.fixture
def serve(aging: Path, tmp_path: Path) -> Serve:
    """Have a service of a version of it that was answered otherwise than by default."""

    def served(version: str = "v2.0.0", **answers: str) -> Path:
        service = tmp_path / "service"
        copier.run_copy(str(aging), service, answers, vcs_ref=version, defaults=True, quiet=True)
        return begin(service)

    return served


def answered(service: Path) -> dict[str, object]:
    return yaml.safe_load((service / ANSWERS).read_text())


def release(template: Path, before: str, after: str) -> None:
    edit(template / "copier.yml", before, after)
    commit(template, tag="v3.0.0")


def test_a_changed_default_is_for_new_services(aging: Path, serve: Serve) -> None:
    service = serve()
    release(aging, "  default: eu-west-1\n", "  default: eu-central-1\n")
    update(service)
    assert answered(service)["aws_region"] == "eu-west-1"
    assert "eu-west-1" in (service / "samconfig.toml").read_text()


def test_a_service_of_the_first_release_keeps_its_own_ways(matrix: Matrix, tmp_path: Path) -> None:
    case = Case("v0.1.0", WORKING_TREE, "python", "default", "same answers")
    old = matrix.start(case, tmp_path / "service")
    old.edited()
    old.run()
    assert old.answered["delivery"] == "none"
    assert not (old.service / "pipeline").exists()
    assert old.answered["access_log"] == "generated"
    assert old.answered["type_check"] == "golden_path"
    assert "LogGroupName" not in (old.service / "template.yaml").read_text()
    assert old.answered["ownership"] == "shared"
    assert "made_by" not in (old.service / "src/service/adapters/store.py").read_text()


def test_callers_bring_tokens_and_sign_again(matrix: Matrix, tmp_path: Path) -> None:
    # given a service of a release that knows no tokens, with an edit beside what they change
    case = Case("v0.7.0", WORKING_TREE, "python", "default", "same answers")
    old = matrix.start(case, tmp_path / "service")
    template = old.service / "template.yaml"
    edit(template, "ThrottlingBurstLimit: 200 #", "ThrottlingBurstLimit: 20 #")
    old.edited()
    old.run(WORKING_TREE)
    before, yours = resources(old.service), read(old.service)
    # when its callers bring tokens
    again = {"vcs_ref": WORKING_TREE, "defaults": True, "overwrite": True, "quiet": True}
    copier.run_update(old.service, {"api_auth": "jwt"}, **again)
    commit(old.service)
    # then it has a user pool, and nothing else has changed but the API
    found = resources(old.service)
    assert found.keys() - before.keys() == {"CallerClient", "CallerPool"}
    assert {name for name, one in before.items() if found.get(name) != one} == {"HttpApi"}
    assert "ThrottlingBurstLimit: 20 #" in template.read_text()
    # when they sign again
    copier.run_update(old.service, {"api_auth": "iam"}, **again)
    assert resources(old.service) == before
    assert read(old.service) == yours


@pytest.mark.parametrize(
    ("now", "then", "name", "other", "sentence"),
    [
        ('"-(dev|staging|prod)(-|', '"-(nowhere)(-|', "orders-dev", "desk-prod", "Leave the"),
        ("longest_name() | int", "32", "o" * 32, "d" * 24, "Use 3 to 23 characters"),
    ],
    ids=["of an environment", "longer than AWS keeps"],
)
def test_a_name_that_is_no_longer_given_is_kept(
    aging: Path, serve: Serve, now: str, then: str, name: str, other: str, sentence: str
) -> None:
    # given a service that was named when such names were
    validate = aging / "template/validate.jinja"
    text = validate.read_text()
    edit(validate, now, then)
    commit(aging, tag="v3.0.0")
    service = serve("v3.0.0", service_name=name)
    validate.write_text(text)
    commit(aging, tag="v4.0.0")
    # then it keeps its name, and nobody gets another such name
    update(service)
    commit(service)
    assert answered(service)["service_name"] == name
    command = [*COPIER, "update", "--defaults", "--data", f"service_name={other}"]
    done = subprocess.run(command, cwd=service, capture_output=True, text=True)
    assert sentence in done.stderr
    assert changed(service) == ""


def test_a_renamed_question_has_the_answer_of_the_old_one(aging: Path, serve: Serve) -> None:
    # given a release that renames a question as docs/how-to/release.md says
    service = serve(aws_region="eu-north-1")
    text = (aging / "copier.yml").read_text()
    before, asked = text.split("\naws_region:\n")
    asked = asked.replace(
        "default: eu-west-1", "default: \"{{ aws_region | default('eu-west-1') }}\""
    )
    asked = asked.replace("aws_region=aws_region", "region=region").replace(
        "(aws_region)", "(region)"
    )
    text = before.replace("- aws_region", "- region") + "\nregion:\n" + asked
    (aging / "copier.yml").write_text(text)
    edit(aging / "template/model.jinja", '"region": aws_region', '"region": region')
    validate = aging / "template/validate.jinja"
    validate.write_text(validate.read_text().replace("macro region(", "macro region_("))
    text = text.replace("import dropped, region %}", "import dropped, region_ %}")
    (aging / "copier.yml").write_text(text.replace("{{ region(region)", "{{ region_(region)"))
    commit(aging, tag="v3.0.0")
    # when
    update(service)
    # then
    assert answered(service)["region"] == "eu-north-1"
    assert "aws_region" not in answered(service)
    assert "eu-north-1" in (service / "samconfig.toml").read_text()


@pytest.mark.parametrize(
    ("name", "value", "before", "after", "cure"),
    [
        ("architecture", "x86_64", '      "x86_64 (Intel and AMD)": x86_64\n', "", "arm64"),
        (
            "aws_region",
            "us-east-1",
            "region(aws_region)",
            'region(aws_region | replace("us-east-1", "none"))',
            "eu-north-1",
        ),
        (
            "alarm_email",
            "old@x.org",
            "email(alarm_email)",
            'email(alarm_email | replace("old@x.org", "none"))',
            "new@x.org",
        ),
    ],
    ids=["a dropped choice", "the last answer", "an answer in between"],
)
def test_an_answer_that_is_no_longer_valid_is_not_replaced_by_the_default(
    aging: Path, serve: Serve, name: str, value: str, before: str, after: str, cure: str
) -> None:
    service = serve(**{name: value})
    release(aging, before, after)
    # when Copier updates, which shows where it fails, and in the end the sentence
    done = subprocess.run(
        [*COPIER, "update", "--defaults"], cwd=service, capture_output=True, text=True, check=False
    )
    # then
    assert done.returncode != 0
    sentence = f"Answer {name} anew by --data: "
    assert sentence in done.stderr.strip().splitlines()[-1]
    assert refused(*UPDATE, cwd=service).startswith(sentence)
    assert changed(service) == ""
    # and the cure cures
    update(service, "--data", f"{name}={cure}")
    assert str(answered(service)[name]) == cure


@pytest.fixture
def retired(aging: Path, serve: Serve) -> Path:
    """A service with a runtime that could be chosen once."""
    text = (aging / "copier.yml").read_text()
    newest = '    "Python 3.14": python3.14\n'
    once = text.replace(newest, f'{newest}    "One of before": python3.11\n')
    (aging / "copier.yml").write_text(once)
    commit(aging, tag="v3.0.0")
    service = serve("v3.0.0", runtime="python3.11")
    (aging / "copier.yml").write_text(text)
    commit(aging, tag="v4.0.0")
    return service


def test_a_runtime_that_aws_ends_is_kept_with_a_warning(retired: Path) -> None:
    # when
    said = update(retired, "--data", "owner=tools")
    # then
    assert answered(retired)["runtime"] == "python3.11"
    assert "    Runtime: python3.11\n" in (retired / "template.yaml").read_text()
    assert "Choose another runtime: AWS ends python3.11 on 2027-06-30." in said
    assert "AWS ends python3.11 on 2027-06-30" in (retired / "README.md").read_text()
    commit(retired)
    assert "Choose another runtime" in functions(retired, "add", "later", "sqs")
    assert "LaterFunction" in resources(retired)
    commit(retired)
    # when the team does as it is told
    (cure,) = re.findall(r"make answer SET='(runtime: .+)'", said)
    run(*GOLDEN_PATH, "answer", cure, cwd=retired)
    # then
    assert "    Runtime: python3.14\n" in (retired / "template.yaml").read_text()
    assert "AWS ends" not in (retired / "README.md").read_text()


def test_a_runtime_that_aws_ends_is_not_chosen_anew(retired: Path) -> None:
    done = subprocess.run(
        [*COPIER, "update", "--defaults", "--data", "runtime=python3.10"],
        cwd=retired,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Choose python3.14 instead: AWS ends python3.10" in done.stderr
    assert changed(retired) == ""


def test_the_runtimes_that_end_are_those_that_cannot_be_chosen() -> None:
    given = yaml.safe_load((ROOT / "copier.yml").read_text())["runtime"]["choices"]
    refused_ = set(re.findall(r'": "(.*)",', given))
    retired_: set[str] = set()
    for file in (ROOT / "template/languages").glob("*/language.yml"):
        language = yaml.safe_load(file.read_text())
        assert language["newest"] in choices(given).values()
        retired_ |= language["retired"].keys()
    assert retired_ == refused_


def test_answers_are_changed_by_the_services_own_command(service: Path) -> None:
    # given
    before = resources(service)
    had = answered(service)
    # when
    said = run(
        *GOLDEN_PATH, "answer", 'aws_region: eu-north-1, secrets: {token: "medium"}', cwd=service
    )
    # then
    now = answered(service)
    assert now == had | {"aws_region": "eu-north-1", "secrets": {"token": "medium"}}
    assert "eu-north-1" in (service / "samconfig.toml").read_text()
    assert_edits_are_where_they_were(service)
    assert resources(service).keys() == before.keys()
    assert "make lint rules test" in said
    # and what Copier says of an answer before it begins is heard
    commit(service)
    assert "Rewrite what of your code uses the table" in run(
        *GOLDEN_PATH, "answer", "data_store: none", cwd=service
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write it like SET='alarm_email: "),
        ("delivery", "Write delivery as one value"),
        ("delivery: [both", "Write it like SET='alarm_email: "),
        ("functions: {items: sqs}", "Use `make add-function` and its siblings"),
        ("delivery: codepipeline", "Answer otherwise: "),
        ("aws_region: nowhere", "Write it like eu-west-1"),
        ("region: eu-west-1", "Correct or drop region: "),
        ("environments: prod", "Write environments as a list, as in [dev, prod]: 'prod' is none."),
    ],
)
def test_a_wrong_answer_is_told_in_a_sentence_and_changes_nothing(
    service: Path, text: str, sentence: str
) -> None:
    said = refused(*GOLDEN_PATH, "answer", text, cwd=service)
    assert said.startswith(sentence), said
    assert len(said.splitlines()) == 1
    assert changed(service) == ""


@pytest.mark.parametrize(
    ("half", "sentence"), [("", "Run it again"), (" M template.yaml\n", "Go back: git reset")]
)
def test_a_command_that_is_stopped_says_what_is_left(
    monkeypatch: pytest.MonkeyPatch, half: str, sentence: str
) -> None:
    def stopped(_: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(commands, "answer", stopped)
    status = subprocess.CompletedProcess([], 0, stdout=half)
    monkeypatch.setattr(commands, "run", lambda *_: status)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match=f"^{sentence}"):
            commands.main(["answer", "owner: tools"])
    finally:
        signal.signal(signal.SIGTERM, before)
