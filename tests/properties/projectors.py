"""Projectors of cards that stop or go on between any two requests, and what the table then has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]

from apps.local.dynamodb_tables import catalogue_table
from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.generations import Fixed, Generation
from core.adapters.dynamodb.keys import view_key
from core.adapters.dynamodb.places import Place, PlaceKey, places, placing_of
from core.adapters.dynamodb.views import projected_from_attributes
from core.adapters.memory.event_store import MemoryEventStore
from core.application.projection import project
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope
from core.ports.listing import Listing
from core.ports.views import Projected, View
from tests.properties.cards import CARDS, LISTING, Card, events
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.support.walking import expected, items, walk

T = TypeVar("T")

TABLE = "cards"
GENERATION = 1
_METHODS = {
    "GetItem": "get_item",
    "Query": "query",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
}

LISTINGS = (
    Listing(),
    Listing(sort="shape", descending=True),
    Listing(filters={"code": "k"}),
    Listing(filters={"code": "k"}, sort="shape"),
    Listing(filters={"code": "k", "colour": "ab"}),
    Listing(filters={"colour": "ab"}),
    Listing(filters={"colour": "b", "shape": "o"}, sort="shape"),
    Listing(filters={"shape": "o"}, descending=True),
    Listing(words=("a",)),
    Listing(words=("a", "b")),
    Listing(words=("b",)),
    Listing(words=("ab",), filters={"colour": "ab"}),
    Listing(words=("a",), filters={"code": "k", "shape": "o"}),
)


class World:
    """A table, the log of its cards, and the projectors that are under way."""

    def __init__(self, histories: Mapping[str, Sequence[Card | None]]) -> None:
        self.database = ModelDynamoDb()
        self.database.create_table(**catalogue_table(TABLE))
        self.store: MemoryEventStore[Any] = MemoryEventStore()
        self.log = {stream: events(stream, each) for stream, each in histories.items() if each}
        for stream, envelopes in self.log.items():
            self.store.append(stream, 0, envelopes)
        self.running: list[greenlet] = []
        self.reader = self._catalogue(self._call, _in_order)

    # --- projectors -------------------------------------------------------------------------------

    def start(self, event: Envelope[Any], seed: int) -> greenlet:
        """Begin to project ``event``, up to its first request.

        What is sent at once is sent in the order of a shuffle by ``seed``.
        """

        def waiting(action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
            getcurrent().parent.switch()
            return self._call(action, parameters)

        def shuffled(calls: Sequence[Callable[[], T]]) -> list[T]:
            order = list(range(len(calls)))
            Random(seed).shuffle(order)
            results = {number: calls[number]() for number in order}
            return [results[number] for number in range(len(calls))]

        catalogue = self._catalogue(waiting, shuffled)

        def run() -> None:
            with suppress(StoreUnavailable):
                project(event, catalogue, self.store, CARDS)

        projector = greenlet(run)
        self.running.append(projector)
        self.step(projector)
        return projector

    def step(self, projector: greenlet) -> None:
        """Let a projector send the request that it waits with, and go on up to the next one."""
        before = {stream: self.version(stream) for stream in self.log}
        projector.switch()
        if projector.dead:
            self.running.remove(projector)
        assert all(before[stream] <= self.version(stream) for stream in self.log)

    def stop(self, projector: greenlet) -> None:
        """Let a projector die before the request that it waits with."""
        self.running.remove(projector)
        projector.throw(GreenletExit)

    def finish(self, projector: greenlet) -> None:
        """Let a projector go on to its end."""
        while not projector.dead:
            self.step(projector)

    def close(self) -> None:
        """Stop all projectors."""
        for projector in list(self.running):
            self.stop(projector)

    # --- what the table has -----------------------------------------------------------------------

    def version(self, stream: str) -> int:
        """Return the version of a card's view, 0 for none."""
        projected = self._projected(stream)
        return 0 if projected is None else projected.version

    def views(self) -> list[View[Card]]:
        """Return the views that are stored now."""
        return [v for v in map(self._projected, self.log) if isinstance(v, View)]

    def listed(self, listing: Listing) -> list[View[Card]]:
        """Return what a listing has."""
        return items(walk(self.reader, listing, limit=2))

    def check_listing(self, listing: Listing) -> None:
        """Check that a listing has the views that belong to it, each once and in order."""
        assert self.listed(listing) == expected(LISTING, self.views(), listing), listing

    def check_places(self) -> None:
        """Check that each view has its places, and that nothing in them hides it."""
        stored = self.places()
        for view in self.views():
            for key, place in wanted(view).items():
                assert key in stored, f"{view} has lost {key}"
                assert place.terms <= stored[key].terms, f"{view} is filtered out at {key}"
                assert stored[key].previous_word in {None, place.previous_word}, f"{view} at {key}"

    def check_exact(self) -> None:
        """Check that there are no places but those of the views."""
        mine = {key for view in self.views() for key in wanted(view)}
        assert self.places().keys() == mine

    def places(self) -> dict[PlaceKey, Place]:
        """Return the places that are stored."""
        return {
            PlaceKey(item["pk"]["S"], item["sk"]["S"]): Place(
                frozenset(item.get("terms", {"SS": []})["SS"]),
                item.get("previous_word", {"S": None})["S"],
            )
            for item in self.database.tables[TABLE].items()
            if item["sk"]["S"] != "view"
        }

    def _projected(self, stream: str) -> Projected[Card] | None:
        key = view_key(GENERATION, CARDS.noun, stream)
        stored = self.database.tables[TABLE].stored((key["pk"]["S"], key["sk"]["S"]))
        return projected_from_attributes(stream, stored.item if stored else {}, Card)

    def _call(self, action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        response: Mapping[str, Any] = getattr(self.database, _METHODS[action])(**parameters)
        return response

    def _catalogue(self, call: Any, together: Any) -> DynamoDbCatalogue[Card]:
        client = DynamoDb(call)
        source = Fixed(client, TABLE, Generation(GENERATION))
        return DynamoDbCatalogue(client, TABLE, CARDS, source, lambda _: None, together)


def wanted(view: View[Card]) -> Mapping[PlaceKey, Place]:
    """Return the places that a view must have."""
    return places(GENERATION, LISTING, placing_of(LISTING, view))


def _in_order(calls: Sequence[Callable[[], T]]) -> list[T]:
    return [call() for call in calls]
