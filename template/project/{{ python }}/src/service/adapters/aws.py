"""Clients of AWS services: made once when Lambda loads the code, used by every invocation."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

# A function must not spend its own timeout on waiting: three tries of at most three seconds each.
CONFIG = Config(
    connect_timeout=1,  # seconds
    read_timeout=2,  # seconds
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    endpoint_discovery_enabled=False,  # botocore looks at every operation to say who needs it
)


def client(service: str, **own: Any) -> Any:
    """Return a client of `service`, such as "sqs"; `own` names options of `Config` that differ.

    `make build` looks for calls of this function, and leaves the data of other services out.
    """
    return _session().create_client(service, config=CONFIG.merge(Config(**own)))


@cache
def _session() -> botocore.session.Session:
    """Return the one that all clients share: what they have in common is read once."""
    return botocore.session.get_session()
