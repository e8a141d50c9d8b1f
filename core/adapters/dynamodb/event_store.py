"""The event store in DynamoDB: one item for each event, and one for each claim, in one table."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.envelopes import (
    envelope_from_item,
    event_key,
    item_from_envelope,
    logged_from_item,
)
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import (
    MAX_ITEM_BYTES,
    MAX_PARTITION_KEY_BYTES,
    Item,
    is_key,
    item_size,
)
from core.adapters.dynamodb.paging import pages
from core.adapters.dynamodb.shapes import text_of
from core.adapters.dynamodb.snapshots import Snapshots
from core.adapters.dynamodb.transactions import (
    MAX_TRANSACTION_BYTES,
    MAX_TRANSACTION_ITEMS,
    ConditionsFailed,
    Failure,
    ItemTooLarge,
    Operation,
    Writer,
)
from core.ports.clock import Sleep
from core.ports.event_store import (
    NO_CLAIMS,
    Claims,
    ClaimTaken,
    EventTooLarge,
    VersionConflict,
    check_continues,
)
from core.ports.events import Codec, Envelope, Unreadable

E = TypeVar("E")

CLAIM_VERSION: Final = 0
"""The sort key of a claim: events count from 1. A projector's event source filters claims out by
it."""

MAX_REMEMBERED_STREAMS: Final = 10_000

_MAX_VERSION: Final = 10**18
_HEALTH_KEY: Final = event_key("health", CLAIM_VERSION)
_NAMES: Final = {"#stream": "stream"}
_FREE_OR_OWN: Final = "attribute_not_exists(#stream) OR #owner = :stream"


class DynamoDbEventStore(Generic[E]):
    """Keeps events in ``table``, in the form that ``codec`` gives them.

    ``sleep`` is for the pauses when two transactions conflict. The versions of at most
    ``remembered`` streams are remembered.

    What a call costs, in requests and units (read: 4 KB each, write: 1 KB each):

    - ``load``: one strongly consistent Query, 1 read unit for each 4 KB of the events asked for, 1
      MB a request.
    - ``load_last``: the same, for the events that it returns.
    - ``append`` of one event without claims: one conditional PutItem, 1 write unit for each KB of
      the event.
    - ``append`` with claims or of several events: one TransactWriteItems, 2 write units for each KB
      of each event and 2 for each claim. At most 100 events and claims, and 4 MB.
    - ``append`` after a version that this process has not seen the stream reach: one GetItem
      before, 1 read unit for each 4 KB. A command loads the stream first, so it never pays this; it
      prevents gaps for every other caller.
    - ``load_snapshot`` and ``save_snapshot``: see ``Snapshots``.
    - ``read_all``: strongly consistent Scans, 1 read unit for each 4 KB of the table.
    - ``check``: one eventually consistent GetItem, half a read unit.

    A stream is one partition key: it takes 1,000 writes a second. Streams do not share one.
    """

    def __init__(
        self,
        client: DynamoDb,
        table: str,
        codec: Codec[E],
        sleep: Sleep,
        remembered: int = MAX_REMEMBERED_STREAMS,
    ) -> None:
        self._client = client
        self._table = table
        self._codec = codec
        self._writer = Writer(client, table, sleep)
        self._snapshots = Snapshots(client, table)
        # Versions that streams were seen to have reached. Streams only grow, so this can be old but
        # never wrong.
        self._reached: dict[str, int] = {}
        self._remembered = remembered

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[E]]:
        if not is_key(stream, MAX_PARTITION_KEY_BYTES) or limit == 0:
            return []
        events: list[Envelope[E]] = []
        for items in pages(self._client.query, self._query(stream, after, limit), "Query"):
            events += [envelope_from_item(item, self._codec) for item in items]
            if limit is not None and len(events) >= limit:
                break
        if events:
            self._remember(stream, events[-1].version)
        return events[:limit]

    def load_last(self, stream: str, count: int) -> list[Envelope[E]]:
        if not is_key(stream, MAX_PARTITION_KEY_BYTES) or count == 0:
            return []
        request = {**self._query(stream, 0, count), "ScanIndexForward": False}
        events: list[Envelope[E]] = []
        for items in pages(self._client.query, request, "Query"):
            events += [envelope_from_item(item, self._codec) for item in items]
            if len(events) >= count:
                break
        if events:
            self._remember(stream, events[0].version)
        return events[:count][::-1]

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[E]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        check_continues(stream, expected_version, events)
        if expected_version > 0 and not self._has_reached(stream, expected_version):
            raise VersionConflict(stream, expected_version)
        items = [item_from_envelope(event, self._codec) for event in events]
        _check_sizes(stream, items)
        self._write(stream, expected_version, items, claims)
        self._remember(stream, expected_version + len(events))

    def _write(
        self, stream: str, expected_version: int, items: Sequence[Item], claims: Claims
    ) -> None:
        taken = sorted(claims.take)
        released = sorted(claims.release - claims.take)
        operations = [
            *(self._put_event(item) for item in items),
            *(self._take(stream, name) for name in taken),
            *(self._release(stream, name) for name in released),
        ]
        if len(operations) > MAX_TRANSACTION_ITEMS:
            raise ValueError(f"one append takes at most {MAX_TRANSACTION_ITEMS} events and claims")
        try:
            self._writer.write(operations)
        except ItemTooLarge as error:
            raise EventTooLarge(f"an event of stream {stream}: {error}") from error
        except ConditionsFailed as error:
            failures = iter(error.failures)
            of_events = [next(failures) for _ in items]
            with store_errors(self._table, "TransactWriteItems"):
                if _are_stored(items, of_events):
                    return
                if any(of_events):
                    raise VersionConflict(stream, expected_version) from error
                for name, failure in zip(taken, failures, strict=False):
                    if failure is not None:
                        raise ClaimTaken(name, text_of(failure.item, "owner")) from error
            # What is left are names to release that others hold: they are not this stream's own.
            kept = frozenset(
                name for name, failure in zip(released, failures, strict=True) if failure
            )
            self._write(stream, expected_version, items, Claims(claims.take, claims.release - kept))

    def read_all(self, after: str | None = None) -> Iterator[tuple[str, Envelope[E] | Unreadable]]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "FilterExpression": "#version > :claim",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":claim": {"N": str(CLAIM_VERSION)}},
        }
        start = None if after is None else event_key(*json.loads(after))
        for items in pages(self._client.scan, request, "Scan", start):
            for item in items:
                with store_errors(self._table, "Scan"):
                    logged = logged_from_item(item, self._codec)
                yield json.dumps([logged.stream, logged.version]), logged

    def load_snapshot(self, stream: str, version: int) -> str | None:
        return self._snapshots.load(stream, version)

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> None:
        self._snapshots.save(stream, version, snapshot)

    def check(self) -> None:
        with store_errors(self._table, "GetItem"):
            self._client.get_item(TableName=self._table, Key=_HEALTH_KEY)

    def _has_reached(self, stream: str, version: int) -> bool:
        if self._reached.get(stream, 0) >= version:
            return True
        with store_errors(self._table, "GetItem"):
            response = self._client.get_item(
                TableName=self._table,
                Key=event_key(stream, version),
                ConsistentRead=True,
                ProjectionExpression="event_id",
            )
        return "Item" in response

    def _remember(self, stream: str, version: int) -> None:
        if len(self._reached) >= self._remembered:
            self._reached = {}
        self._reached[stream] = max(version, self._reached.get(stream, 0))

    def _query(self, stream: str, after: int, limit: int | None) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#stream = :stream AND #version > :after",
            "ExpressionAttributeNames": {**_NAMES, "#version": "version"},
            "ExpressionAttributeValues": {
                ":stream": {"S": stream},
                ":after": {"N": str(min(max(after, CLAIM_VERSION), _MAX_VERSION))},
            },
            **({} if limit is None else {"Limit": limit}),
        }

    def _put_event(self, item: Item) -> Operation:
        # The version is free. (That the one before it is there is known before: see append.)
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(#stream)",
                "ExpressionAttributeNames": _NAMES,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _take(self, stream: str, name: str) -> Operation:
        # No stream holds the name, or this one does already.
        return {
            "Put": {
                "Item": {**_claim_key(name), "owner": {"S": stream}},
                **self._if_free_or_own(stream),
            }
        }

    def _release(self, stream: str, name: str) -> Operation:
        # The same: a stream can only release a name of its own.
        return {"Delete": {"Key": _claim_key(name), **self._if_free_or_own(stream)}}

    def _if_free_or_own(self, stream: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "ConditionExpression": _FREE_OR_OWN,
            "ExpressionAttributeNames": {**_NAMES, "#owner": "owner"},
            "ExpressionAttributeValues": {":stream": {"S": stream}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _claim_key(name: str) -> Item:
    return event_key(f"claim#{name}", CLAIM_VERSION)


def _are_stored(items: Sequence[Item], failures: Sequence[Failure | None]) -> bool:
    """Return whether the present items are the very events to append.

    Then they are those of an earlier append whose response was lost. Raises Malformed.
    """
    return all(
        failure is not None and text_of(failure.item, "event_id") == text_of(item, "event_id")
        for item, failure in zip(items, failures, strict=True)
    )


def _check_sizes(stream: str, items: Sequence[Item]) -> None:
    sizes = [item_size(item) for item in items]
    if max(sizes) > MAX_ITEM_BYTES:
        raise EventTooLarge(
            f"an event of stream {stream} has {max(sizes):,} bytes of {MAX_ITEM_BYTES:,}"
        )
    if sum(sizes) > MAX_TRANSACTION_BYTES:
        raise EventTooLarge(
            f"the events of stream {stream} have {sum(sizes):,} bytes of {MAX_TRANSACTION_BYTES:,}"
        )
