"""The items' table.

| what | pk | day | expires_at |
|---|---|---|---|
| an item | item#ID | day on which it was received | |
| the key of work already done | done#SCOPE#KEY | | when it may be forgotten |
| an equal key of another caller | done#SCOPE@CALLER#KEY | | when it may be forgotten |
| a report | report#DAY | | |

`key_owner` is the caller whose key it is. A key without one is of a message, of an open API, or of
a version that did not write it yet: it stands for the same work whoever sends it.
"""

import os
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from service.adapters import aws, caller, probe, validation
from service.adapters.telemetry import integration
from service.domain.items import Item, Report

# Fourteen days: as long as a queue can keep a message before it is delivered again.
REMEMBERED_SECONDS = 14 * 24 * 3600
LONGEST_PK = 2048  # bytes: DynamoDB refuses to look for more


class Store:
    """What `service.domain.items` needs of a store, kept in DynamoDB."""

    def __init__(self, scope: str) -> None:
        """Keys of work already done are told apart by `scope`, the function that does the work."""
        self.scope = scope
        self.table = os.environ["TABLE_NAME"]
        self.client = aws.client("dynamodb")
        probe.check("table", self.probe)

    def add(self, item: Item, key: str) -> Item:
        """Store `item` unless work under `key` is done already; return what is stored under `key`.

        Item and key are written together or not at all, so no crash can come between them. Work of
        another caller under an equal key is neither returned nor in the way.
        """
        owner = caller.current()
        earlier = self._add_once(item, f"done#{self.scope}#{key}", owner)
        if earlier and _owner(earlier) not in ("", owner):
            pk = f"done#{self.scope}@{owner}#{key}"
            earlier = self._add_once(item, pk, owner, others=earlier)
        return _to_item(earlier) if earlier else item

    def _add_once(
        self, item: Item, pk: str, owner: str, others: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Store `item` and its key, or return what is stored under it.

        The equal key of another caller is then remembered as long: ours is looked for beside it.
        """
        now = int(time.time())
        attributes = _to_attributes(item)
        done = {
            **attributes,
            "pk": {"S": pk},
            "expires_at": {"N": str(now + REMEMBERED_SECONDS)},
            **({"key_owner": {"S": owner}} if owner else {}),
        }
        longer = others and {
            "TableName": self.table,
            "Item": {**others, "expires_at": done["expires_at"]},
            "ConditionExpression": "key_owner = :owner",
            "ExpressionAttributeValues": {":owner": others["key_owner"]},
        }
        once = {
            "TableName": self.table,
            "Item": done,
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at < :now",
            "ExpressionAttributeValues": {":now": {"N": str(now)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        stored = {
            **attributes,
            "pk": {"S": f"item#{item.item_id}"},
            "day": {"S": item.received_at.date().isoformat()},
        }
        put = {"TableName": self.table, "Item": stored}
        with integration("Table"):
            try:
                self.client.transact_write_items(
                    TransactItems=[{"Put": one} for one in (once, put, longer) if one]
                )
            except ClientError as error:
                if (earlier := _kept(error)) is None:
                    raise
                return earlier
        return None

    def get(self, item_id: str) -> Item | None:
        """Return the item, or None if there is none."""
        pk = f"item#{item_id}"
        if len(pk.encode()) > LONGEST_PK:
            return None
        with integration("Table"):
            found = self.client.get_item(TableName=self.table, Key={"pk": {"S": pk}})
        return _to_item(found["Item"]) if "Item" in found else None

    def received_on(self, day: date) -> Iterator[Item]:
        """Yield the items received on `day`, page by page."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by-day",
            "KeyConditionExpression": "#day = :day",
            "ExpressionAttributeNames": {"#day": "day"},
            "ExpressionAttributeValues": {":day": {"S": day.isoformat()}},
        }
        while True:
            with integration("Table"):
                page = self.client.query(**query)
            yield from map(_to_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def save(self, report: Report) -> None:
        """Store the report under its day; the same report again changes nothing."""
        attributes = {
            "pk": {"S": f"report#{report.day.isoformat()}"},
            "items": {"N": str(report.items)},
            "processed": {"N": str(report.processed)},
            "quantity": {"N": str(report.quantity)},
        }
        with integration("Table"):
            self.client.put_item(TableName=self.table, Item=attributes)

    def probe(self) -> None:
        """Read the one key that every role may read, and that is never there."""
        self.client.get_item(TableName=self.table, Key={"pk": {"S": "probe"}})


def _kept(error: ClientError) -> dict[str, Any] | None:
    """Return what was written under the key before, if that is why this was refused."""
    reasons: Any = error.response.get("CancellationReasons", [])
    return next((reason["Item"] for reason in reasons if "Item" in reason), None)


def _owner(done: dict[str, dict[str, str]]) -> str:
    return done["key_owner"]["S"] if "key_owner" in done else ""


def _to_attributes(item: Item) -> dict[str, dict[str, str]]:
    return {
        "item_id": {"S": item.item_id},
        "name": {"S": item.name},
        "quantity": {"N": str(item.quantity)},
        "status": {"S": item.status},
        "received_at": {"S": item.received_at.isoformat()},
    }


def _to_item(attributes: dict[str, dict[str, str]]) -> Item:
    # While a release shifts, the other version may have written more, or less than has a default.
    known = attributes.keys() & set(Item.__struct_fields__)
    values = {name: next(iter(attributes[name].values())) for name in known}
    try:
        return msgspec.convert(values, Item, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"what is stored is no item: {validation.unquoted(error)}") from None
