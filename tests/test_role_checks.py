"""A service's own check that a handler and its role in template.yaml fit, by the calls in tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.languages import Language, languages

MISSING = "calls that the role does not allow"
UNUSED = "the role allows what no test saw"


@dataclass(frozen=True)
class Sample:
    """Code that calls a service of which the answers say nothing."""

    handler: str
    before: str  # where in the handler its imports go
    imports: str
    calls: str  # at the end of the handler's body
    end: str  # what follows the body
    test: str  # a test that makes a call itself
    actions: str  # what the role must allow, and the check says otherwise


SAMPLES = {
    "python": Sample(
        "worker.py",
        "from service.adapters import sqs\n",
        "from contextlib import suppress\n\nimport boto3\n",
        """\
    entry = {"Source": "orders", "DetailType": "placed", "Detail": "{}"}
    boto3.client("events").put_events(Entries=[entry])
    with suppress(Exception):
        boto3.client("sqs").send_message_batch(QueueUrl="https://q.example/1/orders", Entries=[])
""",
        "",
        """

def test_what_a_test_does_itself():
    import boto3

    boto3.client("sqs").create_queue(QueueName="own")
""",
        "[events:PutEvents, sqs:SendMessage]",
    ),
    "nodejs": Sample(
        "worker.ts",
        "import * as sqs from",
        'import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";\n',
        """\
  const batch = { QueueUrl: "https://q.example/1/orders", Entries: [] };
  // As @aws-sdk/lib-dynamodb does: its commands hold those that are sent.
  class BatchCommand extends SendMessageBatchCommand {
    clientCommand = new SendMessageBatchCommand(batch);
  }
  await new SQSClient().send(new BatchCommand(batch)).catch(() => undefined);
""",
        "});\n",
        """

test("what a test does itself", async () => {
  const { CreateQueueCommand, SQSClient } = await import("@aws-sdk/client-sqs");
  const { TESTS } = await import("#tests/unit/server.ts");
  await new SQSClient(TESTS).send(new CreateQueueCommand({ QueueName: "own" }));
});
""",
        "[sqs:SendMessage]",
    ),
}
# What a developer's shell may hold: nothing of it reaches the tests.
SHELL = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9",
    "POWERTOOLS_DEV": "true",
}


@pytest.fixture(scope="module", params=languages(), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


def checked(service: Path, language: Language, function: str) -> subprocess.CompletedProcess[str]:
    """Run the unit tests of a function's handler."""
    file = f"tests/unit/handlers/{language.test.format(function)}"
    return subprocess.run(
        [*language.unit_tests, file],
        cwd=service,
        env=os.environ | SHELL | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, f"{path.name} does not say {before!r} once"
    path.write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def items(language: Language, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    functions = {"items": "http_api"}
    folder = tmp_path_factory.mktemp("items")
    return set_up(folder, runtime=language.runtime, functions=functions)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("                  - dynamodb:GetItem\n", "", MISSING),
        ("dynamodb:GetItem\n                  -", "dynamodb:Scan\n                  -", MISSING),
        (
            "- dynamodb:PutItem\n",
            "- dynamodb:PutItem\n                  - sqs:GetQueueUrl\n",
            UNUSED,
        ),
        ("Resource: !GetAtt Table.Arn\n", "Resource: !GetAtt ItemsLogs.Arn\n", MISSING),
    ],
    ids=["lacks one", "has another", "has one too many", "is for another resource"],
)
def test_a_role_that_does_not_fit_is_found_at_the_handler(
    items: Path, language: Language, tmp_path: Path, before: str, after: str, sentence: str
) -> None:
    service = shutil.copytree(items, tmp_path / "service", symlinks=True)
    replace(service / "template.yaml", before, after)
    done = checked(service, language, "items")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert sentence in said
    assert f"src/service/handlers/items.{SAMPLES[language.name].handler[-2:]}" in said
    assert "teardown of" not in said, "a test is blamed that is innocent"


def test_any_service_may_be_called_that_the_role_allows(
    language: Language, set_up: SetUp, tmp_path: Path
) -> None:
    # given a service that keeps a secret, whose handler and test call services of their own
    sample = SAMPLES[language.name]
    service = set_up(
        tmp_path,
        runtime=language.runtime,
        functions={"worker": {"trigger": "sqs", "secrets": ["token"]}},
        secrets={"token": "medium"},
        data_store="none",
    )
    handler = service / "src/service/handlers" / sample.handler
    replace(handler, sample.before, sample.imports + sample.before)
    text = handler.read_text().removesuffix(sample.end)
    handler.write_text(text + sample.calls + sample.end)
    test = service / "tests/unit/handlers" / language.test.format("worker")
    test.write_text(test.read_text() + sample.test)
    # when the role does not allow it
    refused = checked(service, language, "worker")
    # then
    assert refused.returncode != 0
    for action in sample.actions.strip("[]").split(", "):
        assert action in refused.stdout + refused.stderr
    assert "CreateQueue" not in refused.stdout + refused.stderr, "a test's call is the handler's"
    # when it does, whatever the resource is called
    here = "              - Sid: ReadToken # worker\n"
    statement = f"""\
              - Sid: Tell
                Effect: Allow
                Action: {sample.actions}
                Resource: !Sub arn:aws:sqs:${{AWS::Region}}:${{AWS::AccountId}}:orders
"""
    replace(service / "template.yaml", here, statement + here)
    allowed = checked(service, language, "worker")
    assert allowed.returncode == 0, allowed.stdout + allowed.stderr
