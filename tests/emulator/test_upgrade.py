"""A deployed service of the last release is updated and deployed again, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest

from tests.conftest import ROOT, SetUp
from tests.emulator.conftest import PYTHON, TOOLS
from tests.emulator.service import Service
from tests.installed import lend
from tests.pythons import newest
from tests.swift import in_processes
from tests.updates.history import NEXT, WORKING_TREE, as_template
from tests.updates.living import begin, commit, edit, functions, resources, run, update

FUNCTIONS = {
    "intake": "sqs",
    "items": "http_api",
    "jobs": "sqs",
    "worker": {"trigger": "sqs", "timeout": 5, "max_receives": 1},
}
KEPT = ("WorkerDeadLetters", "IntakeDeadLetters", "JobsDeadLetters")
OWN = """
  OwnTopic:
    Type: AWS::SNS::Topic
    Properties:
      KmsMasterKeyId: !Ref AlarmKey
"""


@pytest.fixture
def service(set_up: SetUp, tmp_path: Path) -> Iterator[Service]:
    """A service of the last release, with edits, deployed."""
    template, folder = tmp_path / "template", tmp_path / "service"
    last = as_template(ROOT, template)[-3]  # before the working tree and what comes after it
    answers = {"runtime": f"python{newest()[0]}", "functions": FUNCTIONS}
    source = str(template)
    copier.run_copy(source, folder, answers, vcs_ref=last, defaults=True, quiet=True)
    lend(set_up(tmp_path / "installed", *TOOLS), folder)
    edit(
        folder / "template.yaml", "Threshold: 25 # worker errors:", "Threshold: 7 # worker errors:"
    )
    edit(folder / "template.yaml", "\nOutputs:", f"{OWN}\nOutputs:")
    begin(folder)
    made = Service(folder, PYTHON)
    made.deploy("start")
    made.bring_back_soon()
    yield made
    made.stop()


def items(service: Service) -> dict[str, Any]:
    found = service.client("dynamodb").scan(TableName=service.resource("Table"))["Items"]
    return {item["pk"]["S"]: item for item in found}


def upgrade(folder: Path) -> None:
    """Do what a team does: a release, a function at a time, a release with a key; commit each."""
    update(folder, "--vcs-ref", WORKING_TREE)
    commit(folder)
    for words in (
        ("add", "audit", "sqs"),
        ("add", "follower", "dynamodb_stream"),
        ("rename", "worker", "packer"),
        ("remove", "intake"),
        ("change", "jobs", "schedule"),
    ):
        functions(folder, *words)
        commit(folder)
    # The code of the changed function is begun anew from the sample of its kind.
    tests = ("tests/unit/handlers/test_jobs.py", "tests/integration/test_jobs.py")
    code = ("src/service/handlers/jobs.py", "events/jobs.json", *tests)
    run("git", "rm", "--quiet", *code, cwd=folder)
    commit(folder)
    update(folder, "--vcs-ref", NEXT, "--data", "encryption=own")
    commit(folder)


def test_data_and_messages_outlive_an_upgrade_and_traffic_works(service: Service) -> None:
    # given items in the table, and messages that wait in queues
    service.passes("items", "worker")
    stored = items(service)
    assert stored
    queues = service.client("sqs")
    urls = {name: service.resource(name) for name in KEPT}
    for name, url in urls.items():
        queues.send_message(QueueUrl=url, MessageBody=f"kept in {name}")
    table, topic = service.resource("Table"), service.resource("OwnTopic")
    # when
    with in_processes():
        upgrade(service.folder)
    service.deploy("deploy")
    # then
    assert service.resource("Table") == table, "its stream has replaced the table"
    assert service.resource("OwnTopic") == topic
    assert stored.items() <= items(service).items(), "what was in the table is gone"
    for name, url in urls.items():
        found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        bodies = [message["Body"] for message in found.get("Messages", [])]
        assert f"kept in {name}" in bodies, f"the messages of {name} are gone"
    key = service.client("sqs").get_queue_attributes(
        QueueUrl=urls["WorkerDeadLetters"], AttributeNames=["KmsMasterKeyId"]
    )
    assert key["Attributes"]["KmsMasterKeyId"] == service.resource("DataKey")
    assert service.resource("WorkerDeadLetters") == urls["WorkerDeadLetters"]
    found = resources(service.folder)
    assert found["WorkerErrorsAlarm"]["Properties"]["Threshold"] == 7
    service.passes("items", "packer", "audit", "follower", "jobs")
