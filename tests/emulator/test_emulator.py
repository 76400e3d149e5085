"""The rendered service with IAM enforced: traffic, failures, changes, permissions, redrives."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from docs.written.facts import kind as facts
from docs.written.facts import kind_names, stem
from tests.conftest import one_of_each_kind, others_of_each_kind
from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service, eventually

POLLED = [kind for kind in kind_names() if "polls" in facts(kind)["source"]]


@of_any_language
def test_the_service_passes_its_own_integration_tests(deployed: Service) -> None:
    said = deployed.passes(*one_of_each_kind(), *others_of_each_kind(deployed.language.runtime))
    assert "skipped" not in said, f"a test was not run:\n{said}"


@of_any_language
@pytest.mark.parametrize("function", one_of_each_kind())
def test_a_version_answers_the_probe_and_writes_nothing(deployed: Service, function: str) -> None:
    # when
    answer = deployed.client("lambda").invoke(
        FunctionName=deployed.resource(f"{stem(function)}Function"),
        Qualifier="live",
        Payload=b'{"probe": true}',
    )
    # then
    assert json.load(answer["Payload"]) == {"probed": ["start", "table"]}
    probed = deployed.client("dynamodb").get_item(
        TableName=deployed.resource("Table"), Key={"pk": {"S": "probe"}}
    )
    assert "Item" not in probed


@of_any_language
def test_what_is_changed_reaches_the_alias_and_the_api(deployed: Service) -> None:
    # given
    api = {"restApiId": deployed.resource("RestApi"), "modelName": "newitem"}
    before = deployed.alias("ItemsFunction")
    assert before["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == "DEBUG"
    # when
    warning = deployed.language.warning
    deployed.edit("config/dev.json", '"LogLevel": "DEBUG"', f'"LogLevel": "{warning}"')
    deployed.edit("template.yaml", "required: [name, quantity]", "required: [name]")
    announced = "Deploying what has changed on disk."
    for said in (announced, ""):
        done = deployed.local_aws("run", "--deploy", "true")
        assert (done.returncode, done.stdout.strip()) == (0, said), done.stderr
    # then
    after = deployed.alias("ItemsFunction")
    assert after["Version"] != before["Version"], "the alias still points to the old version"
    assert after["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == warning, (
        "callers of the alias are served with the old parameter"
    )
    assert deployed.resource("RestApi") == api["restApiId"], "the REST API is another one"
    model = json.loads(deployed.client("apigateway").get_model(**api)["schema"])
    assert model["required"] == ["name"], "the REST API asks for what it asked before"


@of_any_language
def test_a_call_without_its_permission_is_denied(deployed: Service) -> None:
    with deployed.with_rights("ItemsRole", "dynamodb:PutItem", "dynamodb:DescribeTable"):
        done = deployed.test("items")
    assert done.returncode == 1, "the test passes without the permission: roles are not enforced"
    assert "AccessDenied" in deployed.logged("ItemsLogs"), deployed.logged("ItemsLogs")


@of_any_language
@pytest.mark.parametrize(
    "kind", [kind for kind in kind_names() if "polls" in facts(kind)["source"]]
)
def test_a_poller_without_its_permission_is_not_deployed(deployed: Service, kind: str) -> None:
    # given a function whose role may not read what those of the kind are fed by
    own = deployed.resource(f"{stem(facts(kind)['default_name'])}Function")
    other = next(
        entry["default_name"]
        for entry in map(facts, kind_names())
        if not set(facts(kind)["source"]["polls"]) <= set(entry["source"].get("polls", []))
    )
    (polled,) = (
        one
        for one in deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        if f":{own}:" in one["FunctionArn"]
    )
    mapping = {key: polled[key] for key in ("EventSourceArn", "StartingPosition") if key in polled}
    mapping["FunctionName"] = deployed.resource(f"{stem(other)}Function")
    poller = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}
    stacks, name = deployed.client("cloudformation"), f"poller-{kind.replace('_', '-')}"
    # when
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Poller": poller}}))

    def ended() -> str:
        status = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return "" if status.endswith("IN_PROGRESS") else str(status)

    status = eventually(ended, "the stack is still being made")
    # then
    assert status == "ROLLBACK_COMPLETE", "a function polls what it may not read"
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert [reason for reason in reasons if "AccessDenied" in reason], reasons


def redrive(service: Service, function: str, *words: str) -> subprocess.CompletedProcess[str]:
    words = ("make", "--silent", "redrive", "ENV=dev", f"FN={function}", *words)
    return service.local_aws("run", *words)


QUEUES = [
    pytest.param(facts(kind)["default_name"], id=kind)
    for kind in kind_names()
    if facts(kind)["source"]["type"] == "AWS::SQS::Queue"
]


def letters(service: Service, queue: str) -> list[str]:
    """The bodies of all letters of a queue, which stay there."""
    found = service.client("sqs").receive_message(
        QueueUrl=service.resource(queue), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return sorted(letter["Body"] for letter in found.get("Messages", []))


def scheduled(service: Service, day: int) -> dict[str, Any]:
    """An event of the schedule, a few decades ago."""
    event = json.loads((service.folder / "events/report.json").read_text())
    return event | {"time": f"1999-01-{day:02}T06:00:00Z"}


def reported(service: Service) -> set[str]:
    found = service.client("dynamodb").scan(TableName=service.resource("Table"))["Items"]
    return {item["pk"]["S"] for item in found if item["pk"]["S"].startswith("report#1999")}


@of_any_language
def test_events_run_again_and_what_is_none_stays(deployed: Service) -> None:
    # given a record of Lambda, what Scheduler keeps, and what neither of them has written
    record = {"requestContext": {"condition": "RetriesExhausted"}}
    of_lambda = record | {"requestPayload": scheduled(deployed, 2)}
    request = {"FunctionName": "report", "Payload": json.dumps(scheduled(deployed, 3))}
    of_scheduler = {
        "SCHEDULE_ARN": {"DataType": "String", "StringValue": "arn:aws:scheduler:::schedule/g/n"},
        "ERROR_CODE": {"DataType": "String", "StringValue": "AWS.Scheduler.Denied"},
    }
    foreign = ["no JSON", json.dumps(record | {"KinesisBatchInfo": {}}), '{"Message": "of SNS"}']
    queue, sqs = deployed.resource("ReportDeadLetters"), deployed.client("sqs")
    for body in (json.dumps(of_lambda), *foreign):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    body = json.dumps(request)
    sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=of_scheduler)
    # when nobody is there to be asked
    asked = redrive(deployed, "report")
    # then
    assert asked.returncode != 0
    assert "Add YES=1" in asked.stderr
    assert "Dead letters: about 5" in asked.stdout
    assert "event: AWS.Scheduler.Denied" in asked.stdout
    assert "event: RetriesExhausted" in asked.stdout
    assert len(letters(deployed, "ReportDeadLetters")) == 5
    # when
    done = redrive(deployed, "report", "YES=1")
    # then
    assert "Handed to the function again: 2 events" in done.stdout, done.stdout + done.stderr
    assert done.stderr.count("stays: it is no JSON") == 1
    assert done.stderr.count("stays: it is not as") == 1, "a stream's letter without its records"
    assert done.stderr.count("stays: nobody who feeds this function has left it") == 1
    assert "Look at what is left: about 3 dead letters." in done.stderr
    assert letters(deployed, "ReportDeadLetters") == sorted(foreign)
    both = {"report#1999-01-01", "report#1999-01-02"}
    eventually(lambda: reported(deployed) == both, "the events have not run again")
    sqs.purge_queue(QueueUrl=queue)


@of_any_language
@pytest.mark.parametrize("function", QUEUES)
def test_messages_go_back_to_their_queue(deployed: Service, function: str) -> None:
    # given
    sqs, dead = deployed.client("sqs"), f"{stem(function)}DeadLetters"
    queue = deployed.resource(f"{stem(function)}Queue")
    own = {"MessageGroupId": "a", "MessageDeduplicationId": "1"} if ".fifo" in queue else {}
    sqs.purge_queue(QueueUrl=deployed.resource(dead))
    sqs.send_message(QueueUrl=queue, MessageBody="poison", **own)
    eventually(lambda: letters(deployed, dead) == ["poison"], "poison is not given up")
    # when
    done = redrive(deployed, function, "YES=1")
    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Dead letters: about 1" in done.stdout
    assert "Messages moved back: about 1" in done.stdout
    eventually(lambda: letters(deployed, dead) == ["poison"], "it has not been tried again")
    sqs.purge_queue(QueueUrl=deployed.resource(dead))
    done = redrive(deployed, function, "YES=1")
    assert (done.returncode, done.stdout) == (0, f"{function} has no dead letters.\n")


@of_any_language
def test_changes_of_a_table_are_read_again_as_the_filter_lets_them_through(
    deployed: Service,
) -> None:
    # given a letter about a change, which lies between others that its function never got
    table, name = deployed.client("dynamodb"), f"letter {uuid4()}"
    keys = [f"{prefix}#{uuid4()}" for prefix in ("outbox", "item", "done")]
    for key in keys:
        item = {"pk": {"S": key}, "name": {"S": name}, "quantity": {"N": "2"}}
        table.put_item(TableName=deployed.resource("Table"), Item=item)

    def processed() -> list[str]:
        found = table.scan(TableName=deployed.resource("Table"))["Items"]
        return [item["pk"]["S"] for item in found if "status" in item and item["name"]["S"] == name]

    eventually(processed, "the change is not worked off")
    streams = deployed.client("dynamodbstreams")
    stream = streams.list_streams(TableName=deployed.resource("Table"))["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    whole = {"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**whole)["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    numbers = {
        one["dynamodb"]["Keys"]["pk"]["S"]: one["dynamodb"]["SequenceNumber"] for one in records
    }
    (mapping,) = deployed.client("lambda").list_event_source_mappings(EventSourceArn=stream)[
        "EventSourceMappings"
    ]
    batch = {"streamArn": stream, "shardId": shard, "batchSize": 1}
    batch |= {"startSequenceNumber": numbers[keys[0]], "endSequenceNumber": numbers[keys[2]]}
    request = {"condition": "RecordAgeExceeded", "functionArn": mapping["FunctionArn"]}
    letter = {"requestContext": request, "DDBStreamBatchInfo": batch}
    before = processed()
    queue = deployed.resource("FollowerDeadLetters")
    deployed.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(letter))
    # when
    done = redrive(deployed, "follower", "YES=1")
    # then the work that is done already has no second effect
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RecordAgeExceeded, batch of 1" in done.stdout
    assert "Handed to the function again: 1 events" in done.stdout
    assert processed() == before


@of_any_language
def test_what_cannot_be_asked_is_told_in_a_sentence(deployed: Service) -> None:
    tool = (".venv/bin/python", "tools/redrive.py", "nobody", "eu-west-1", "worker")
    done = deployed.local_aws("run", *tool)
    assert done.returncode != 0
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Deploy it first, or log in to the account that has it: ")


# Last, since a minute must pass after the deployment, and the tests before this one use it.
@of_any_language
def test_the_schedule_runs_its_function(deployed: Service) -> None:
    table = deployed.client("dynamodb")
    name = deployed.resource("Table")

    def reported() -> bool:
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
        found = table.get_item(TableName=name, Key={"pk": {"S": f"report#{yesterday}"}})
        return "Item" in found

    eventually(reported, "no report of yesterday is stored: the schedule runs nothing")
