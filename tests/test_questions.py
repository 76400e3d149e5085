"""The questions: good answers are taken, bad ones refused before a file is written."""

import ast
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from importlib.resources import files
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError

from docs.written.facts import kind
from tests.conftest import ROOT, Render
from tests.refused import BAD

QUESTIONS = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text()).items()
    if not name.startswith("_")
}
ASKED = {
    name: question
    for name, question in QUESTIONS.items()
    if question.get("when") is not False and question.get("ask") is not False
}
TYPED = {name for name, question in ASKED.items() if "choices" not in question}
"""The questions whose prompt says what is wrong: from a list nothing wrong can be chosen."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a folder, which Copier need not clone."""
    folder = tmp_path_factory.mktemp("plain")
    shutil.copytree(ROOT / "template", folder / "template")
    shutil.copytree(ROOT / "hooks", folder / "hooks")
    shutil.copy(ROOT / "copier.yml", folder)
    return folder


@pytest.mark.parametrize(
    ("answers", "beginning"), BAD, ids=[f"{answers}"[:60] for answers, _ in BAD]
)
def test_a_bad_answer_is_refused_with_one_sentence_and_nothing_is_written(
    plain: Path, tmp_path: Path, answers: dict[str, Any], beginning: str
) -> None:
    service = tmp_path / "service"
    given = {"defaults": True, "quiet": True, "unsafe": False}
    # Copier prints this error's message alone, without a traceback.
    with pytest.raises(UserMessageError) as refused:
        copier.run_copy(str(plain), service, data=answers, **given)
    sentence = ast.literal_eval(str(refused.value).removeprefix("'None' has no attribute "))
    assert sentence.startswith(beginning)
    assert "\n" not in sentence
    name = next(iter(answers))
    if name in TYPED:
        # What is typed is refused by the same sentence. A prompt cuts it at the terminal's edge,
        # behind a prefix: the cure stands before it.
        with pytest.raises(ValueError, match=re.escape(sentence)) as typed:
            copier.run_copy(str(plain), service, user_defaults=answers, **given)
        shown = str(typed.value).removesuffix(sentence) + sentence.split(":")[0]
        assert len(shown) <= 80
    assert not service.exists(), "a refused answer has left files behind"


def test_each_kind_is_offered_in_a_line_of_a_terminal() -> None:
    offered = yaml.safe_load((ROOT / "template/choices.yml").read_text())
    assert {kind(name)["when"] for name in offered.values()} == {
        label.split(":")[0] for label in offered
    }
    assert {label: len(label) for label in offered if len(label) > 74} == {}  # of 80, behind a box


def test_a_prompt_shows_the_cure_and_the_functions_and_ctrl_c_leaves_nothing(
    plain: Path, tmp_path: Path
) -> None:
    # given a terminal of 80 columns, and answers to what is not looked at here
    keyboard, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    answers = {"service_description": "Orders.", "owner": "desk", "alarm_email": ""}
    answers |= {"runtime": "python3.14"}
    given = [option for answer in answers.items() for option in ("--data", "=".join(answer))]
    shown = ""

    def until(text: str) -> None:
        nonlocal shown
        while text not in shown:
            more = os.read(keyboard, 65536).decode(errors="replace")
            shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", more)

    with subprocess.Popen(
        [sys.executable, "-m", "copier", "copy", *given, plain, "service"],
        cwd=tmp_path,
        env=os.environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as running:
        # when a name is refused, corrected, and the functions are shown
        until("items-service")
        os.write(keyboard, b"\x15Orders\r")
        until("'service_name': Use a-z, 0-9, single hyphens: ")
        os.write(keyboard, b"\x15orders\r")
        until("What makes orders run")
        os.write(keyboard, b"\r")
        until("items=http_api, worker=sqs, report=schedule")
        # and then Ctrl-C is typed
        os.write(keyboard, b"\x03")
        until("stopped by user")
        assert running.wait() == 1
    assert not (tmp_path / "service").exists()


def test_a_folder_whose_files_are_in_the_way_is_refused_before_anything_is_written(
    plain: Path, tmp_path: Path
) -> None:
    (tmp_path / "Makefile").write_text("all:\n")
    with pytest.raises(UserMessageError, match="add --overwrite: Makefile is in the way"):
        copier.run_copy(str(plain), tmp_path, defaults=True, quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]


def test_every_question_has_a_sentence_and_a_valid_default(render: Render) -> None:
    for name, question in ASKED.items():
        assert question["help"].rstrip().endswith("?"), f"{name} does not ask"
        assert "default" in question, f"{name} has no default: --defaults would fail"
        assert "placeholder" not in question, f"{name}: a placeholder is drawn like an answer"
    assert (render() / ".copier-answers.yml").exists()


def test_the_names_of_the_answers_are_public(default_service: Path) -> None:
    answers = yaml.safe_load((default_service / ".copier-answers.yml").read_text())
    assert {name for name in answers if not name.startswith("_")} == {
        "access_log",
        "encryption",
        "service_name",
        "service_description",
        "owner",
        "alarm_email",
        "functions",
        "secrets",
        "runtime",
        "type_check",
        "architecture",
        "data_store",
        "api_auth",
        "environments",
        "cors",
        "domain",
        "delivery",
        "repository",
        "folder",
        "accounts",
        "jwt",
        "ownership",
        "permissions_boundary",
        "aws_region",
    }


def test_the_list_of_questions_is_whole_and_in_their_order() -> None:
    asked = [name for name, question in QUESTIONS.items() if question.get("when") is not False]
    assert QUESTIONS["questions"]["default"] == asked


def test_accounts_come_after_what_they_must_fit() -> None:
    order = QUESTIONS["questions"]["default"]
    assert order.index("environments") < order.index("delivery") < order.index("accounts")


def test_origins_come_after_what_they_must_fit() -> None:
    order = QUESTIONS["questions"]["default"]
    assert max(map(order.index, ["functions", "api_auth", "environments"])) < order.index("cors")


def test_origins_are_one_list_for_all_environments_or_one_for_each(copier: Any) -> None:
    answers = {"functions": {"f": "http_api"}, "environments": ["dev", "prod"]}
    pages = ["https://a.example.com", "https://b.example.com:8443"]
    everywhere = copier.context(**answers, cors=pages)["service"]["cors"]
    assert everywhere == {"dev": pages, "prod": pages}
    own = {"dev": ["http://localhost:3000", "http://10.0.0.7:5173"]}
    assert copier.context(**answers, cors=own)["service"]["cors"] == own | {"prod": []}
    strangers = copier.context(**answers, cors=["*"], api_auth="none")["service"]["cors"]
    assert strangers == {"dev": ["*"], "prod": ["*"]}


def test_stored_origins_must_fit_what_is_changed(render: Render, tmp_path: Path) -> None:
    origins = ["https://a.example.com", "https://b.example.com"]
    rendered = render(functions={"f": "http_api"}, cors=origins)
    service = shutil.copytree(rendered, tmp_path / "service")
    changed = {"functions": {"f": "http_api", "g": "rest_api"}}
    with pytest.raises(UserMessageError, match="Name one origin: cors has 2"):
        copier.run_recopy(service, data=changed, defaults=True, quiet=True, overwrite=True)


def test_a_newcomer_answers_about_a_dozen_questions() -> None:
    assert 9 <= len(ASKED) <= 15


def test_functions_follow_from_the_triggers(copier: Any) -> None:
    service = copier.context(triggers=["sqs", "schedule"])["service"]
    assert {fn["name"]: fn["trigger"] for fn in service["functions"]} == {
        "report": "schedule",
        "worker": "sqs",
    }


@pytest.mark.parametrize(
    "schedule",
    [
        "rate(2 hours)",
        "cron(0/15 8-18 ? * MON-FRI *)",
        "cron(0 6,18 1,15 * ? 2026-2030)",
        "cron(30 0 L * ? *)",
        "cron(0 6 15W jan,JUL ? *)",
        "cron(0 6 LW * ? *)",
        "cron(5 4 ? * 2#1 *)",
        "cron(00 06 ? 1/3 FRIL *)",
        "cron(* * * * ? *)",
    ],
)
def test_a_schedule_that_aws_takes_is_taken(schedule: str, copier: Any) -> None:
    entry = {"trigger": "schedule", "schedule": schedule, "timezone": "America/Indiana/Knox"}
    (function,) = copier.context(functions={"report": entry})["service"]["functions"]
    assert function["schedule"] == schedule


def test_what_is_stored_stays_valid(render: Render, tmp_path: Path) -> None:
    # given answers of a time when nobody asked
    service = shutil.copytree(render(functions={"report": "schedule"}), tmp_path / "service")
    file = service / ".copier-answers.yml"
    report = {"trigger": "schedule", "schedule": "cron(0 6 * * * *)", "timezone": "Mars/Phobos"}
    stored = {"functions": {"report": report}, "service_description": "Costs ${Price}."}
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | stored))
    # when
    copier.run_recopy(service, data={"owner": "others"}, defaults=True, quiet=True, overwrite=True)
    # then
    answers = yaml.safe_load(file.read_text())
    assert {name: answers[name] for name in stored} == stored
    assert answers["owner"] == "others"


def test_names_that_are_there_once_in_each_mapping_are_taken(copier: Any) -> None:
    given = "{memory: {trigger: sqs, memory: 256}, timeout: {trigger: sqs, memory: 512}}"
    functions = copier.context(functions=given)["service"]["functions"]
    assert {fn["name"]: fn["memory"] for fn in functions} == {"memory": 256, "timeout": 512}


def test_the_zones_are_those_of_the_iana_time_zone_database() -> None:
    zones = (ROOT / "template/kinds/schedule/zones.txt").read_text().split()
    assert len(zones) == len(set(zones))
    assert set(zones) <= set((files("tzdata") / "zones").read_text().split())
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"} <= set(zones)


def test_a_function_is_tuned_where_it_is_declared(copier: Any) -> None:
    functions = {"api": "http_api", "worker": {"trigger": "sqs", "timeout": 120}}
    service = copier.context(functions=functions)["service"]
    api, worker = service["functions"]
    assert (api["timeout"], worker["timeout"]) == (6, 120)
    assert api["path"] == "/api"


def test_functions_are_named_where_they_are_chosen(copier: Any) -> None:
    answers = {"triggers": ["http_api", "sqs"]}
    assert copier.context(**answers)["names"] == "items=http_api, worker=sqs"
    given = copier.context(**answers, names=" orders=http_api,shipping = sqs")
    assert given["functions"] == {"orders": "http_api", "shipping": "sqs"}


def test_the_last_environment_is_production(copier: Any) -> None:
    assert copier.context(environments=["prod", "dev"])["service"]["production"] == "prod"
    assert copier.context(environments=["staging", "dev"])["service"]["production"] == "staging"


def test_no_secret_takes_the_name_of_a_variable_of_lambda(plain: Path) -> None:
    # given AWS's list, and the part of it that cfn-lint carries
    reserved = yaml.safe_load((ROOT / "template/secrets/reserved.yml").read_text())["Lambda"]
    extension = files("cfnlint.data") / "schemas/extensions/aws_lambda_function"
    known = json.loads((extension / "environment_variable_keys.json").read_text())
    assert set(known["propertyNames"]["not"]["enum"]) <= set(reserved)
    # then a secret of such a name is refused, at whatever level
    for variable in reserved:
        name = variable.lower().replace("_", "-")
        if not variable.startswith("_"):
            with pytest.raises(UserMessageError, match=f"{variable} belongs to Lambda"):
                copier.run_copy(
                    str(plain),
                    "nowhere",
                    data={"secrets": {name: "high"}},
                    defaults=True,
                    quiet=True,
                    pretend=True,
                )


def test_an_account_is_text_whether_it_came_in_quotes_or_not(copier: Any) -> None:
    accounts = {"prod": "012345670123", "dev": 111122223333}
    service = copier.context(accounts=accounts)["service"]
    assert service["accounts"] == {"dev": "111122223333", "prod": "012345670123"}


def test_environments_may_share_an_account_until_each_is_said_to_have_one(copier: Any) -> None:
    shared = {"dev": "111122223333", "prod": "111122223333"}
    assert copier.context(accounts=shared)["service"]["accounts"] == shared


def test_the_account_of_the_pipeline_is_none_of_an_environment(copier: Any) -> None:
    service = copier.context(accounts={"tools": 111122223333})["service"]
    assert (service["tools"], service["accounts"]) == ("111122223333", {})


def test_no_repository_is_kept_where_nothing_delivers(copier: Any) -> None:
    answers = {"repository": "example/orders"}
    assert copier.context(**answers)["service"]["repository"] == "example/orders"
    assert copier.context(**answers, delivery="none")["service"]["repository"] == ""


def test_no_secret_takes_the_name_of_a_variable_that_the_golden_path_sets() -> None:
    reserved = yaml.safe_load((ROOT / "template/secrets/reserved.yml").read_text())
    template = (ROOT / "template/project/template.yaml.jinja").read_text()
    variables = template.split("      Variables:\n")[1].split("\nResources:")[0]
    set_here = re.findall(r"^        ([A-Z_]+):", variables, re.MULTILINE)
    patterns = [re.escape(name).replace(r"\*", ".*") for name in reserved["the golden path"]]
    free = [name for name in set_here if not re.fullmatch("|".join(patterns), name)]
    assert set_here
    assert free == [], "a secret of such a name would overwrite it"


@pytest.mark.parametrize("asked", [True, False])
def test_authentication_is_asked_where_a_function_is_called_by_http(
    render: Render, asked: bool
) -> None:
    service = render(functions={"f": "http_api" if asked else "sqs"})
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    assert ("api_auth" in answers) is asked


def test_the_lists_of_what_is_yours_agree() -> None:
    # `_exclude` must name, for replays alone, exactly what `_skip_if_exists` keeps; and for every
    # update `.gitattributes`, which is for new services alone. The last is the golden path's.
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    condition = re.compile(r"{% if (.+) %}(.+){% endif %}")
    *found, last = [condition.fullmatch(pattern).groups() for pattern in settings["_exclude"]]
    assert last[1] == "/tools/update.py"
    assert {when for when, pattern in found if pattern != "/.gitattributes"} == {
        "'_commit' in _copier_conf.data"
    }
    assert ("_copier_operation == 'update'", "/.gitattributes") in found
    excluded = [pattern for _, pattern in found]
    assert excluded == settings["_skip_if_exists"] == settings["yours"]["default"]
