"""Items are received, processed and reported: the sample domain. Replace it with your own.

Nothing here knows of AWS: what must be kept is handed to a `Store`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Protocol
from uuid import uuid4

from msgspec import Meta, Struct
from msgspec.structs import replace


class NewItem(Struct, frozen=True, forbid_unknown_fields=True):
    """An item as somebody asks for it."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: Annotated[int, Meta(ge=1, le=10_000)]  # pieces


class Item(Struct, frozen=True, kw_only=True):
    """An item as it is kept."""

    item_id: str
    name: str
    quantity: int  # pieces
    status: Literal["received", "processed"]
    received_at: datetime  # UTC


class Report(Struct, frozen=True, kw_only=True):
    """What came in on one day."""

    day: date
    items: int
    processed: int
    quantity: int  # pieces


class Store(Protocol):
    """Where items are kept."""

    def add(self, item: Item, key: str) -> Item:
        """Keep `item` unless one was kept under `key` before; return the one that is kept."""


class KeyReused(Exception):
    """The key was used before, for another item."""


def receive(new: NewItem, key: str, store: Store) -> tuple[Item, bool]:
    """Keep the item that `key` stands for, once; return it and whether this call kept it."""
    item = _item(new)
    kept = store.add(item, key)
    if (kept.name, kept.quantity) != (new.name, new.quantity):
        raise KeyReused(f"key {key} stands for another item")
    return kept, kept.item_id == item.item_id


def process(new: NewItem, key: str, store: Store) -> Item:
    """Do the work on the item that `key` stands for, once."""
    return store.add(replace(_item(new), status="processed"), key)


def report(day: date, items: Iterable[Item]) -> Report:
    """Sum up the items that were received on `day`."""
    found = list(items)
    return Report(
        day=day,
        items=len(found),
        processed=sum(item.status == "processed" for item in found),
        quantity=sum(item.quantity for item in found),
    )


def _item(new: NewItem) -> Item:
    return Item(
        item_id=str(uuid4()),
        name=new.name,
        quantity=new.quantity,
        status="received",
        received_at=datetime.now(UTC),
    )
