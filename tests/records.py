"""Records in the events of kinds that work them off, as the kinds' folders say where they stand."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import deepcopy
from functools import reduce
from operator import getitem
from typing import Any

from docs.written.facts import kind as facts
from tests.objects import keep

Event = dict[str, Any]


def event_of(kind: str, sample: Event, pieces: list[tuple[str, str | None]]) -> Event:
    """Return the sample event with other records: of each its id, and its content if it has own.

    Where records come in groups, each is of its own.
    """
    record = facts(kind)["testing"]["record"]
    if "packed" in record:
        *outer, last = record["packed"].split(".")
        packed = deepcopy(sample)
        place = reduce(getitem, outer, packed)
        told = json.loads(gzip.decompress(b64decode(place[last])))
        text = json.dumps(_with(record, told, pieces))
        place[last] = b64encode(gzip.compress(text.encode())).decode()
        return packed
    return _with(record, sample, pieces)


def _with(record: dict[str, Any], sample: Event, pieces: list[tuple[str, str | None]]) -> Event:
    first, found = sample[record["in"]][0] if "in" in record else sample, []
    for id_, content in pieces:
        piece = deepcopy(first)
        for place in ("id", "group"):
            if place in record:
                _put(piece, record[place], id_)
        if content is not None:
            _put(piece, record["content"], ENCODINGS[record.get("encoding")](content))
        found.append(piece)
    if "in" in record:
        return sample | {record["in"]: found}
    (own,) = found
    return own


def passed_over(kind: str, content: str) -> bool:
    """Whether content has what the work does not ask for, where that is no fault of a record."""
    item = (
        _attributes(content)
        if facts(kind)["testing"]["record"].get("encoding") == "attributes"
        else None
    )
    return isinstance(item, dict) and bool(item.keys() - {"name", "quantity"})


def _put(piece: Event, path: str, value: Any) -> None:
    *outer, last = path.split(".")
    reduce(getitem, outer, piece)[last] = value


def _base64(content: str) -> str:
    return b64encode(content.encode()).decode()


def _attributes(content: str) -> Any:
    """Return an item as DynamoDB writes it, or what is none as it is."""
    try:
        item = json.loads(content, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    except (ValueError, RecursionError):
        return content
    return _attribute(item)["M"] if isinstance(item, dict) else content


class _Number(str):
    """A number as it is written."""


def _attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"M": {name: _attribute(one) for name, one in value.items()}}
    if isinstance(value, list):
        return {"L": [_attribute(one) for one in value]}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N" if isinstance(value, _Number) else "S": str(value)}


def _json(content: str) -> Any:
    """What JSON says, or the text that says nothing: no event can carry that in another way."""
    try:
        return json.loads(content)
    except (RecursionError, ValueError):
        return content


ENCODINGS: dict[str | None, Callable[[str], Any]] = {
    None: str,
    "attributes": _attributes,
    "base64": _base64,
    "json": _json,
    "object": keep,
}
