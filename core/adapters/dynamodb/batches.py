"""Reads of several items by their keys, in one request.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import THROTTLED_RETRY_AFTER, store_errors
from core.adapters.dynamodb.items import Item
from core.ports.clock import Sleep
from core.ports.errors import StoreUnavailable

MAX_BATCH_KEYS: Final = 100
"""AWS's limit for BatchGetItem."""

_MAX_ATTEMPTS: Final = 6
_FIRST_PAUSE_SECONDS: Final = 0.02


def get_items(
    client: DynamoDb, table: str, keys: Sequence[Item], sleep: Sleep, *, consistent: bool
) -> list[Item]:
    """Return those items that there are, in any order. ``keys`` are different ones, one at least.

    What DynamoDB has not processed, as a partition is throttled or there are more than 16 MB, is
    asked for again. Raises StoreUnavailable.
    """
    found: list[Item] = []
    left: Any = keys
    for attempt in range(_MAX_ATTEMPTS):
        if attempt:
            sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        request = {table: {"Keys": left, "ConsistentRead": consistent}}
        with store_errors(table, "BatchGetItem"):
            response: Any = client.batch_get_item(RequestItems=request)
            found += response["Responses"].get(table, [])
            left = response.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        if not left:
            return found
    raise StoreUnavailable(f"table {table}: BatchGetItem: throttled", THROTTLED_RETRY_AFTER)
