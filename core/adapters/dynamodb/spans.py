"""Spans: what a call was about, how long it took and how it ended, without the content of items."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from core.adapters.dynamodb.client import DynamoDb, Response, ServiceError


class Span(NamedTuple):
    """A call, with all of its attempts and the pauses between them.

    ``start`` and ``end`` are seconds since 1970. ``items`` is how many were returned by a Query or
    Scan, or asked for or written by another operation. ``status`` is that of the last response, and
    None without one. ``error`` is DynamoDB's code, or the name of another error.
    """

    operation: str
    tables: Sequence[str]
    items: int
    start: float
    end: float
    retries: int
    status: int | None = 200
    error: str | None = None


def traced(
    database: DynamoDb, record: Callable[[Span], None], now: Callable[[], float]
) -> DynamoDb:
    """Return ``database`` so that ``record`` gets the span of each call. Its errors pass through.

    ``record`` must not raise.
    """

    def call(operation: str, parameters: Mapping[str, Any]) -> Response:
        tables, items = _subject(parameters)
        start = now()
        try:
            response = database.call(operation, parameters)
        except ServiceError as error:
            retries = _retries(error.content)
            end = now()
            record(Span(operation, tables, items, start, end, retries, error.status, error.code))
            raise
        except Exception as error:
            name = type(error).__name__
            record(Span(operation, tables, items, start, now(), 0, None, name))
            raise
        found = len(response["Items"]) if "Items" in response else items
        record(Span(operation, tables, found, start, now(), _retries(response)))
        return response

    return DynamoDb(call)


def _subject(parameters: Mapping[str, Any]) -> tuple[Sequence[str], int]:
    """Return the tables that a request names, and how many items."""
    match parameters:
        case {"TableName": str(table)}:
            return [table], 1
        case {"TransactItems": operations}:
            tables = {request["TableName"] for each in operations for request in each.values()}
            return sorted(tables), len(operations)
        case {"RequestItems": requests}:
            items = sum(len(_keys(request)) for request in requests.values())
            return sorted(requests), items
        case _:
            return [], 0


def _keys(request: Any) -> Sequence[Any]:
    """Return what is asked for of a table, by BatchGetItem or by BatchWriteItem."""
    keys: Sequence[Any] = request["Keys"] if isinstance(request, dict) else request
    return keys


def _retries(response: Response) -> int:
    """Return how often a request was sent again, which both clients say as boto3 does."""
    retries: int = response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return retries
