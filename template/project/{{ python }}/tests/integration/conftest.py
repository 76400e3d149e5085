"""The stack that the integration tests speak to.

STACK_NAME and AWS_REGION name it, AWS_ENDPOINT_URL an emulator.
"""

import os
from collections.abc import Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.stack import Stack


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


@pytest.fixture(autouse=True)
def the_function_is_deployed(request: pytest.FixtureRequest, stack: Stack) -> None:
    """Skip the tests of a function that was removed: its code stays until you delete it."""
    if request.module.FUNCTION not in stack.resources:
        pytest.skip(f"the stack has no {request.module.FUNCTION}")
