"""A service's own comparison of calls with a role, resource by resource, whatever the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = """
Globals:
  Function:
    Environment:
      Variables: {ENVIRONMENT: !Ref Environment, TABLE_NAME: !Ref Table}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Queue: {Type: AWS::SQS::Queue}
  OtherQueue: {Type: AWS::SQS::Queue}
  Bucket: {Type: AWS::S3::Bucket}
  KeySecret: {Type: AWS::SecretsManager::Secret}
  ItemsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: items
      Role: !GetAtt ItemsRole.Arn
      Environment:
        Variables:
          QUEUE_URL: !Ref Queue
          BUCKET: !Ref Bucket
          KEY_REF: !Ref KeySecret
          TOKEN_REF: !Sub /orders/${Environment}/token
  ItemsRole:
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Sid: WriteOwnLogs, Action: logs:PutLogEvents, Resource: "*"}
              - {Sid: Own, Action: ACTION, Resource: RESOURCE}
"""
VALUES = {
    "ENVIRONMENT": "test",
    "TABLE_NAME": "items",
    "QUEUE_URL": "https://queue.example/1/orders",
    "BUCKET": "files",
    "KEY_REF": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key",
    "TOKEN_REF": "/orders/test/token",
}
Call = tuple[str, str, dict[str, Any]]

TABLE = "!GetAtt Table.Arn"
ITEM = {"TableName": "items", "Item": {"pk": {"S": "1"}}}
PUT: Call = ("dynamodb", "PutItem", ITEM)
QUERY: Call = ("dynamodb", "Query", {"TableName": "items", "IndexName": "by-day"})
QUEUE = "!GetAtt Queue.Arn"
BUCKETS = '!Sub "${Bucket.Arn}/*"'
SEND: Call = ("sqs", "SendMessage", {"QueueUrl": VALUES["QUEUE_URL"], "MessageBody": "test"})
SEND_BATCH: Call = ("sqs", "SendMessageBatch", SEND[2])
SEND_THEM: Call = ("sqs", "SendMessage", {"QueueUrl": "https://queue.example/2/theirs"})
READ: Call = ("s3", "HeadObject", {"Bucket": "files", "Key": "a"})
WRITE: Call = ("s3", "PutObject", {"Bucket": "files", "Key": "a"})
SECRET: Call = ("secretsmanager", "GetSecretValue", {"SecretId": VALUES["KEY_REF"]})
PARAMETER = '!Sub "arn:${AWS::Partition}:ssm:*:1:parameter/orders/${Environment}/token"'
TOKEN: Call = ("ssm", "GetParameter", {"Name": "/orders/test/token"})


PART: Call = ("s3", "UploadPart", {"Bucket": "files", "Key": "a", "PartNumber": 1})
URL = VALUES["QUEUE_URL"]
PUT_URL: Call = ("dynamodb", "PutItem", {"TableName": "items", "Item": {"pk": {"S": URL}}})
BATCH: Call = ("dynamodb", "BatchWriteItem", {"RequestItems": {"items": []}})
SENDS = "sqs:SendMessage on Queue"
MADE = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Queue.QueueName}"


def transaction(**member: Any) -> Call:
    return ("dynamodb", "TransactWriteItems", {"TransactItems": [member]})


@pytest.fixture
def compare(render: Any, tmp_path: Path) -> Any:
    """Compare a call with a role of one statement; return what is told."""
    tool = tmp_path / "tools/calls.py"
    tool.parent.mkdir()
    tool.write_bytes((render() / "tools/calls.py").read_bytes())

    def compared(
        action: str, resource: str, *calls: Call, some: bool, template: str = TEMPLATE
    ) -> str:
        text = template.replace("ACTION", action).replace("RESOURCE", resource)
        (tmp_path / "template.yaml").write_text(text)
        names = ("service", "operation", "parameters")
        done = subprocess.run(
            [sys.executable, tool, "items", *(["--some"] if some else [])],
            input=json.dumps([dict(zip(names, call, strict=True)) for call in calls]),
            env=os.environ | VALUES,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == (1 if done.stderr else 0), done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr.strip()

    return compared


@pytest.mark.parametrize(
    ("action", "resource", "call"),
    [
        ("dynamodb:PutItem", TABLE, PUT),
        ("dynamodb:PutItem", TABLE, transaction(Put=ITEM)),
        ("dynamodb:Query", "!Sub '${Table.Arn}/index/by-day'", QUERY),
        ("dynamodb:Query", "!Sub '${Table.Arn}/index/*'", QUERY),
        ("sqs:SendMessage", QUEUE, SEND),
        ("sqs:SendMessage", QUEUE, SEND_BATCH),
        ("sqs:SendMessage", "'*'", SEND),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:theirs", SEND_THEM),
        ("s3:GetObject", "!Sub '${Bucket.Arn}/*'", READ),
        ("secretsmanager:GetSecretValue", "!Ref KeySecret", SECRET),
        ("ssm:GetParameter", PARAMETER, TOKEN),
        ("dynamodb:Put*", TABLE, PUT),
        ("dynamodb:putItem", TABLE, PUT),
        ("dynamodb:PutItem", TABLE, PUT_URL),
        ("dynamodb:BatchWriteItem", TABLE, BATCH),
        ("dynamodb:ConditionCheckItem", TABLE, transaction(ConditionCheck=ITEM)),
        ("s3:PutObject", "!Join ['', [!GetAtt Bucket.Arn, /*]]", PART),
        ("sqs:SendMessage", f"!Sub '{MADE}'", SEND),
        ("sqs:SendMessage", f"!Sub ['{MADE}', {{}}]", SEND),
        ("sqs:SendMessage", "{'Fn::GetAtt': [Queue, Arn]}", SEND),
        ("sqs:SendMessage", "[!If [Prod, !GetAtt Queue.Arn, !Ref AWS::NoValue]]", SEND),
        ("sqs:SendMessage", "!Select [0, !Split [',', !Ref Arns]]", SEND),
    ],
    ids=str,
)
def test_a_call_that_the_role_allows_is_no_matter(
    compare: Any, action: str, resource: str, call: Call
) -> None:
    assert compare(action, resource, call, some=False) == ""


@pytest.mark.parametrize(
    ("action", "resource", "call", "named"),
    [
        ("dynamodb:GetItem", TABLE, PUT, "dynamodb:PutItem on Table"),
        ("dynamodb:PutItem", TABLE, transaction(Delete=ITEM), "dynamodb:DeleteItem on Table"),
        ("dynamodb:Query", TABLE, QUERY, "dynamodb:Query on Table/index/by-day"),
        ("sqs:SendMessage", "!GetAtt OtherQueue.Arn", SEND, "sqs:SendMessage on Queue"),
        ("sqs:ReceiveMessage", QUEUE, SEND_THEM, "sqs:SendMessage"),
        ("s3:GetObject", "!Sub '${Bucket.Arn}/*'", WRITE, "s3:PutObject on Bucket"),
        (
            "ssm:GetParameter",
            PARAMETER.replace("token", "other"),
            TOKEN,
            "ssm:GetParameter on /orders/Environment/token",
        ),
        ("dynamodb:Get*", TABLE, PUT, "dynamodb:PutItem on Table"),
        ("sqs:SendMessage", f"!Sub '{MADE.replace('Queue.', 'OtherQueue.')}'", SEND, SENDS),
        ("sqs:SendMessage, Effect: Deny", QUEUE, SEND, SENDS),
        (
            "dynamodb:BatchWriteItem",
            "!GetAtt Bucket.Arn",
            BATCH,
            "dynamodb:BatchWriteItem on Table",
        ),
    ],
    ids=str,
)
def test_a_call_that_the_role_does_not_allow_is_named_with_its_resource(
    compare: Any, action: str, resource: str, call: Call, named: str
) -> None:
    told = compare(action, resource, call, some=True)
    assert told == f"calls that the role does not allow: {named}"


def test_a_policy_of_ones_own_is_the_roles_too(compare: Any) -> None:
    own = """
  OwnPolicy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref ItemsRole]
      PolicyDocument: {Statement: [{Action: s3:PutObject, Resource: !Sub "${Bucket.Arn}/*"}]}
"""
    for role in ("ItemsRole", "OtherRole"):
        template = TEMPLATE + own.replace("ItemsRole", role)
        told = compare("s3:GetObject", BUCKETS, READ, WRITE, some=False, template=template)
        assert ("PutObject" in told) == (role != "ItemsRole")


def test_what_no_call_needs_is_told_when_all_tests_have_run(compare: Any) -> None:
    allowed = ("sqs:SendMessage", "!GetAtt OtherQueue.Arn")
    sentence = "the role allows what no test saw the handler do: sqs:SendMessage on OtherQueue"
    assert compare(*allowed, some=False) == sentence
    assert compare(*allowed, some=True) == ""
    assert compare("logs:PutLogEvents", "'*'", some=True) == "", "what Lambda does is no handler's"


def test_what_nobody_has_to_be_allowed_is_no_matter(compare: Any) -> None:
    assert (
        compare("sqs:SendMessage", QUEUE, SEND, ("sts", "GetCallerIdentity", {}), some=False) == ""
    )


@pytest.mark.parametrize(
    "change",
    [
        ("Action: ACTION", "NotAction: iam:*"),
        ("Resource: RESOURCE", "NotResource: '*'"),
        ("!GetAtt ItemsRole.Arn", "!ImportValue their-role"),
        ("!GetAtt ItemsRole.Arn", "!If [Theirs, !Ref RoleArn, !GetAtt ItemsRole.Arn]"),
        ("      Role: !GetAtt ItemsRole.Arn\n", ""),
    ],
    ids=str,
)
def test_where_the_template_does_not_say_what_a_role_allows_nobody_is_blamed(
    compare: Any, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str]
) -> None:
    assert change[0] in TEMPLATE
    monkeypatch.setattr("tests.test_calls.TEMPLATE", TEMPLATE.replace(*change))
    assert compare("sqs:SendMessage", QUEUE, SEND, some=False) == ""


def test_a_handler_without_a_function_needs_nothing(compare: Any, tmp_path: Path) -> None:
    compare("sqs:SendMessage", "'*'", some=True)
    text = (tmp_path / "template.yaml").read_text().replace("Handler: items", "Handler: removed")
    (tmp_path / "template.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, tmp_path / "tools/calls.py", "items"],
        input=json.dumps([dict(zip(("service", "operation", "parameters"), SEND, strict=True))]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
