"""No two places of template.yaml look alike to a merge, which goes by three lines on each side.

Where two do, an edit of one function's resource can land on another's when blocks come or go
between them: without a conflict, and without a word.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.conftest import Render

CONTEXT = 3  # lines on each side, as git takes them
KINDS = ("http_api", "sqs", "schedule")
EVERYTHING: dict[str, Any] = {
    "secrets": {
        f"{level}-{number}": {"level": level} | ({"rotate": 30} if level == "high" else {})
        for level in ("low", "medium", "high")
        for number in ("one", "two")
    },
    "alarm_email": "team@example.com",
}
EVERYTHING["functions"] = {
    f"{kind.replace('_', '-')}-{number}": {"trigger": kind, "secrets": [*EVERYTHING["secrets"]]}
    for kind in KINDS
    for number in ("one", "two", "three")
}


def alike(text: str) -> list[str]:
    """Return the surroundings that more than one place has, each with the lines it is at."""
    lines = text.splitlines()
    places = defaultdict(list)
    for at in range(CONTEXT, len(lines) - CONTEXT + 1):
        places[tuple(lines[at - CONTEXT : at + CONTEXT])].append(at)
    return [f"lines {at}:\n" + "\n".join(around) for around, at in places.items() if len(at) > 1]


@pytest.mark.parametrize("store", ["dynamodb", "none"])
@pytest.mark.parametrize("boundary", ["", "team/boundary"])
def test_no_two_places_of_the_template_look_alike(
    render: Render, store: str, boundary: str
) -> None:
    service = render(**EVERYTHING, data_store=store, permissions_boundary=boundary)
    found = alike((service / "template.yaml").read_text())
    assert found == [], "name the function in one of these lines:\n\n" + "\n\n".join(found)


def test_places_that_look_alike_are_told() -> None:
    block = "".join(f"    {letter}: 1\n" for letter in "ABCDEF")
    (found,) = alike(f"  First:\n{block}\n  Second:\n{block}")
    assert found.startswith("lines [4, 12]:")
    named = block.replace("C: 1", "C: 1 # {}")
    assert alike(f"  First:\n{named.format('a')}\n  Second:\n{named.format('b')}") == []
