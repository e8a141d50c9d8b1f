"""Replaces views: writes what a ``Replacement`` says, in its order."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.generations import Generation
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.parallel import Together
from core.adapters.dynamodb.placement import Placement
from core.adapters.dynamodb.places import PlaceKey, places, placing_of
from core.adapters.dynamodb.replacement import Replacement, places_before, replacement
from core.adapters.dynamodb.transactions import ConditionsFailed, Writer
from core.adapters.dynamodb.views import projected_from_attributes
from core.ports.catalogue import StaleView
from core.ports.domain import Domain
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)


class Replacing(Generic[V]):
    """Replaces the views of a domain in the table of ``writer``."""

    def __init__(
        self, writer: Writer, domain: Domain[Any, Any, Any, V], together: Together
    ) -> None:
        self._writer = writer
        self._domain = domain
        self._placement = Placement(writer, together)

    def replace(self, generation: Generation, old: Projected[V] | None, new: Projected[V]) -> None:
        """Replace ``old`` by ``new``. Raises StaleView, ValueError and StoreUnavailable."""
        wanted = replacement(generation, self._domain, old, new)
        self._placement.put(wanted.places, wanted.base, wanted.version)
        left = self._replace_view(generation, wanted, new.id)
        if left and self._placement.is_there(max(left)):
            self._placement.delete(left - wanted.after.keys(), wanted.version)
        self._placement.delete(wanted.gone, wanted.version)

    def finish(self, generation: Generation, stream: str, item: Item) -> None:
        """Delete what the replacement by a view's ``item`` has left. Raises StoreUnavailable."""
        left = self._left_behind(generation, stream, item)
        if left and self._placement.is_there(max(left)):
            with store_errors(self._writer.table, "GetItem"):
                present = self._projected(stream, item)
            self._placement.delete(left, present.version if present else 0)

    def _replace_view(
        self, generation: Generation, wanted: Replacement, stream: str
    ) -> set[PlaceKey]:
        """Write the view; return what the replacement before may have left behind.

        Raises StaleView.
        """
        try:
            before = self._writer.write([wanted.put_view(self._writer.table)])
        except ConditionsFailed as error:
            present = next((failure.item for failure in error.failures if failure), {})
            if present == wanted.view:
                return set()  # by this request, whose first response was lost, or by an equal one
            self._take_back(generation, wanted, stream, present)
            raise StaleView(stream) from error
        return self._left_behind(generation, stream, before)

    def _left_behind(self, generation: Generation, stream: str, item: Item) -> set[PlaceKey]:
        """Return the places that the replacement by the view of an item was to delete."""
        with store_errors(self._writer.table, "GetItem"):
            before = places_before(generation, self._domain.listing, item)
            if not before:
                return set()
            return before.keys() - self._places(generation, self._projected(stream, item))

    def _take_back(
        self, generation: Generation, wanted: Replacement, stream: str, present_item: Item
    ) -> None:
        """Delete what was written of a stale replacement, where a later view has no use for it.

        Of a view that is earlier than the replacement's, another one may be under way that needs
        the same places: then they stay until the event is projected on top of that view.
        """
        with store_errors(self._writer.table, "PutItem"):
            present = self._projected(stream, present_item)
        if present is not None and present.version >= wanted.version:
            unused = wanted.places.keys() - self._places(generation, present)
            self._placement.delete(unused, present.version + 1)

    def _projected(self, stream: str, item: Item) -> Projected[V] | None:
        return projected_from_attributes(stream, item, self._domain.listing.details)

    def _places(self, generation: Generation, projected: Projected[V] | None) -> set[PlaceKey]:
        placing = placing_of(self._domain.listing, projected)
        return set(places(generation.number, self._domain.listing, placing))
