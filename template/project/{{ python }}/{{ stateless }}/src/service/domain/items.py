"""Items are received, processed and reported: the sample domain. Replace it with your own.

Nothing here knows of AWS, and nothing is kept: each call answers from what it is given.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from uuid import uuid4

from msgspec import Meta, Struct
from msgspec.structs import replace


class NewItem(Struct, frozen=True, forbid_unknown_fields=True):
    """An item as somebody asks for it."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: Annotated[int, Meta(ge=1, le=10_000)]  # pieces


class Item(Struct, frozen=True, kw_only=True):
    """An item as it was accepted."""

    item_id: str
    name: str
    quantity: int  # pieces
    status: Literal["received", "processed"]
    received_at: datetime  # UTC


class ReportDue(Struct, frozen=True, kw_only=True):
    """The day whose report is due, from its first moment to the first moment of the next."""

    day: date
    begins_at: datetime  # UTC
    ends_at: datetime  # UTC


def receive(new: NewItem) -> Item:
    """Accept an item."""
    return Item(
        item_id=str(uuid4()),
        name=new.name,
        quantity=new.quantity,
        status="received",
        received_at=datetime.now(UTC),
    )


def process(new: NewItem) -> Item:
    """Do the work on an item."""
    return replace(receive(new), status="processed")


def report(day: date) -> ReportDue:
    """Say which span of time the report of `day` covers."""
    begins_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return ReportDue(day=day, begins_at=begins_at, ends_at=begins_at + timedelta(days=1))
