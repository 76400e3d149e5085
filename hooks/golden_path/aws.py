"""Lists of AWS's own: what its managed policies allow, and which actions know no resource.

`docs/aws.py` writes them, one row a line.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

Allowed = tuple[tuple[str, ...], tuple[str, ...]]
"""The actions and the resources of a statement that allows something."""


@cache
def managed(arn: str) -> list[Allowed] | None:
    """What a managed policy allows, or None where AWS has not published it.

    The ARN is `arn:PARTITION:iam::aws:policy/PATH/NAME`, of any partition.
    """
    _, aws, name = arn.partition(":iam::aws:policy/")
    rows = _rows("managed-policies.json").get(name) if aws else None
    return None if rows is None else [(tuple(acts), tuple(on)) for acts, on in rows]


def knows_no_resource(action: str) -> bool:
    """Whether `*` is all that a statement can name as the resource of an action."""
    service, _, name = action.lower().partition(":")
    return name in _without_resource(service)


@cache
def _without_resource(service: str) -> frozenset[str]:
    return frozenset(_rows("no-resource-level.json").get(service, ()))


@cache
def _rows(name: str) -> dict[str, Any]:
    return json.loads(files(__package__).joinpath(name).read_text("utf-8"))
