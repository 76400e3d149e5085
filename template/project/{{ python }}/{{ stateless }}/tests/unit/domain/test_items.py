"""The sample domain, tested without AWS."""

from datetime import UTC, date, datetime

from service.domain.items import NewItem, process, receive, report


def test_each_received_item_has_an_id_of_its_own() -> None:
    new = NewItem(name="lamp", quantity=2)
    first, second = receive(new), receive(new)
    assert (first.name, first.quantity, first.status) == ("lamp", 2, "received")
    assert first.item_id != second.item_id


def test_an_item_is_processed() -> None:
    assert process(NewItem(name="lamp", quantity=2)).status == "processed"


def test_a_report_covers_its_whole_day_and_no_more() -> None:
    due = report(date(2026, 11, 19))
    assert due.begins_at == datetime(2026, 11, 19, tzinfo=UTC)
    assert due.ends_at == datetime(2026, 11, 20, tzinfo=UTC)
