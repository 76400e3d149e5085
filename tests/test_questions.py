"""The questions: good answers are taken, bad ones refused before a file is written."""

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from docs.written.facts import kind_names
from tests.conftest import ROOT, Render

OFFERED = f"Use {', '.join(kind_names())}"
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

# The answer, and how the sentence begins that refuses it: with the cure.
BAD = [
    ({"funktions": {"x": "sqs"}}, "Correct or drop funktions"),
    ({"functions": {"x": "sqs"}, "region": "eu-west-1"}, "Correct or drop region"),
    ({"service_name": "My Service"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "Orders"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "a/../b"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "$(id)"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "name: x"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "orders\n"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "-orders"}, "Use a-z, 0-9, single hyphens"),
    ({"service_name": "a" * 24}, "Use 3 to 23 characters"),
    ({"service_name": "ab"}, "Use 3 to 23 characters"),
    ({"service_name": ""}, "Use 3 to 23 characters"),
    ({"service_name": "orders-dev"}, "Leave the environment out"),
    ({"service_name": "orders-prod-desk"}, "Leave the environment out"),
    ({"service_description": " "}, "Write one sentence"),
    ({"service_description": "a" * 201}, "Keep to 200 characters"),
    ({"service_description": "bell \a"}, "Remove control characters"),
    ({"owner": ""}, "Use letters, digits"),
    ({"owner": "a&b"}, "Use letters, digits"),
    ({"alarm_email": "team"}, "Write name@example.com"),
    ({"alarm_email": "a b@example.com"}, "Write name@example.com"),
    ({"triggers": []}, "Choose one trigger"),
    ({"triggers": ["kafka"]}, "'kafka' is not in"),
    ({"functions": {}}, "Write name: kind pairs"),
    ({"functions": ["worker"]}, "Write name: kind pairs"),
    ({"functions": {"x": "kafka"}}, OFFERED),
    ({"functions": {"x": {"trigger": ["sqs"]}}}, OFFERED),
    ({"functions": {"x": ["sqs"]}}, OFFERED),
    ({"functions": {"x": {"timeout": 60}}}, "Give it a trigger"),
    ({"functions": {"x": None}}, "Give it a trigger"),
    ({"functions": {"x": {"trigger": "sqs", "time_out": 60}}}, 'Remove or correct "time_out"'),
    ({"functions": {"x": {"trigger": "sqs", "path": "/x"}}}, 'Remove or correct "path"'),
    ({"functions": {"x": {"trigger": "http_api", "batch_size": 1}}}, "Remove or correct"),
    ({"functions": {123: "sqs"}}, "Put the name in quotes"),
    ({"functions": {True: "sqs"}}, "Put the name in quotes"),
    ({"functions": {None: "sqs"}}, "Put the name in quotes"),
    ({"functions": {"": "sqs"}}, "Give each function a name"),
    ({"functions": {"a" * 33: "sqs"}}, "Use at most 32 characters"),
    ({"functions": {"Worker": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"my worker": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"../worker": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"worker;id": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"__init__": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"{{ x }}": "sqs"}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"import": "sqs"}}, "Use another word than import"),
    ({"functions": {"lambda": "sqs"}}, "Use another word than lambda"),
    ({"functions": {"x": {"trigger": "sqs", "id": "No Id"}}}, "Use a-z, 0-9, single hyphens"),
    ({"functions": {"x": {"trigger": "sqs", "timeout": 0}}}, "Give 1 to 900 seconds"),
    ({"functions": {"x": {"trigger": "sqs", "timeout": 901}}}, "Give 1 to 900 seconds"),
    ({"functions": {"x": {"trigger": "sqs", "timeout": "fast"}}}, "Give 1 to 900 seconds"),
    ({"functions": {"x": {"trigger": "sqs", "timeout": True}}}, "Give 1 to 900 seconds"),
    ({"functions": {"x": {"trigger": "http_api", "timeout": 30}}}, "Give 1 to 29 seconds"),
    ({"functions": {"x": {"trigger": "sqs", "memory": 64}}}, "Give 128 to 10240 MB"),
    ({"functions": {"x": {"trigger": "http_api", "path": "x y"}}}, "Write it like /orders"),
    (
        {"functions": {"x": {"trigger": "http_api", "path": "/" + "a" * 40}}},
        "Write it like /orders",
    ),
    ({"functions": {"x": {"trigger": "schedule", "schedule": "daily"}}}, "Write it like rate(1"),
    ({"functions": {"x": {"trigger": "schedule", "schedule": "rate(1 days)"}}}, "Write it like"),
    *(
        ({"functions": {"x": {"trigger": "schedule", "schedule": f"cron({fields})"}}}, beginning)
        for fields, beginning in (
            ("0 6 * * *", "Write 6 fields"),
            ("0 6 * * * *", "Write one ? for the days"),
            ("0 6 ? * ? *", "Write one ? for the days"),
            ("60 6 * * ? *", "Correct the minutes"),
            ("? 6 * * ? *", "Correct the minutes"),
            ("0 24 * * ? *", "Correct the hours"),
            ("0 8-25 * * ? *", "Correct the hours"),
            ("0 6 32 * ? *", "Correct the days of the month"),
            ("0 6 0 * ? *", "Correct the days of the month"),
            ("0 6 1 13 ? *", "Correct the months"),
            ("0 6 1 JANUARY ? *", "Correct the months"),
            ("0 6 ? * 0 *", "Correct the days of the week"),
            ("0 6 ? * MON#6 *", "Correct the days of the week"),
            ("0 6 1 * ? 1969", "Correct the years"),
            ("0/0 6 * * ? *", "Correct the minutes"),
        )
    ),
    (
        {"functions": {"x": {"trigger": "schedule", "timezone": "Mars/Phobos"}}},
        "Use a zone like Europe/Berlin",
    ),
    ({"functions": "{a: sqs, b: sqs, a: http_api}"}, "Write each name once"),
    ({"functions": "{a: {trigger: sqs, timeout: 1, timeout: 2}}"}, "Write each name once"),
    ({"functions": "{a: {trigger: sqs, alarms: {age: 60, age: 90}}}"}, "Write each name once"),
    ({"secrets": "{key: high, 'key': low}"}, "Write each name once"),
    ({"accounts": '{dev: "111122223333", dev: "111122223333"}'}, "Write each name once"),
    ({"service_description": "Costs ${Price}."}, "Leave ${ out"),
    ({"functions": {"x": {"trigger": "sqs", "alarms": {"error": 1}}}}, "Use errors or"),
    ({"functions": {"x": {"trigger": "sqs", "alarms": {"errors": 0}}}}, "Give 1 to"),
    ({"functions": {"x": {"trigger": "sqs", "alarms": 5}}}, "Write signal: number pairs"),
    ({"functions": {"x": {"trigger": "http_api", "alarms": {"age": 60}}}}, "Use errors or"),
    ({"functions": {"a-b": "sqs", "a_b": "sqs"}}, "Rename a_b"),
    ({"functions": {"a-1": "sqs", "a1": "sqs"}}, "Rename a1"),
    ({"functions": {"a": "sqs", "b": {"trigger": "sqs", "id": "a"}}}, "Rename b"),
    ({"functions": {"a": "schedule", "a-schedule": "sqs"}}, "Rename a-schedule"),
    ({"functions": {"pre-traffic": "sqs"}}, "Rename pre-traffic"),
    ({"functions": {"deploy": {"trigger": "sqs", "id": "code-deploy"}}}, "Rename deploy"),
    ({"functions": {"a": "http_api", "b": {"trigger": "http_api", "path": "/a"}}}, "Rename b"),
    ({"secrets": ["token"]}, "Write name: level pairs"),
    ({"secrets": "token"}, "Write name: level pairs"),
    ({"secrets": {"token": "secret"}}, "Use low, medium, high"),
    ({"secrets": {"token": None}}, "Use low, medium, high"),
    ({"secrets": {"token": {"rotate": 30}}}, "Use low, medium, high"),
    ({"secrets": {"token": {"level": ["high"]}}}, "Use low, medium, high"),
    ({"secrets": {"token": {"level": "high", "length": 9}}}, 'Remove or correct "length"'),
    ({"secrets": {"token": {"level": "medium", "rotate": 30}}}, "Remove rotate"),
    ({"secrets": {"token": {"level": "high", "rotate": 0}}}, "Give 1 to 1000 days"),
    ({"secrets": {"token": {"level": "high", "rotate": 1001}}}, "Give 1 to 1000 days"),
    ({"secrets": {"token": {"level": "high", "rotate": True}}}, "Give 1 to 1000 days"),
    ({"secrets": {"Token": "low"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {"my_token": "low"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {"../token": "medium"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {"token\n": "medium"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {"": "medium"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {"a" * 33: "medium"}}, "Use a-z, 0-9, single hyphens"),
    ({"secrets": {True: "medium"}}, "Put the name in quotes"),
    ({"secrets": {1: "medium"}}, "Put the name in quotes"),
    ({"secrets": {"aws-session-token": "medium"}}, "Use another name"),
    ({"secrets": {"tz": "low"}}, "Use another name"),
    ({"secrets": {"table-name": "low"}}, "Use another name"),
    ({"secrets": {"environment": "high"}}, "Use another name"),
    ({"secrets": {"powertools-log-level": "low"}}, "Use another name"),
    ({"secrets": {"token": "high", "token-ref": "low"}}, "Rename token-ref"),
    ({"secrets": {"token-1": "high", "token1": "high"}}, "Rename token1"),
    (
        {
            "secrets": {"key": {"level": "high", "rotate": 30}},
            "functions": {"rotate-key": {"trigger": "sqs"}},
        },
        "Rename the function rotate-key",
    ),
    (
        {
            "secrets": {"key": {"level": "high", "rotate": 30}},
            "functions": {"x": {"trigger": "sqs", "id": "rotate_key"}},
        },
        "Rename the function x",
    ),
    ({"secrets": {"aws-endpoint-url": "low"}}, "Use another name"),
    ({"secrets": {"pythonstartup": "low"}}, "Use another name"),
    ({"functions": {"x": {"trigger": "sqs", "secrets": ["token"]}}}, 'Declare "token"'),
    ({"functions": {"x": {"trigger": "sqs", "secrets": "token"}}}, "Write a list like [api-key]"),
    ({"functions": {"x": {"trigger": "sqs", "secrets": [1]}}}, "Write a list like [api-key]"),
    (
        {
            "secrets": {"token": "medium"},
            "functions": {"x": {"trigger": "sqs", "secrets": ["token", "token"]}},
        },
        "List each secret once",
    ),
    ({"runtime": "python3.10"}, "Choose python3.14 instead"),
    ({"runtime": "python2"}, "'python2' is not in"),
    ({"runtime": "nodejs20.x"}, "Choose nodejs24.x instead"),
    ({"architecture": "arm"}, "'arm' is not in"),
    ({"data_store": "mysql"}, "'mysql' is not in"),
    ({"environments": []}, "Choose one environment"),
    ({"environments": ["test"]}, "'test' is not in"),
    ({"accounts": ["111122223333"]}, "Write environment"),
    ({"accounts": "111122223333"}, "Write environment"),
    ({"accounts": {"dev": 12345678901}}, "Write twelve digits in quotes"),
    ({"accounts": {"dev": 1234567890123}}, "Write twelve digits in quotes"),
    ({"accounts": {"dev": 0o12345670123}}, "Write twelve digits in quotes"),
    ({"accounts": {"dev": "1111-2222-3333"}}, "Write twelve digits"),
    ({"accounts": {"dev": "12345678901"}}, "Write twelve digits"),
    ({"accounts": {"dev": "111122223333\n"}}, "Write twelve digits"),
    ({"accounts": {"dev": True}}, "Write twelve digits"),
    ({"accounts": {"dev": None}}, "Write twelve digits"),
    ({"accounts": {"dev": 1.5}}, "Write twelve digits"),
    ({"accounts": {"dev": ["111122223333"]}}, "Write twelve digits"),
    ({"accounts": {"qa": "111122223333"}}, "Use dev, staging, prod, tools"),
    ({"accounts": {None: "111122223333"}}, "Use dev, staging, prod, tools"),
    (
        {"environments": ["prod"], "accounts": {"prod": "111122223333", "dev": "111122223333"}},
        "Use prod, tools only",
    ),
    ({"accounts": {"tools": "1111"}}, "Write twelve digits"),
    ({"delivery": "github_actions", "accounts": {"tools": "111122223333"}}, "Drop tools"),
    ({"delivery": "none", "accounts": {"tools": "111122223333"}}, "Drop tools"),
    (
        {"environments": ["dev", "prod"], "accounts": dict.fromkeys(["dev", "prod"], 111122223333)},
        "Give prod an account",
    ),
    (
        {
            "environments": ["staging", "dev"],
            "accounts": {"staging": "111122223333", "dev": 111122223333},
        },
        "Give staging an account",
    ),
    ({"delivery": "jenkins"}, "'jenkins' is not in"),
    ({"repository": "orders"}, "Write it like owner/name"),
    ({"repository": "example/orders/main"}, "Write it like owner/name"),
    ({"repository": "https://github.com/example"}, "Write it like owner/name"),
    ({"repository": "example/*"}, "Write it like owner/name"),
    ({"repository": "*/orders"}, "Write it like owner/name"),
    ({"repository": "example/orders\n"}, "Write it like owner/name"),
    ({"repository": "example@x/orders"}, "Write it like owner/name"),
    (
        {"permissions_boundary": "arn:aws:iam::111122223333:policy/platform/boundary"},
        "Write the name, not the ARN",
    ),
    ({"permissions_boundary": "/boundary"}, "Write it like team/boundary"),
    ({"permissions_boundary": "team/"}, "Write it like team/boundary"),
    ({"permissions_boundary": "a b"}, "Write it like team/boundary"),
    ({"permissions_boundary": "${x}"}, "Write it like team/boundary"),
    ({"permissions_boundary": "a\n"}, "Write it like team/boundary"),
    ({"permissions_boundary": "a" * 129}, "Write it like team/boundary"),
    ({"aws_region": "Ireland"}, "Write it like eu-west-1"),
    ({"aws_region": ""}, "Write it like eu-west-1"),
]


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
    with pytest.raises(ValueError, match=re.escape(beginning)) as refused:
        copier.run_copy(str(plain), service, data=answers, defaults=True, quiet=True, unsafe=False)
    # Copier names the question, then comes what a prompt would show by itself.
    (_, sentence) = str(refused.value).split(": ", 1)
    assert sentence.startswith(beginning)
    assert "\n" not in sentence, "a prompt shows one line only"
    assert not service.exists(), "a refused answer has left files behind"


def test_the_cure_stands_in_the_first_thirty_characters() -> None:
    # A prompt cuts the sentence at the terminal's edge, behind a prefix of its own.
    for _, beginning in BAD:
        cure = beginning.split(":")[0]
        assert len(cure) <= 30


def test_every_question_has_a_sentence_and_a_valid_default(render: Render) -> None:
    for name, question in ASKED.items():
        assert question["help"].rstrip().endswith("?"), f"{name} does not ask"
        assert "default" in question, f"{name} has no default: --defaults would fail"
    assert (render() / ".copier-answers.yml").exists()


def test_the_names_of_the_answers_are_public(default_service: Path) -> None:
    answers = yaml.safe_load((default_service / ".copier-answers.yml").read_text())
    assert {name for name in answers if not name.startswith("_")} == {
        "access_log",
        "service_name",
        "service_description",
        "owner",
        "alarm_email",
        "functions",
        "secrets",
        "runtime",
        "architecture",
        "data_store",
        "api_auth",
        "environments",
        "delivery",
        "repository",
        "accounts",
        "permissions_boundary",
        "aws_region",
    }


def test_the_list_of_questions_is_whole_and_in_their_order() -> None:
    asked = [name for name, question in QUESTIONS.items() if question.get("when") is not False]
    assert QUESTIONS["questions"]["default"] == asked


def test_accounts_come_after_what_they_must_fit() -> None:
    order = QUESTIONS["questions"]["default"]
    assert order.index("environments") < order.index("delivery") < order.index("accounts")


def test_a_newcomer_answers_about_a_dozen_questions() -> None:
    assert 9 <= len(ASKED) <= 14


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
            with pytest.raises(ValueError, match=f"{variable} belongs to Lambda"):
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
    # update `.gitattributes`, which is for new services alone.
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    condition = re.compile(r"{% if (.+) %}(.+){% endif %}")
    found = [condition.fullmatch(pattern).groups() for pattern in settings["_exclude"]]
    assert {when for when, pattern in found if pattern != "/.gitattributes"} == {
        "'_commit' in _copier_conf.data"
    }
    assert ("_copier_operation == 'update'", "/.gitattributes") in found
    excluded = [pattern for _, pattern in found]
    assert excluded == settings["_skip_if_exists"] == settings["yours"]["default"]
