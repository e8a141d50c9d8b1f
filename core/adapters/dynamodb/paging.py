"""Queries and Scans longer than the 1 MB of one response.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.shapes import items_of


def pages(
    call: Callable[..., Any], request: Mapping[str, Any], action: str, start: Item | None = None
) -> Iterator[Sequence[Item]]:
    """Yield the items of each page of ``call(**request)``, after the key ``start``.

    Raises StoreUnavailable.
    """
    while True:
        position = {} if start is None else {"ExclusiveStartKey": start}
        with store_errors(request["TableName"], action):
            response = call(**request, **position)
            items = items_of(response)
        yield items
        if (start := response.get("LastEvaluatedKey")) is None:
            return
