"""The sample domain, tested without AWS."""

from datetime import UTC, date, datetime

import pytest

from service.domain.items import Item, KeyReused, NewItem, process, receive, report


class Memory:
    """A store for tests."""

    def __init__(self) -> None:
        self.kept: dict[str, Item] = {}

    def add(self, item: Item, key: str) -> Item:
        return self.kept.setdefault(key, item)


def test_an_item_is_received_once_under_its_key() -> None:
    store = Memory()
    first, created = receive(NewItem(name="lamp", quantity=2), "k", store)
    again, created_again = receive(NewItem(name="lamp", quantity=2), "k", store)
    assert (created, created_again) == (True, False)
    assert again == first


def test_a_key_stands_for_one_item_only() -> None:
    store = Memory()
    receive(NewItem(name="lamp", quantity=2), "k", store)
    with pytest.raises(KeyReused):
        receive(NewItem(name="lamp", quantity=3), "k", store)


def test_an_item_is_processed_once_under_its_key() -> None:
    store = Memory()
    first = process(NewItem(name="lamp", quantity=2), "k", store)
    again = process(NewItem(name="lamp", quantity=2), "k", store)
    assert first.status == "processed"
    assert again.item_id == first.item_id


def test_a_report_sums_up_its_day() -> None:
    items = [
        Item(
            item_id=str(number),
            name="lamp",
            quantity=number,
            status="processed" if number > 1 else "received",
            received_at=datetime(2026, 11, 19, 12, tzinfo=UTC),
        )
        for number in (1, 2, 3)
    ]
    found = report(date(2026, 11, 19), items)
    assert (found.items, found.processed, found.quantity) == (3, 2, 6)
