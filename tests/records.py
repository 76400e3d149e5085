"""Records in the events of kinds that work them off, as the kinds' folders say where they stand."""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from functools import reduce
from operator import getitem
from typing import Any

from docs.written.facts import kind as facts

Event = dict[str, Any]


def event_of(kind: str, sample: Event, pieces: list[tuple[str, str | None]]) -> Event:
    """Return the sample event with other records: of each its id, and its content if it has own.

    Where records come in groups, each is of its own.
    """
    record = facts(kind)["testing"]["record"]
    first, found = sample[record["in"]][0], []
    for id_, content in pieces:
        piece = deepcopy(first)
        for place in ("id", "group"):
            if place in record:
                _put(piece, record[place], id_)
        if content is not None:
            encoded = record.get("encoding") == "base64"
            _put(piece, record["content"], _base64(content) if encoded else content)
        found.append(piece)
    return sample | {record["in"]: found}


def _put(piece: Event, path: str, value: str) -> None:
    *outer, last = path.split(".")
    reduce(getitem, outer, piece)[last] = value


def _base64(content: str) -> str:
    return b64encode(content.encode()).decode()
