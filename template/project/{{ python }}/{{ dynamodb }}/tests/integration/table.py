"""What the deployed table has."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.stack import Stack


def items_named(stack: Stack, name: str) -> list[dict[str, Any]]:
    """Return the items of that name received today, or yesterday: midnight may have passed."""
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=1), today)
    return [item for day in days for item in _received_on(stack, day.isoformat(), name)]


def _received_on(stack: Stack, day: str, name: str) -> list[dict[str, Any]]:
    query = stack.client("dynamodb").get_paginator("query")
    pages = query.paginate(
        TableName=stack.outputs["TableName"],
        IndexName="by-day",
        KeyConditionExpression="#day = :day",
        FilterExpression="#name = :name",
        ExpressionAttributeNames={"#day": "day", "#name": "name"},
        ExpressionAttributeValues={":day": {"S": day}, ":name": {"S": name}},
    )
    return [item for page in pages for item in page["Items"]]
