"""Deletes the generations of the catalogue that serve no more."""

from collections.abc import Sequence
from typing import Any, Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import THROTTLED_RETRY_AFTER, store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import generation_prefix
from core.adapters.dynamodb.paging import pages
from core.ports.clock import Sleep
from core.ports.errors import StoreUnavailable

MAX_BATCH_ITEMS: Final = 25
"""AWS's limit for BatchWriteItem."""

_MAX_ATTEMPTS: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.05


def delete_generations_before(live: int, client: DynamoDb, table: str, sleep: Sleep) -> None:
    """Delete all items of the generations before ``live``, however much earlier they are.

    Stopped and started again, it deletes the rest. Raises StoreUnavailable, also when the table
    stays throttled.
    """
    request = {
        "TableName": table,
        "ProjectionExpression": "pk, sk",
        # Generations have a fixed number of digits, which sort before the pointer's key.
        "FilterExpression": "pk < :live",
        "ExpressionAttributeValues": {":live": {"S": generation_prefix(live)}},
    }
    for keys in pages(client.scan, request, "Scan"):
        for start in range(0, len(keys), MAX_BATCH_ITEMS):
            _delete(keys[start : start + MAX_BATCH_ITEMS], client, table, sleep)


def _delete(keys: Sequence[Item], client: DynamoDb, table: str, sleep: Sleep) -> None:
    left: Any = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    for attempt in range(_MAX_ATTEMPTS):
        if attempt:
            sleep(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        with store_errors(table, "BatchWriteItem"):
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        if not left:
            return
    raise StoreUnavailable(f"table {table}: BatchWriteItem: throttled", THROTTLED_RETRY_AFTER)
