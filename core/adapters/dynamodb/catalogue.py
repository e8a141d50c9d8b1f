"""The catalogue in DynamoDB: the views and index entries of all its generations, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import MAX_PARTITION_KEY_BYTES, is_key
from core.adapters.dynamodb.keys import view_key, view_partition
from core.adapters.dynamodb.listings import listing_query
from core.adapters.dynamodb.replacement import Replacement, pending_of, projected_of
from core.adapters.dynamodb.transactions import ConditionsFailed, Operation, Writer
from core.ports.catalogue import StaleView, check_replaces
from core.ports.clock import Sleep
from core.ports.domain import Domain
from core.ports.listing import Listing, Page, Position
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)


class DynamoDbCatalogue(Generic[V]):
    """One generation of a domain's read model in ``table``.

    ``generation`` returns its number, asked for at each call; ``sleep`` is for the pauses when two
    transactions conflict.

    What a call costs, in requests and units (read: 4 KB each, write: 1 KB each, an item's rounded
    up):

    - ``get``: one strongly consistent GetItem, 1 read unit for each 4 KB of the view.
    - ``find``: one Query of an index, eventually consistent (an index lags by milliseconds), half a
      read unit for each 4 KB of the index entries evaluated: ``limit`` + 1 with one filter or none,
      2 ``limit`` + 1 with one word, 500 where filters combine; 1 MB at most.
    - ``replace``: one TransactWriteItems. Each item costs 2 write units for each KB, and each index
      entry 1 more for each index that it is in: that of every sort for a term's entry (each value
      of a filter is a term, and "all" is one), that of the default sort for a word's. An index
      takes 2 for an entry whose position in it changes.
    - ``check``: one eventually consistent GetItem, half a read unit.

    A view of more than 99 index entries, or of more than 1 MB of them, takes more transactions (see
    ``replacement``).

    The limit: "all" is one partition of each index, and so is each value of a filter. A partition
    takes 1,000 writes a second, so at most that many views can be written in a second. To lift it,
    spread such a term over partitions by a digest of the view's id, and merge their pages.
    """

    def __init__(
        self,
        client: DynamoDb,
        table: str,
        domain: Domain[Any, Any, Any, V],
        generation: Callable[[], int],
        sleep: Sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._domain = domain
        self._generation = generation
        self._writer = Writer(client, table, sleep)

    def get(self, stream: str) -> Projected[V] | None:
        generation, noun = self._generation(), self._domain.noun
        if not is_key(view_partition(generation, noun, stream), MAX_PARTITION_KEY_BYTES):
            return None
        with store_errors(self._table, "GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=view_key(generation, noun, stream), ConsistentRead=True
            )
            return projected_of(stream, response.get("Item", {}), self._domain.listing.details)

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        check_replaces(old, new)
        wanted = Replacement(self._table, self._generation(), self._domain, old, new)
        parts = wanted.parts()
        try:
            if len(parts) == 1:
                self._writer.write([*parts[0], wanted.replace_view()])
                return
            self._writer.write([wanted.begin()])
        except ConditionsFailed as error:
            self._finish_other(wanted, error)
            return
        self._finish(wanted, parts)

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        query = listing_query(self._generation(), self._domain, listing, after, limit)
        if query is None:
            return Page((), None)
        with store_errors(self._table, f"Query of index {query.index.name}"):
            response = self._client.query(TableName=self._table, **query.arguments())
            return query.page(response, limit)

    def check(self) -> None:
        with store_errors(self._table, "GetItem"):
            self._client.get_item(
                TableName=self._table, Key=view_key(0, self._domain.noun, "health")
            )

    def _finish_other(self, wanted: Replacement[V], error: ConditionsFailed) -> None:
        """Finish the replacement that is pending. Raises StaleView unless that was ``wanted``."""
        stream, details = wanted.new.id, self._domain.listing.details
        view_item = next(failure.item for failure in error.failures if failure is not None)
        with store_errors(self._table, "TransactWriteItems"):
            pending = pending_of(stream, view_item, details)
            present = projected_of(stream, view_item, details)
        if pending is not None:
            other = Replacement(self._table, wanted.generation, self._domain, present, pending)
            self._finish(other, other.parts())
        if pending != wanted.new:
            raise StaleView(stream) from error

    def _finish(self, pending: Replacement[V], parts: Sequence[Sequence[Operation]]) -> None:
        """Write part by part while the replacement is pending, the view with the last."""
        *earlier, last = parts
        try:
            for part in earlier:
                self._writer.write([*part, pending.check_pending()])
            self._writer.write([*last, pending.finish()])
        except ConditionsFailed as error:
            # It is pending no more: another process was finishing the same, and has done so.
            if self.get(pending.new.id) != pending.new:
                raise StaleView(pending.new.id) from error
