"""A model of DynamoDB behind the operations that the adapters use.

It has what DynamoDB promises (conditions, transactions, strongly consistent reads, pages, limits,
errors) and, with a ``delay``, what it does not: an index, and an eventually
consistent read, may see an older state. Each request takes effect at one moment. What goes wrong
between the client and here is in ``network``.

``test_model.py`` runs the adapters' contract suites over it and compares it with DynamoDB Local.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.reliability.simulation.errors import cancelled, invalid, service_error
from tests.reliability.simulation.expressions import condition, update
from tests.reliability.simulation.pages import (
    Page,
    between,
    bounds_of,
    page_response,
    projection_of,
)
from tests.reliability.simulation.tables import Item, Key, KeySchema, Stored, Table
from tests.reliability.simulation.throughput import Throughput, Units
from tests.reliability.simulation.validation import (
    check_arguments,
    check_used,
    item_bytes,
    valid_key,
)

MAX_ITEM_BYTES: Final = 409_600
MAX_PAGE_BYTES: Final = 1_048_576
MAX_TRANSACTION_BYTES: Final = 4_194_304
MAX_TRANSACTION_ITEMS: Final = 100
MAX_BATCH_ITEMS: Final = 25
MAX_BATCH_KEYS: Final = 100
TOKEN_SECONDS: Final = 600.0
"""How long a ClientRequestToken makes a repeated transaction succeed without effect."""


class Written(NamedTuple):
    """An item that a request has put, updated or deleted."""

    table: str
    key: Key
    old: Item | None
    new: Item | None


Commit = Callable[[Sequence[Written]], None]
"""Receives what a request wrote, at the moment it did."""


class _Write(NamedTuple):
    """One item's part of a request, checked but not done."""

    table: Table
    key: Key
    new: Stored | None
    is_check: bool = False


class ModelDynamoDb:
    """Tables in memory. ``now`` is the time, ``delay`` how long a read may lag behind an item.

    ``committed`` is called with every write. A page of a Query or Scan has at most ``page_bytes``.
    """

    def __init__(
        self,
        now: Callable[[], float] = lambda: 0.0,
        delay: Callable[[], float] = lambda: 0.0,
        committed: Commit = lambda _: None,
        throughput: Throughput | None = None,
        page_bytes: int = MAX_PAGE_BYTES,
    ) -> None:
        self.tables: dict[str, Table] = {}
        self._now = now
        self._delay = delay
        self._committed = committed
        self._throughput = throughput
        self._page_bytes = page_bytes
        self._tokens: dict[str, float] = {}

    def create_table(
        self,
        *,
        TableName: str,
        AttributeDefinitions: Sequence[Mapping[str, str]],
        KeySchema: Sequence[Mapping[str, str]],
        BillingMode: str,
        StreamSpecification: object = None,
    ) -> dict[str, Any]:
        types = {a["AttributeName"]: a["AttributeType"] for a in AttributeDefinitions}
        self.tables[TableName] = Table(TableName, _schema(KeySchema, types))
        return {}

    # --- reads --------------------------------------------------------------------------------

    def get_item(
        self,
        *,
        TableName: str,
        Key: Item,
        ConsistentRead: bool = False,
        ProjectionExpression: str | None = None,
    ) -> dict[str, Any]:
        table = self._table(TableName)
        stored = table.stored(valid_key(table.schema, Key))
        item = None if stored is None else stored.item
        if not ConsistentRead and stored is not None and stored.fresh_at > self._now():
            item = stored.before
        if item is None:
            return {}
        return {"Item": projection_of(item, ProjectionExpression, ())}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Item,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        FilterExpression: str | None = None,
        ProjectionExpression: str | None = None,
        ScanIndexForward: bool = True,
        Limit: int | None = None,
        ExclusiveStartKey: Item | None = None,
        ConsistentRead: bool = False,
    ) -> dict[str, Any]:
        table = self._table(TableName)
        names = ExpressionAttributeNames or {}
        expressions = [KeyConditionExpression, FilterExpression, ProjectionExpression]
        check_used(expressions, names, ExpressionAttributeValues)
        known = tuple(names.items())
        bounds = bounds_of(KeyConditionExpression, known, table.schema, ExpressionAttributeValues)
        if ExclusiveStartKey is not None:
            bounds = bounds.after(table.schema.key_of(ExclusiveStartKey)[1], ScanIndexForward)
        found = between(table.partitions.get(bounds.partition), bounds)
        if not ScanIndexForward:
            found = reversed(list(found))
        if not ConsistentRead:
            found = self._as_seen(found)
        page = self._page(found, Limit)
        last = table.schema.attributes_of(page.items[-1]) if page.is_cut else None
        return page_response(
            page, last, FilterExpression, ExpressionAttributeValues, ProjectionExpression, known
        )

    def scan(
        self,
        *,
        TableName: str,
        ConsistentRead: bool = False,
        FilterExpression: str | None = None,
        ProjectionExpression: str | None = None,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ExpressionAttributeValues: Item | None = None,
        Limit: int | None = None,
        ExclusiveStartKey: Item | None = None,
    ) -> dict[str, Any]:
        table = self._table(TableName)
        names, values = ExpressionAttributeNames or {}, ExpressionAttributeValues or {}
        check_used([FilterExpression, ProjectionExpression], names, values)
        known = tuple(names.items())
        start = None if ExclusiveStartKey is None else table.schema.key_of(ExclusiveStartKey)
        page = self._page((stored for _, stored in table.scan_after(start)), Limit)
        last = table.schema.attributes_of(page.items[-1]) if page.is_cut else None
        return page_response(page, last, FilterExpression, values, ProjectionExpression, known)

    def _as_seen(self, found: Iterator[Stored]) -> Iterator[Stored]:
        """Return what an eventually consistent read sees: what is new, perhaps not yet."""
        now = self._now()
        for stored in found:
            if stored.fresh_at <= now:
                yield stored
            elif stored.before is not None:
                yield Stored(stored.before, stored.size)

    def _page(self, found: Iterator[Stored], limit: int | None) -> Page:
        items: list[Item] = []
        size = 0
        for stored in found:
            items.append(stored.item)
            size += stored.size
            if len(items) == limit or size >= self._page_bytes:
                return Page(items, is_cut=True)
        return Page(items, is_cut=False)

    def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return items. ``network`` makes it partial."""
        responses: dict[str, list[Item]] = {}
        for name, request in RequestItems.items():
            keys = request["Keys"]
            if not 1 <= len(keys) <= MAX_BATCH_KEYS or len(keys) != len({str(k) for k in keys}):
                raise invalid("Too many items requested, or one of them twice")
            found = [
                self.get_item(
                    TableName=name, Key=key, ConsistentRead=request.get("ConsistentRead", False)
                )
                for key in keys
            ]
            responses[name] = [response["Item"] for response in found if response]
        return {"Responses": responses, "UnprocessedKeys": {}}

    # --- writes -------------------------------------------------------------------------------

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._write_one("Put", request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._write_one("Update", request)

    def delete_item(self, **request: Any) -> dict[str, Any]:
        return self._write_one("Delete", request)

    def _write_one(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        asked = {name: value for name, value in request.items() if name != "ReturnValues"}
        write, failure = self._checked({action: asked}, in_transaction=False)
        if failure is not None:
            present = {"Item": failure["Item"]} if "Item" in failure else {}
            raise service_error("ConditionalCheckFailedException", failure["Message"], **present)
        before = write.table.stored(write.key)
        self._spend([write], factor=1)
        self._write([write])
        wants_old = request.get("ReturnValues") == "ALL_OLD"
        return {"Attributes": before.item} if wants_old and before is not None else {}

    def transact_write_items(
        self, *, TransactItems: Sequence[Mapping[str, Any]], ClientRequestToken: str | None = None
    ) -> dict[str, Any]:
        now = self._now()
        if ClientRequestToken and now < self._tokens.get(ClientRequestToken, -1.0):
            return {}
        if not 1 <= len(TransactItems) <= MAX_TRANSACTION_ITEMS:
            raise invalid("Member must have length less than or equal to 100")
        checked = [self._checked(operation, in_transaction=True) for operation in TransactItems]
        writes = [write for write, _ in checked]
        if len({(write.table.name, write.key) for write in writes}) < len(writes):
            raise invalid("Transaction request cannot include multiple operations on one item")
        if sum(write.new.size for write in writes if write.new) > MAX_TRANSACTION_BYTES:
            raise invalid("Transaction request size limit exceeded")
        if any(failure for _, failure in checked):
            raise cancelled([failure or {"Code": "None"} for _, failure in checked])
        writes = [write for write in writes if not write.is_check]
        self._spend(writes, factor=2)
        self._write(writes)
        if ClientRequestToken:
            self._tokens[ClientRequestToken] = now + TOKEN_SECONDS
        return {}

    def batch_write_item(
        self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> dict[str, Any]:
        """Delete items. ``network`` makes it partial."""
        if not 1 <= sum(map(len, RequestItems.values())) <= MAX_BATCH_ITEMS:
            raise invalid("Too many items requested for the BatchWriteItem call")
        writes = []
        for name, requests in RequestItems.items():
            table = self._table(name)
            for request in requests:
                if request.keys() != {"DeleteRequest"}:
                    raise NotImplementedError(f"BatchWriteItem: {request}")
                key = valid_key(table.schema, request["DeleteRequest"]["Key"])
                writes.append(_Write(table, key, None))
        self._write(writes)
        return {"UnprocessedItems": {}}

    def _checked(
        self, operation: Mapping[str, Any], in_transaction: bool
    ) -> tuple[_Write, dict[str, Any] | None]:
        """Return what an operation writes, and why it must not: a reason of the cancellation."""
        ((action, request),) = operation.items()
        check_arguments(action, request)
        table = self._table(request["TableName"])
        names = request.get("ExpressionAttributeNames") or {}
        values = request.get("ExpressionAttributeValues") or {}
        text = request.get("ConditionExpression")
        if text or names or values:
            check_used([text, request.get("UpdateExpression")], names, values)
        known = tuple(names.items())
        source = request["Item"] if action == "Put" else request["Key"]
        key = valid_key(table.schema, source, whole=action == "Put")
        present = table.stored(key)
        old: Item = {} if present is None else present.item
        if text is not None and not condition(text, known)(old, values):
            failure = {
                "Code": "ConditionalCheckFailed",
                "Message": "The conditional request failed",
            }
            if old and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                failure["Item"] = old  # type: ignore[assignment]
            return _Write(table, key, None), failure
        if action in {"Delete", "ConditionCheck"}:
            return _Write(table, key, None, is_check=action == "ConditionCheck"), None
        new = source
        if action == "Update":
            new = update(request["UpdateExpression"], known).applied(old or source, values)
        size = item_bytes(new)
        if size > MAX_ITEM_BYTES:
            message = "Item size has exceeded the maximum allowed size"
            if not in_transaction:
                raise invalid(message)
            return _Write(table, key, None), {"Code": "ValidationError", "Message": message}
        return _Write(table, key, Stored(new, size)), None

    def _spend(self, writes: Sequence[_Write], factor: int) -> None:
        if self._throughput is None:
            return
        units = [_units(write, factor) for write in writes]
        if not self._throughput.take(self._now(), units):
            code, message = "ProvisionedThroughputExceeded", "The level of throughput was exceeded."
            if factor == 1:
                raise service_error(f"{code}Exception", message)
            raise cancelled(
                [{"Code": code, "Message": message}, *[{"Code": "None"}] * (len(writes) - 1)]
            )

    def _write(self, writes: Sequence[_Write]) -> None:
        now, written = self._now(), []
        for write in writes:
            before = write.table.stored(write.key)
            old = None if before is None else before.item
            new = write.new
            if new is not None:
                new = Stored(new.item, new.size, old, now + self._delay())
            elif old is None:
                continue
            write.table.write(write.key, new)
            written.append(Written(write.table.name, write.key, old, new and new.item))
        self._committed(written)

    def _table(self, name: str) -> Table:
        table = self.tables.get(name)
        if table is None:
            raise service_error("ResourceNotFoundException", "Requested resource not found")
        return table


def _units(write: _Write, factor: int) -> Units:
    size = 0 if write.new is None else write.new.size
    return (write.table.name, write.key[0]), factor * max(1, -(-size // 1024))


def _schema(keys: Sequence[Mapping[str, str]], types: Mapping[str, str]) -> KeySchema:
    partition, sort = (key["AttributeName"] for key in keys)
    return KeySchema(partition, sort, types[partition], types[sort])
