"""The pages of alarms on the emulator: each command of theirs is run, a remedy behind its look."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from threading import Timer
from typing import Any

import pytest
from botocore import xform_name

from tests.emulator.conftest import of_any_language
from tests.emulator.service import LOCAL, PATIENCE, Service
from tests.emulator.test_executions import ended
from tests.runbook.cli import read
from tests.runbook.page import Command, Page, pages

SHOWN = {
    "UUID": r'"([0-9a-f]{8}-[0-9a-f-]{27})"',
    "EXECUTION": r'"(arn:aws:states:[^"]+:execution:[^"]+)"',
    "GROUP": r'"Name": "LogGroupName", "Value": "([^"]+)"',
    "HANDLE": r'"ReceiptHandle": "([^"]+)"',
    "RULE_ARN": r'"(arn:aws:events:[^"]+:rule/[^"]+)"',
}
"""What a page lets one paste: by which pattern it is found in what was shown."""

DENIED = {"ERROR_CODE": "AWS.Scheduler.Denied", "ERROR_MESSAGE": "not authorized"}
RULE = {"RULE_ARN": "arn:aws:events:eu-west-1:000000000000:rule/bus/rule"}
LETTER = {
    name: {"DataType": "String", "StringValue": text} for name, text in (DENIED | RULE).items()
}


class Shell:
    """A shell that is prepared as the runbook says, and somebody who reads what it shows."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pasted: dict[str, str] = {}

    def run(self, command: Command) -> Any:
        """Run a command of the AWS CLI by the SDK; return what it shows."""
        call = read([self._expanded(word) for word in command.words])
        if call is None or call.waits:
            return "nothing"
        given = {name: self._content(value) for name, value in call.parameters.items()}
        client = self._service.client(call.service)
        answer = getattr(client, xform_name(call.operation))(**given)
        answer.pop("ResponseMetadata")
        shown = call.shown(answer)
        for place, pattern in SHOWN.items():
            if found := re.search(pattern, json.dumps(shown, default=str)):
                self._pasted[place] = found[1]
        return shown

    def _expanded(self, word: str) -> str:
        word = re.sub(r"\$\(physical (\w+)\)", lambda at: self._service.resource(at[1]), word)
        # What is pasted into an ARN stands between colons.
        word = re.sub(r"(?<=:)\w+(?=:)", lambda at: self._pasted.get(at[0], at[0]), word)
        return self._pasted.get(word, word.replace("$ENV", "dev"))

    def _content(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("file://"):
            return (self._service.folder / value.removeprefix("file://")).read_bytes()
        return value


def of_alarms(service: Service) -> list[Page]:
    """The pages that an alarm leads to."""
    begun = re.compile(r"\s*\*\*(Page|Ticket)\.\*\* ")
    return [page for page in pages(service.folder) if begun.match(page.text)]


@pytest.fixture
def dead_letters(deployed: Service) -> Iterator[list[str]]:
    """The queues of dead letters, empty; what remedies have left is taken back afterwards."""
    sqs, functions = deployed.client("sqs"), deployed.client("lambda")
    queues = [url for url in sqs.list_queues()["QueueUrls"] if "DeadLetters" in url]
    for url in queues:
        sqs.purge_queue(QueueUrl=url)
    yield queues
    for url in queues:
        sqs.purge_queue(QueueUrl=url)
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if "StartingPosition" in mapping:  # of a stream
            functions.update_event_source_mapping(UUID=mapping["UUID"], ParallelizationFactor=1)


@pytest.fixture
def _failed_execution(deployed: Service) -> None:
    """An execution that has failed, which no redrive can help."""
    machine = deployed.resource("StateMachine")
    started = deployed.client("stepfunctions").start_execution(stateMachineArn=machine, input="{}")
    assert ended(deployed, started["executionArn"])["status"] == "FAILED"


@pytest.mark.usefixtures("_failed_execution")
@of_any_language
def test_every_command_of_an_alarm_does_what_its_page_says(
    deployed: Service, dead_letters: list[str]
) -> None:
    sqs, found = deployed.client("sqs"), {}
    for page in of_alarms(deployed):
        # given a letter in each queue of dead letters, and nothing else
        for url in dead_letters:
            sqs.purge_queue(QueueUrl=url)
            own = {"MessageGroupId": "a", "MessageDeduplicationId": page.title}
            own = own if url.endswith(".fifo") else {}
            sqs.send_message(QueueUrl=url, MessageBody="a letter", MessageAttributes=LETTER, **own)
        # when the commands of a page are run, as they stand there
        shell = Shell(deployed)
        typed = [one for one in page.commands() if one.words[0] == "aws" and not one.named]
        found[page.title] = {" ".join(one.words[1:]): shell.run(one) for one in typed}
    # then each shows what it was asked for, and what is done is done
    for title, shown in found.items():
        for command, answer in shown.items():
            if "--query" in command:
                assert answer, f"{title}: {command} shows nothing"
            if "--reserved-concurrent-executions" in command:
                assert answer["ReservedConcurrentExecutions"] == 100
            if "--no-enabled" in command:
                assert answer["State"].startswith("Disabl")
            elif "--enabled" in command:
                assert answer["State"].startswith("Enabl")
            if title.endswith("dead letters") and "get-queue-attributes" in command:
                assert set(answer["Attributes"].values()) == {"0"}, "its letter is still there"
    (letter,) = (
        answer
        for command, answer in found["schedules deliveries"].items()
        if "receive-message" in command
    )
    assert letter == [["a letter", list(DENIED.values())]]


@of_any_language
def test_what_the_hook_before_traffic_has_logged_is_followed(deployed: Service) -> None:
    # given a deployment that is not there, which the hook refuses
    event = {"DeploymentId": "d-unknown", "LifecycleEventHookExecutionId": "e-unknown"}
    function = deployed.resource("PreTrafficFunction")
    deployed.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    # when
    words = ("make", "--silent", "logs", "ENV=dev", "FN=pre-traffic", "SINCE=1h")
    tool = (*LOCAL, "run", *words)
    with subprocess.Popen(
        tool,
        cwd=deployed.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        end = Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        said = ""
        for line in process.stdout:
            said += line
            if "d-unknown" in line:
                end.cancel()
                os.killpg(process.pid, signal.SIGKILL)
    # then
    assert "d-unknown" in said, f"nothing of it is shown: {said}"
    assert "collects telemetry" not in said
