"""The catalogue in DynamoDB: the views and places of all its generations, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from core.adapters.dynamodb.batches import MAX_BATCH_KEYS, get_items
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.generations import Generation, Source
from core.adapters.dynamodb.items import MAX_PARTITION_KEY_BYTES, Item, is_key
from core.adapters.dynamodb.keys import position_key, stream_of, view_key, view_partition
from core.adapters.dynamodb.listings import Candidates, PlaceQuery, place_query
from core.adapters.dynamodb.parallel import Together, one_by_one
from core.adapters.dynamodb.shapes import text_of
from core.adapters.dynamodb.transactions import Writer
from core.adapters.dynamodb.views import projected_from_attributes
from core.ports.catalogue import check_replaces
from core.ports.clock import Sleep
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable
from core.ports.listing import Listing, Page, Position
from core.ports.records import Record
from core.ports.views import Projected, View

if TYPE_CHECKING:
    from core.adapters.dynamodb.replacing import Replacing

V = TypeVar("V", bound=Record)

_REBUILD_SECONDS: Final = 60


class DynamoDbCatalogue(Generic[V]):
    """One generation of a domain's read model in ``table``: that of ``source``.

    ``sleep`` is for the pauses before what is throttled is sent again; ``together`` sends requests
    that do not depend on each other.

    What a call costs, in requests and units (read: 4 KB each, write: 1 KB each, an item's rounded
    up):

    - ``get``: one strongly consistent GetItem, 1 read unit for each 4 KB of the view.
    - ``find``: one Query of the places, half a read unit for each 4 KB of those evaluated (about
      150 bytes each): ``limit`` + 1 with one filter or none, 2 ``limit`` + 1 with one word, 500
      where filters combine. Then one BatchGetItem of at most ``limit`` views, half a read unit for
      each 4 KB of each. Both are eventually consistent. A term that is spread takes a Query for
      each of its partitions.
    - ``replace``: a PutItem or UpdateItem for each place that is new, and for each that stays but
      must be found by a term or word that is new; a PutItem for the view; a DeleteItem for each
      place that is gone. Each is 1 write unit for each KB. After a replacement that left places
      behind, 1 read unit.
    - ``finish``: one GetItem, and one more after such a replacement.
    - ``check``: one eventually consistent GetItem, half a read unit.

    The limit: each value of a filter in a sort, "all" in a sort, and an initial, is one partition,
    which takes 1,000 writes a second; ``ListingDeclaration.spread`` lifts it.
    """

    def __init__(
        self,
        client: DynamoDb,
        table: str,
        domain: Domain[Any, Any, Any, V],
        source: Source,
        sleep: Sleep,
        together: Together = one_by_one,
    ) -> None:
        self._client = client
        self._table = table
        self._domain = domain
        self._source = source
        self._sleep = sleep
        self._together = together

    def get(self, stream: str) -> Projected[V] | None:
        item = self._view_item(stream)
        with store_errors(self._table, "GetItem"):
            return self._projected(stream, item)

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        check_replaces(old, new)
        self._replacing().replace(self._source.current(), old, new)

    def finish(self, projected: Projected[V], /) -> None:
        generation, item = self._source.current(), self._view_item(projected.id)
        self._replacing().finish(generation, projected.id, item)

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        generation = self._source.current()
        if not generation.has_places:
            raise StoreUnavailable(
                f"table {self._table}: generation {generation.number} of the read model was made"
                " by an earlier version, without places: rebuild it (make rebuild)",
                _REBUILD_SECONDS,
            )
        limit = min(limit, MAX_BATCH_KEYS)
        declaration = self._domain.listing
        query = place_query(generation.number, declaration, listing, after, limit)
        if query is None:
            return Page((), None)
        if not query.in_order:
            return self._sorted_page(generation, query, listing, after, limit)
        found = self._candidates(query, limit)
        views = self._views(generation, found.streams)
        shown = [
            declaration.summary(view)
            for key in found.keys
            if (view := views.get(stream_of(key))) is not None
            and declaration.belongs(view, listing)
            and position_key(declaration.position(view, listing)) == key
        ]
        return Page(tuple(shown), found.next)

    def check(self) -> None:
        with store_errors(self._table, "GetItem"):
            self._client.get_item(
                TableName=self._table, Key=view_key(0, self._domain.noun, "health")
            )

    def _replacing(self) -> Replacing[V]:
        # Imported here: a query, whose process may have started for it, does not need it.
        from core.adapters.dynamodb.replacing import Replacing

        return Replacing(
            Writer(self._client, self._table, self._sleep), self._domain, self._together
        )

    # --- views ------------------------------------------------------------------------------------

    def _view_item(self, stream: str) -> Item:
        noun = self._domain.noun
        # Generations have a fixed number of digits: what is a key in one is a key in each.
        if not is_key(view_partition(0, noun, stream), MAX_PARTITION_KEY_BYTES):
            return {}
        return self._source.read(lambda generation: view_key(generation, noun, stream))

    def _projected(self, stream: str, item: Item) -> Projected[V] | None:
        return projected_from_attributes(stream, item, self._domain.listing.details)

    def _views(self, generation: Generation, streams: Sequence[str]) -> Mapping[str, View[V]]:
        """Return those of ``streams`` that have a view."""
        if not streams:
            return {}
        noun = self._domain.noun
        keys = {stream: view_key(generation.number, noun, stream) for stream in streams}
        found = get_items(
            self._client, self._table, list(keys.values()), self._sleep, consistent=False
        )
        with store_errors(self._table, "BatchGetItem"):
            items = {text_of(item, "pk"): item for item in found}
            projected = [
                self._projected(stream, items.get(key["pk"]["S"], {}))
                for stream, key in keys.items()
            ]
        return {view.id: view for view in projected if isinstance(view, View)}

    # --- listings ---------------------------------------------------------------------------------

    def _candidates(self, query: PlaceQuery, limit: int) -> Candidates:
        def respond(partition: str) -> Mapping[str, Any]:
            with store_errors(self._table, "Query"):
                return self._client.query(TableName=self._table, **query.arguments(partition))

        responses = self._together([partial(respond, partition) for partition in query.partitions])
        with store_errors(self._table, "Query"):
            return query.candidates(responses, limit)

    def _sorted_page(
        self,
        generation: Generation,
        query: PlaceQuery,
        listing: Listing,
        after: Position | None,
        limit: int,
    ) -> Page[V]:
        """Return a page of the views at all places of a term that few have at a time."""
        declaration, backwards = self._domain.listing, listing.is_backwards
        found = self._candidates(query, MAX_BATCH_KEYS)
        views = self._views(generation, found.streams).values()
        placed = sorted(
            (
                (declaration.position(view, listing), view)
                for view in views
                if declaration.belongs(view, listing)
            ),
            key=lambda place: place[0],
            reverse=backwards,
        )
        rest = [p for p in placed if after is None or (p[0] < after if backwards else p[0] > after)]
        page = rest[:limit]
        return Page(
            tuple(declaration.summary(view) for _, view in page),
            page[-1][0] if len(rest) > limit else None,
        )
