"""Functions come and go by the service's own commands: edits and code stay where they belong."""

import re
from pathlib import Path

import pytest

from docs.written.facts import kind_names, stem
from tests.updates.conftest import RenderVersion
from tests.updates.living import (
    GOLDEN_PATH,
    assert_edits_are_where_they_were,
    changed,
    commit,
    conflicts,
    edit,
    functions,
    refused,
    resources,
    run,
)

# What names all functions, and so follows each that comes or goes.
SHOWS_ALL = {"Dashboard"}
OFFERED = "Choose a kind there is"


# Before all others, between them, behind them: blocks move past each other.
ADDED = {"archive": "sqs", "jobs": "function_url", "zone-worker": "s3"}
ALIKE = [f"zone-{kind.replace('_', '-')}" for kind in kind_names() if kind not in ADDED.values()]


@pytest.mark.parametrize(
    "name", [*ADDED, *(pytest.param(name, marks=pytest.mark.all_rows) for name in ALIKE)]
)
def test_a_function_is_added(service: Path, name: str) -> None:
    before = resources(service)
    kind = ADDED.get(name) or name.removeprefix("zone-").replace("-", "_")
    said = functions(service, "add", name, kind)
    after = resources(service)
    assert_edits_are_where_they_were(service)
    follows = SHOWS_ALL | ({"Table"} if kind == "dynamodb_stream" else set())
    kept = before.keys() - follows
    assert {lid: after[lid] for lid in kept} == {lid: before[lid] for lid in kept}
    assert f"+ {stem(name)}Function (AWS::Serverless::Function)" in said
    assert (service / f"src/service/handlers/{name.replace('-', '_')}.py").exists()
    # Of what the service has already, the roles of delivery know all.
    renew = "Run `make bootstrap ENV=` for each environment before the next release"
    assert (renew in said) == (kind not in {"http_api", "schedule", "sqs", "sqs_fifo"}), said


@pytest.mark.parametrize("name", ["items", "report"])
def test_a_function_is_removed_and_its_code_stays(service: Path, name: str) -> None:
    if name == "items":
        # An edit of the function that goes may go with it.
        edit(service / "template.yaml", "DatapointsToAlarm: 4 #", "DatapointsToAlarm: 3 #")
        commit(service)
    handler = (service / f"src/service/handlers/{name}.py").read_text()
    before = resources(service)
    said = functions(service, "remove", name)
    after = resources(service)
    stem = name.capitalize()
    assert conflicts(service) == []
    assert f"{stem}Function" not in after
    assert f"- {stem}Function (AWS::Serverless::Function)" in said, "it is not said what goes"
    gone = (stem, "HttpApi", "ScheduleGroup")
    kept = {lid for lid in before if not lid.startswith(gone)} - SHOWS_ALL
    assert {lid: after[lid] for lid in kept} == {lid: before[lid] for lid in kept}
    assert (service / f"src/service/handlers/{name}.py").read_text() == handler
    for adapter in re.findall(r"from service\.adapters import (\w+)", handler):
        assert (service / f"src/service/adapters/{adapter}.py").exists(), "the code is orphaned"


def test_a_function_is_renamed_and_keeps_its_resources(service: Path) -> None:
    before = resources(service)
    functions(service, "rename", "worker", "jobs")
    after = resources(service)
    assert_edits_are_where_they_were(service, worker="jobs")
    assert set(after) == set(before), "a rename would replace queues and roles"
    assert after["WorkerFunction"]["Properties"]["Handler"] == "service.handlers.jobs.handler"
    assert not (service / "src/service/handlers/worker.py").exists()
    test = (service / "tests/unit/handlers/test_jobs.py").read_text()
    assert "service.handlers.jobs" in test
    assert "worker import" not in test


def test_code_in_typescript_is_renamed_and_kept(render_version: RenderVersion) -> None:
    service = render_version("typescript", runtime="nodejs24.x")
    handlers = service / "src/service/handlers"
    for path in (handlers / "worker.ts", handlers / "report.ts"):
        path.write_text(path.read_text() + "// The team has written this.\n")
    lock = (service / "package-lock.json").read_text()
    commit(service)
    before = resources(service)
    # when
    functions(service, "rename", "worker", "order-jobs")
    # then
    after = resources(service)
    assert set(after) == set(before), "a rename would replace queues and roles"
    assert after["WorkerFunction"]["Properties"]["Handler"] == "order-jobs.handler"
    assert after["WorkerFunction"]["Properties"]["CodeUri"] == ".build/package/order-jobs"
    assert "The team has written this." in (handlers / "order-jobs.ts").read_text()
    assert not (handlers / "worker.ts").exists()
    test = (service / "tests/unit/handlers/order-jobs.test.ts").read_text()
    assert "#service/handlers/order-jobs.ts" in test
    assert '"worker"' not in test
    commit(service)
    # when
    functions(service, "remove", "report")
    # then
    assert "The team has written this." in (handlers / "report.ts").read_text()
    assert (service / "src/service/adapters/schedule.ts").exists(), "the code is orphaned"
    commit(service)
    # when
    functions(service, "add", "audit", "sqs")
    # then
    assert (handlers / "audit.ts").exists()
    assert (service / "package-lock.json").read_text() == lock, "the team's lock is touched"


def test_a_renamed_http_function_keeps_its_path(service: Path) -> None:
    functions(service, "rename", "items", "orders")
    events = resources(service)["ItemsFunction"]["Properties"]["Events"]
    assert events["Receive"]["Properties"]["Path"] == "/items"
    assert_edits_are_where_they_were(service)


def test_a_function_is_tuned(service: Path) -> None:
    said = functions(service, "tune", "report", "timeout: 300, alarms: {errors: 3}")
    assert said.endswith(
        "report is tuned. Look at `git diff`, then `make lint rules test`, and commit.\n"
    )
    found = resources(service)
    assert found["ReportFunction"]["Properties"]["Timeout"] == 300
    assert found["ReportErrorsAlarm"]["Properties"]["Threshold"] == 3
    assert_edits_are_where_they_were(service)


def test_a_function_changes_its_kind_and_its_code_stays(service: Path) -> None:
    # given a worker that is edited in template.yaml where its kind does not matter
    edit(service / "template.yaml", "Threshold: 7 # worker", "Threshold: 25 # worker")
    edit(service / "template.yaml", "Timeout: 45 # worker", "Timeout: 60 # worker")
    commit(service)
    before = resources(service)
    handler = (service / "src/service/handlers/worker.py").read_text()
    # when
    said = functions(service, "change", "worker", "schedule")
    # then
    after = resources(service)
    assert conflicts(service) == []
    (event,) = after["WorkerFunction"]["Properties"]["Events"].values()
    assert event["Type"] == "ScheduleV2"
    assert "- WorkerQueue (AWS::SQS::Queue), which stays on AWS" in said
    others = {lid for lid in before if not lid.startswith("Worker")} - SHOWS_ALL
    assert {lid: after[lid] for lid in others} == {lid: before[lid] for lid in others}
    assert (service / "src/service/handlers/worker.py").read_text() == handler
    assert (service / "src/service/adapters/sqs.py").exists(), "the code is orphaned"
    assert "Yours, and still written for sqs: src/service/handlers/worker.py" in said
    # when the team begins anew, as it is told
    commit(service)
    run("git", "rm", "--quiet", *re.search(r"written for sqs: (.*)", said)[1].split(), cwd=service)
    commit(service)
    functions(service, "change", "worker", "schedule")
    # then
    assert "schedule" in (service / "src/service/handlers/worker.py").read_text()
    assert (service / "events/worker.json").exists()


def test_a_rename_does_not_take_the_place_of_the_teams_files(service: Path) -> None:
    # given the event of a function that was there before, which git is told to pass over
    with (service / ".gitignore").open("a") as ignored:
        ignored.write("events/goods.json\n")
    commit(service)
    (service / "events/goods.json").write_text("{}\n")
    said = refused(*GOLDEN_PATH, "rename-function", "worker", "goods", cwd=service)
    assert said.endswith("move these away, which are yours: events/goods.json.\n"), said
    assert (service / "events/goods.json").read_text() == "{}\n"
    assert changed(service) == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "worker", "sqs"], "Use another name"),
        (["add", "x", "kafka"], OFFERED),
        (["add", "My Worker", "sqs"], "Use a-z, 0-9, single hyphens"),
        (["remove", "nobody"], "Use one of items, report, worker"),
        (["rename", "worker", "items"], "Use another name"),
        (["tune", "worker", "timeout: fast"], "Give 1 to 900 seconds"),
        (["tune", "worker", "timeout 60"], "Write it like"),
        (["tune", "worker", "a: [1"], "Write it like"),
        (["tune", "worker", "60"], "Write it like"),
        (["tune", "worker", "timeout: 2026-13-45"], "Write it like"),
        (["tune", "worker", "timeout: !!int x"], "Write it like"),
        (["tune", "worker", "alarms: &x [*x]"], "Write it like"),
        (["tune", "worker", "id: other"], "Leave id as it is"),
        (["tune", "worker", "trigger: schedule"], "Use `make change-function"),
        (["change", "worker", "sqs"], "Use another kind"),
        (["change", "worker", "kafka"], OFFERED),
        (["change", "nobody", "sqs"], "Use one of items, report, worker"),
    ],
)
def test_a_wrong_command_is_told_in_a_sentence_and_changes_nothing(
    service: Path, words: list[str], sentence: str
) -> None:
    verb, *given = words
    said = refused(*GOLDEN_PATH, f"{verb}-function", *given, cwd=service)
    assert said.startswith(sentence), said
    assert len(said.splitlines()) == 1
    assert changed(service) == ""
