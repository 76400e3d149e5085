"""The items' table: each item once, under the key of the work that made it."""

import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from service.adapters import caller
from service.adapters import store as module
from service.adapters.store import Store
from service.domain.items import Item, Report

DAY = date(2026, 11, 19)

type Stored = Callable[[str], list[dict[str, Any]]]


def item(item_id: str, **changes: Any) -> Item:
    values: dict[str, Any] = {
        "item_id": item_id,
        "name": "lamp",
        "quantity": 2,
        "status": "received",
        "received_at": datetime(2026, 11, 19, 23, 59, tzinfo=UTC),
    }
    return Item(**(values | changes))


def test_an_item_comes_back_as_it_was_stored() -> None:
    store = Store("tests")
    store.add(item("1"), "k")
    assert store.get("1") == item("1")
    assert store.get("2") is None


def test_an_id_that_no_item_can_have_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("tests")
    monkeypatch.setattr(store.client, "get_item", lambda **_: pytest.fail("DynamoDB refuses it"))
    assert store.get("ä" * 1022) is None


def test_the_same_key_stores_nothing_more_and_returns_the_first() -> None:
    store = Store("tests")
    store.add(item("1"), "k")
    assert store.add(item("2"), "k") == item("1")
    assert store.get("2") is None, "work was done twice under one key"


def test_what_a_later_version_has_written_can_be_read(dynamodb: Any) -> None:
    store = Store("tests")
    store.add(item("1"), "k")
    dynamodb.update_item(
        TableName=store.table,
        Key={"pk": {"S": "item#1"}},
        UpdateExpression="SET colour = :red",
        ExpressionAttributeValues={":red": {"S": "red"}},
    )
    assert store.get("1") == item("1"), "a release could not go back"


def test_what_the_version_before_has_written_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # given an item of today, and a version whose items have one attribute more, with a default
    class Later(Item, frozen=True, kw_only=True):
        colour: str = "unknown"

    store = Store("tests")
    store.add(item("1"), "k")
    monkeypatch.setattr(module, "Item", Later)

    # then it reads the item, and completes it
    later = store.get("1")
    assert isinstance(later, Later)
    assert later.colour == "unknown", "a release could not begin"


def test_what_is_stored_and_is_no_item_is_named_not_shown(dynamodb: Any) -> None:
    store = Store("tests")
    store.add(item("1"), "k")
    dynamodb.update_item(
        TableName=store.table,
        Key={"pk": {"S": "item#1"}},
        UpdateExpression="SET #status = :private",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":private": {"S": "private"}},
    )
    with pytest.raises(ValueError, match="status") as caught:
        store.get("1")
    assert "private" not in "".join(traceback.format_exception(caught.value))


def test_the_probe_reads_and_writes_nothing(stored: Stored) -> None:
    store = Store("tests")
    store.probe()
    assert stored("") == []
    store.table = "another"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        store.probe()


def test_another_function_may_use_the_same_key() -> None:
    Store("one").add(item("1"), "k")
    assert Store("two").add(item("2"), "k") == item("2")


def test_a_key_is_its_callers_own() -> None:
    store = Store("tests")
    for number, name in enumerate(["one", "two", "three"]):
        with caller.serving(name):
            store.add(item(str(number)), "k")
    for number, name in enumerate(["one", "two", "three"]):
        with caller.serving(name):
            assert store.add(item("again"), "k") == item(str(number)), "it shows another's item"


def test_a_key_that_has_no_owner_yet_is_everybodys() -> None:
    # given a key as the version before has written it
    store = Store("tests")
    store.add(item("1"), "k")
    # then its caller is not known, and no work may be done twice
    with caller.serving("one"):
        assert store.add(item("2"), "k") == item("1"), "work was done twice under one key"


def test_the_version_before_finds_a_key_that_has_an_owner(stored: Stored) -> None:
    with caller.serving("one"):
        Store("tests").add(item("1"), "k")
    (done,) = stored("done#")
    assert done["pk"] == {"S": "done#tests#k"}, "both would do the work while a release shifts"


def test_a_callers_key_is_remembered_though_anothers_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given two equal keys, one of which is almost forgotten when the other is used
    store, day, now = Store("tests"), 24 * 3600, module.time.time()
    for days, name in [(0, "one"), (13, "two")]:
        monkeypatch.setattr(module.time, "time", lambda days=days: now + days * day)
        with caller.serving(name):
            store.add(item(name), "k")

    # then the younger is remembered its full time
    monkeypatch.setattr(module.time, "time", lambda: now + 15 * day)
    with caller.serving("two"):
        assert store.add(item("again"), "k") == item("two")


def test_a_key_is_forgotten_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a key that was used longer ago than keys are remembered
    store = Store("tests")
    store.add(item("1"), "k")
    later = module.time.time() + module.REMEMBERED_SECONDS + 1
    monkeypatch.setattr(module.time, "time", lambda: later)

    # then it may stand for another item, though DynamoDB has not removed it yet
    assert store.add(item("2"), "k") == item("2")


def test_only_keys_expire(stored: Stored) -> None:
    Store("tests").add(item("1"), "k")
    expiring = {found["pk"]["S"] for found in stored("") if "expires_at" in found}
    assert expiring == {"done#tests#k"}


def test_the_items_of_a_day_are_found_on_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    # given more items than one page holds
    store = Store("tests")
    for number in range(5):
        store.add(item(str(number)), f"k{number}")
    query = store.client.query
    monkeypatch.setattr(store.client, "query", lambda **given: query(**given, Limit=2))

    # then all of them are found, and none of another day
    store.add(item("other", received_at=datetime(2026, 11, 18, tzinfo=UTC)), "k-other")
    assert {found.item_id for found in store.received_on(DAY)} == {"0", "1", "2", "3", "4"}


def test_the_same_report_again_changes_nothing(stored: Stored) -> None:
    store = Store("tests")
    for _ in range(2):
        store.save(Report(day=DAY, items=3, processed=1, quantity=6))
    (kept,) = stored("")
    assert kept["pk"] == {"S": "report#2026-11-19"}
    assert kept["quantity"] == {"N": "6"}


def test_an_error_of_the_table_is_not_taken_for_work_already_done() -> None:
    store = Store("tests")
    store.table = "no-such-table"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        store.add(item("1"), "k")
