"""The stack under test: STACK_NAME and AWS_REGION name it, AWS_ENDPOINT_URL an emulator."""

import os
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.integration.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    try:
        name, region = os.environ["STACK_NAME"], os.environ["AWS_REGION"]
        found = Stack(name, region, os.environ.get("AWS_ENDPOINT_URL"))
    except KeyError as missing:
        pytest.exit(f"Say which stack to test: {missing} is not set.", returncode=2)
    except ClientError as error:
        pytest.exit(f"Deploy {name} to {region} first: {error}", returncode=2)
    yield found
    found.close()
