"""The stack under test: STACK_NAME and AWS_REGION name it, AWS_ENDPOINT_URL an emulator."""

import os
from collections.abc import Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    for variable in ("STACK_NAME", "AWS_REGION"):
        if variable not in os.environ:
            pytest.exit(f"Say which stack to test: {variable} is not set.", returncode=2)
    name, region = os.environ["STACK_NAME"], os.environ["AWS_REGION"]
    try:
        found = Stack(name, region, os.environ.get("AWS_ENDPOINT_URL"))
    except (BotoCoreError, ClientError) as error:
        pytest.exit(f"The stack {name} in {region} cannot be looked at: {error}", returncode=2)
    yield found
    found.close()
