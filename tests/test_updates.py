"""Updates: living services follow, and nothing a team has written is lost or lands elsewhere."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document

GIT = ["git", "-c", "user.name=team", "-c", "user.email=team@example.com"]
OWN_RESOURCE = """
  ReportsBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
"""

# What names all functions, and so follows each that comes or goes.
SHOWS_ALL = {"CodeDeployRole", "Dashboard", "PreTrafficFunction", "PreTrafficRole"}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def commit(repository: Path, tag: str | None = None) -> None:
    run(*GIT, "add", "--all", cwd=repository)
    run(*GIT, "commit", "--quiet", "--allow-empty", "--message", "change", cwd=repository)
    if tag:
        run(*GIT, "tag", tag, cwd=repository)


def resources(service: Path) -> dict[str, Any]:
    return Document.read(service / "template.yaml").data["Resources"]


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path.name}"
    path.write_text(text.replace(before, after))


def functions(service: Path, *words: str) -> str:
    """Do what `make add-function` and its siblings do."""
    return run(sys.executable, "tools/functions.py", *words, cwd=service)


def update(service: Path, *options: str) -> str:
    """Do what a person does who knows Copier: without --trust."""
    return run(sys.executable, "-m", "copier", "update", "--defaults", *options, cwd=service)


def conflicts(service: Path) -> list[str]:
    files = run("git", "ls-files", "--others", "--cached", "--exclude-standard", cwd=service)
    paths = [service / name for name in files.splitlines()]
    return [
        path.name
        for path in paths
        if path.is_file() and re.search(r"^(<<<<<<<|>>>>>>>) ", path.read_text(), re.MULTILINE)
    ] + [path.name for path in paths if path.suffix == ".rej"]


@pytest.fixture(scope="session")
def template(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in two versions: the second changes what every function has, and adds a file."""
    repository = tmp_path_factory.mktemp("versions") / "template"
    shutil.copytree(copier_template, repository, ignore=shutil.ignore_patterns(".git"))
    run("git", "init", "--quiet", cwd=repository)
    commit(repository, tag="v1.0.0")
    edit(
        repository / "template/function.yaml.jinja",
        "      AutoPublishCodeSha256: !Ref Release\n",
        "      AutoPublishCodeSha256: !Ref Release\n      EphemeralStorage:\n        Size: 1024\n",
    )
    edit(
        repository / "template/alarm.yaml.jinja",
        "      TreatMissingData: {{ alarm.missing }}\n",
        "      TreatMissingData: missing\n",
    )
    (repository / "template/project/SECURITY.md").write_text("# Security\n")
    commit(repository, tag="v2.0.0")
    return repository


@pytest.fixture
def render(template: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copy a version of the template as a person does, and commit the service."""

    def copy(name: str, *options: str, version: str = "v1.0.0") -> Path:
        service = tmp_path / name
        command = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"]
        run(*command, "--vcs-ref", version, *options, template, service, cwd=tmp_path)
        run("git", "init", "--quiet", cwd=service)
        commit(service)
        return service

    return copy


@pytest.fixture
def service(render: Callable[..., Path]) -> Path:
    """A living service of the first version: every kind of edit that a team makes."""
    service = render("living")
    template = service / "template.yaml"
    edit(template, "\nOutputs:", f"{OWN_RESOURCE}\nOutputs:")
    edit(template, "Threshold: 25 # worker errors:", "Threshold: 7 # worker errors:")
    edit(template, "DatapointsToAlarm: 3 # items errors", "DatapointsToAlarm: 4 # items errors")
    edit(template, "Timeout: 60 # worker", "Timeout: 45 # worker")
    edit(service / "config/dev.json", '"LogRetentionDays": "14"', '"LogRetentionDays": "7"')
    for path in ("src/service/handlers/worker.py", "src/service/domain/items.py", "README.md"):
        with (service / path).open("a") as file:
            file.write("\n# The team has written this.\n")
    commit(service)
    return service


def assert_edits_are_where_they_were(service: Path, worker: str = "worker") -> None:
    """By logical id, every edit is on its own resource, and nowhere else."""
    found = resources(service)
    assert conflicts(service) == []
    assert found["ReportsBucket"]["Type"] == "AWS::S3::Bucket"
    thresholds = {
        name: resource["Properties"]["Threshold"]
        for name, resource in found.items()
        if name.endswith("ErrorsAlarm")
    }
    assert [name for name, value in thresholds.items() if value == 7] == ["WorkerErrorsAlarm"]
    datapoints = {
        name: resource["Properties"]["DatapointsToAlarm"]
        for name, resource in found.items()
        if name.endswith("Alarm")
    }
    assert [name for name, value in datapoints.items() if value == 4] == ["ItemsErrorsAlarm"]
    timeouts = {
        name: resource["Properties"]["Timeout"]
        for name, resource in found.items()
        if name.endswith("Function")
    }
    assert [name for name, value in timeouts.items() if value == 45] == ["WorkerFunction"]
    assert '"LogRetentionDays": "7"' in (service / "config/dev.json").read_text()
    for path in (f"src/service/handlers/{worker}.py", "src/service/domain/items.py", "README.md"):
        assert "The team has written this." in (service / path).read_text(), f"{path} lost an edit"


def test_an_untouched_service_becomes_a_fresh_render(render: Callable[..., Path]) -> None:
    updated, fresh = render("updated"), render("fresh", version="v2.0.0")
    update(updated)
    assert conflicts(updated) == []
    for path in sorted(fresh.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            relative = path.relative_to(fresh)
            assert (updated / relative).read_bytes() == path.read_bytes(), f"{relative} differs"


def test_a_living_service_follows_and_keeps_its_edits(service: Path) -> None:
    update(service)
    assert_edits_are_where_they_were(service)
    found = resources(service)
    assert all(
        resource["Properties"]["EphemeralStorage"]["Size"] == 1024
        for name, resource in found.items()
        if resource["Type"] == "AWS::Serverless::Function"
    ), "the second version's practice has not reached every function"
    assert (service / "SECURITY.md").exists()


# Before all others, between them, behind them: blocks move past each other.
@pytest.mark.parametrize("name", ["archive", "jobs", "zone-worker"])
def test_a_function_is_added(service: Path, name: str) -> None:
    before = resources(service)
    said = functions(service, "add", name, "sqs")
    after = resources(service)
    assert_edits_are_where_they_were(service)
    kept = before.keys() - SHOWS_ALL
    assert {lid: after[lid] for lid in kept} == {lid: before[lid] for lid in kept}
    stem = "".join(word.capitalize() for word in name.split("-"))
    assert f"+ {stem}Function (AWS::Serverless::Function)" in said
    assert (service / f"src/service/handlers/{name.replace('-', '_')}.py").exists()


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


def test_code_in_typescript_is_renamed_and_kept(render: Callable[..., Path]) -> None:
    service = render("living", "--data", "runtime=nodejs24.x")
    handlers = service / "src/service/handlers"
    for path in (handlers / "worker.ts", handlers / "report.ts"):
        path.write_text(path.read_text() + "// The team has written this.\n")
    lock = (service / "package-lock.json").read_text()
    commit(service)
    before = resources(service)
    functions(service, "rename", "worker", "order-jobs")
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
    functions(service, "remove", "report")
    assert "The team has written this." in (handlers / "report.ts").read_text()
    assert (service / "src/service/adapters/schedule.ts").exists(), "the code is orphaned"
    commit(service)
    functions(service, "add", "audit", "sqs")
    assert (handlers / "audit.ts").exists()
    assert (service / "package-lock.json").read_text() == lock, "the team's lock is touched"


def test_a_renamed_http_function_keeps_its_path(service: Path) -> None:
    functions(service, "rename", "items", "orders")
    events = resources(service)["ItemsFunction"]["Properties"]["Events"]
    assert events["Receive"]["Properties"]["Path"] == "/items"
    assert_edits_are_where_they_were(service)


def test_a_function_is_tuned(service: Path) -> None:
    functions(service, "tune", "report", "timeout: 300, alarms: {errors: 3}")
    found = resources(service)
    assert found["ReportFunction"]["Properties"]["Timeout"] == 300
    assert found["ReportErrorsAlarm"]["Properties"]["Threshold"] == 3
    assert_edits_are_where_they_were(service)


def test_changes_of_functions_and_a_new_version_follow_each_other(service: Path) -> None:
    for words in (["add", "audit", "sqs"], ["rename", "worker", "jobs"], ["remove", "report"]):
        functions(service, *words)
        commit(service)
    functions(service, "update")
    assert_edits_are_where_they_were(service, worker="jobs")
    assert resources(service)["AuditFunction"]["Properties"]["EphemeralStorage"]["Size"] == 1024


def test_a_mapping_that_leaves_a_function_out_says_what_goes(service: Path) -> None:
    mapping = "functions={items: http_api, worker: sqs}"
    said = update(service, "--data", mapping, "--vcs-ref", ":current:")
    assert re.search(r"Removed from template.yaml.*: report\.", said)
    assert_edits_are_where_they_were(service)
    assert "ReportFunction" not in resources(service)
    assert (service / "src/service/handlers/report.py").exists()


def test_edits_of_a_function_that_goes_are_marked_and_not_lost(service: Path) -> None:
    mapping = "functions={items: http_api, report: schedule}"
    update(service, "--data", mapping, "--vcs-ref", ":current:")
    assert set(conflicts(service)) == {"template.yaml"}
    assert "Threshold: 7 # worker errors:" in (service / "template.yaml").read_text()
    assert "The team has written this." in (service / "src/service/handlers/worker.py").read_text()


def test_a_changed_service_name_moves_no_file(service: Path) -> None:
    update(service, "--data", "service_name=order-desk", "--vcs-ref", ":current:")
    assert_edits_are_where_they_were(service)
    status = run("git", "status", "--porcelain", cwd=service).splitlines()
    assert not [line for line in status if not line.startswith(" M")], "files came or went"
    assert "order-desk-dev" in (service / "samconfig.toml").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "worker", "sqs"], "Use another name"),
        (["add", "x", "kafka"], "Use http_api, sqs, schedule"),
        (["add", "My Worker", "sqs"], "Use a-z, 0-9, single hyphens"),
        (["remove", "nobody"], "Use one of items, report, worker"),
        (["rename", "worker", "items"], "Use another name"),
        (["tune", "worker", "timeout: fast"], "Give 1 to 900 seconds"),
        (["tune", "worker", "timeout 60"], "Write it like"),
        (["tune", "worker", "a: [1"], "Write it like"),
        (["tune", "worker", "60"], "Write it like"),
        (["tune", "worker", "id: other"], "Leave id as it is"),
    ],
)
def test_a_wrong_command_is_told_in_a_sentence_and_changes_nothing(
    service: Path, words: list[str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "tools/functions.py", *words], cwd=service, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert done.stderr.startswith(sentence), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert run("git", "status", "--porcelain", cwd=service) == ""


def test_an_answer_to_no_question_is_refused_on_update_too(service: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "copier", "update", "--defaults", "--data", "funktions={a: sqs}"],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert "Correct or drop funktions" in done.stderr
    assert run("git", "status", "--porcelain", cwd=service) == ""


@pytest.mark.parametrize(
    ("stored", "passed", "sentence"),
    [
        ("secrets: {key: {level: high, rotate: 30}}", "functions={rotate-key: sqs}", "Rename the"),
        ("secrets: {tz: medium}", "owner=tools", "Use another name"),
        ("functions: {worker: {trigger: sqs, timeout: 9999}}", "owner=tools", "Give 1 to 900"),
    ],
)
def test_a_stored_answer_that_is_refused_stops_the_update(
    service: Path, stored: str, passed: str, sentence: str
) -> None:
    # Copier by itself would take the default in its place, and the secrets would be gone.
    answers = service / ".copier-answers.yml"
    given = yaml.safe_load(answers.read_text()) | yaml.safe_load(stored)
    answers.write_text(yaml.safe_dump(given))
    commit(service)
    done = subprocess.run(
        [sys.executable, "-m", "copier", "update", "--defaults", "--data", passed],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert f": {sentence}" in done.stderr
    assert run("git", "status", "--porcelain", cwd=service) == ""


def test_an_answer_to_a_question_of_the_past_stops_no_update(service: Path) -> None:
    with (service / ".copier-answers.yml").open("a") as file:
        file.write("colour: red\n")
    commit(service)
    update(service)
    assert_edits_are_where_they_were(service)


def test_uncommitted_work_is_never_mixed_with_an_update(service: Path) -> None:
    (service / "README.md").write_text("changed")
    done = subprocess.run(
        [sys.executable, "tools/functions.py", "update"],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert "Commit or stash" in done.stderr
    assert (service / "README.md").read_text() == "changed"


def test_a_conflict_fails_the_command_that_made_it(service: Path) -> None:
    # given edits of the very lines that the second version changes
    path = service / "template.yaml"
    text = path.read_text()
    path.write_text(text.replace("TreatMissingData: notBreaching", "TreatMissingData: breaching"))
    commit(service)
    done = subprocess.run(
        [sys.executable, "tools/functions.py", "update"],
        cwd=service,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0, "Copier itself ends with 0 on a conflict"
    assert "template.yaml" in done.stderr
