"""Queries and Scans longer than the 1 MB of one response.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item


def pages(
    call: Callable[..., Any], request: Mapping[str, Any], action: str, start: Item | None = None
) -> Iterator[list[Item]]:
    """Yield the items of each page of ``call(**request)``, after the key ``start``.

    Raises StoreUnavailable.
    """
    while True:
        position = {} if start is None else {"ExclusiveStartKey": start}
        with store_errors(request["TableName"], action):
            response = call(**request, **position)
        yield response["Items"]
        if (start := response.get("LastEvaluatedKey")) is None:
            return
