"""The catalogue in DynamoDB: views and index entries of all generations, in the table ``catalogue``."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import PARTITION_KEY_BYTES, is_key
from core.adapters.dynamodb.keys import book_partition, view_key
from core.adapters.dynamodb.listings import listing_query
from core.adapters.dynamodb.replacement import Replacement, entry_of, noted_entry
from core.adapters.dynamodb.transactions import ConditionsFailed, Writer
from core.ports.catalogue import Entry, Listing, Page, Position, StaleEntry, check_replaces
from core.ports.clock import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbCatalogue:
    """One generation of the read model in ``table``.

    ``generation`` tells which, anew for each call; ``sleep`` is for the pauses when two transactions meet.

    What a call costs, in requests and units (read: 4 KB each, write: 1 KB each, an item's rounded up):

    - ``get``: one strongly consistent GetItem, 1 read unit for each 4 KB of the view.
    - ``find``: one Query of an index, eventually consistent (an index lags by milliseconds), half a read unit for each
      4 KB of the entries looked at: ``limit`` + 1 with one filter or none, 2 ``limit`` + 1 with one word, 500 where
      filters combine; 1 MB at most.
    - ``replace``: one TransactWriteItems. Each item costs 2 write units for each KB, and each entry 1 more for each
      index that it is in: three for a facet (all, each author, each subject, language, ISBN), one for a word. An
      index takes 2 for an entry whose place in it changes.
    - ``check``: one eventually consistent GetItem, half a read unit.

    A book of more than 99 entries, or of more than 1 MB of them, takes more transactions (see ``replacement``); the
    largest there can be has 403 entries and 40 MB.

    The limit: "all" is one partition of each index, so is a language, and a partition takes 1,000 writes a second, so
    at most that many books can be written in a second. To lift it, spread such a facet over partitions by a digest of
    the book's id, and merge their pages.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, generation: Callable[[], int], sleep: Sleep
    ) -> None:
        self._client = client
        self._table = table
        self._generation = generation
        self._writer = Writer(client, table, sleep)

    def get(self, book_id: str) -> Entry | None:
        generation = self._generation()
        if not is_key(book_partition(generation, book_id), PARTITION_KEY_BYTES):
            return None
        with store_errors(self._table, "GetItem"):
            answer = self._client.get_item(
                TableName=self._table, Key=view_key(generation, book_id), ConsistentRead=True
            )
        return entry_of(book_id, answer.get("Item", {}))

    def replace(self, old: Entry | None, new: Entry) -> None:
        check_replaces(old, new)
        wanted = Replacement(self._table, self._generation(), old, new)
        parts = wanted.parts()
        try:
            if len(parts) == 1:
                self._writer.write([*parts[0], wanted.move()])
                return
            self._writer.write([wanted.note()])
        except ConditionsFailed as error:
            self._finish_other(wanted, error)
            return
        self._carry_out(wanted)

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page:
        query = listing_query(self._generation(), listing, after, limit)
        if query is None:
            return Page((), None)
        with store_errors(self._table, f"Query of index {query.index}"):
            answer = self._client.query(TableName=self._table, **query.arguments())
        return query.page(answer, limit)

    def check(self) -> None:
        with store_errors(self._table, "GetItem"):
            self._client.get_item(TableName=self._table, Key=view_key(0, "health"))

    def _finish_other(self, wanted: Replacement, error: ConditionsFailed) -> None:
        """Finish the replacement under way. Raises StaleEntry unless that was the one ``wanted``."""
        book_id = wanted.new.book_id
        view_item = next(failure.item for failure in error.failures if failure is not None)
        noted = noted_entry(book_id, view_item)
        if noted is not None:
            present = entry_of(book_id, view_item)
            self._carry_out(Replacement(self._table, wanted.generation, present, noted))
        if noted != wanted.new:
            raise StaleEntry(book_id) from error

    def _carry_out(self, noted: Replacement) -> None:
        """Write part by part while the note stands, the view with the last."""
        *earlier, last = noted.parts()
        try:
            for part in earlier:
                self._writer.write([*part, noted.while_noted()])
            self._writer.write([*last, noted.move_noted()])
        except ConditionsFailed as error:
            # The note is gone: somebody else was carrying out the same, and has done so.
            if self.get(noted.new.book_id) != noted.new:
                raise StaleEntry(noted.new.book_id) from error
