"""Which generation of the catalogue serves, and how its items are read.

One item of the table, the pointer, says which generation serves and which is being built. A
generation that an earlier version of this program has begun has views, but index entries in place
of places: ``Pointer.places_since`` says from which number on there are places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final, NamedTuple, Protocol

from core.adapters.dynamodb.batches import get_items
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import READ_MODEL
from core.adapters.dynamodb.paging import pages
from core.adapters.dynamodb.shapes import number_of, text_of
from core.ports.clock import Sleep, Stopwatch

FIRST_GENERATION: Final = 1

CACHE_SECONDS: Final = 5.0
"""How long a process uses the generation that it has read from the pointer."""

POINTER_KEY: Final[Item] = {"pk": {"S": READ_MODEL}, "sk": {"S": "generations"}}

_SOUGHT_ITEMS: Final = 100
"""Items that are read at a time to find an index entry: there is one among them if there are any,
but in a table of tombstones."""

_INDEX_ENTRY: Final = "entry#"
"""What the sort keys of index entries begin with, which earlier versions wrote beside each view."""

KeyOf = Callable[[int], Item]
"""Returns the key that an item has in a generation."""


class Generation(NamedTuple):
    """A generation's number, and whether its listings are read from places."""

    number: int
    has_places: bool = True


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generation that serves, the one being built, and whether to delete earlier ones.

    ``places_since`` is None in a pointer of an earlier version of this program.
    """

    live: int = FIRST_GENERATION
    building: int | None = None
    sweep: bool = False
    places_since: int | None = None

    def generation(self, number: int) -> Generation:
        """Return the generation of that number."""
        return Generation(number, self.places_since is not None and number >= self.places_since)

    def to_item(self) -> Item:
        """Return the item that keeps it."""
        item: Item = {**POINTER_KEY, "live": {"N": str(self.live)}}
        if self.building is not None:
            item["building"] = {"N": str(self.building)}
        if self.sweep:
            item["sweep"] = {"N": "1"}
        if self.places_since is not None:
            item["places_since"] = {"N": str(self.places_since)}
        return item


def pointer_of(item: Item) -> Pointer:
    """Return the pointer that an item keeps. Raises Malformed."""
    building = number_of(item, "building") if "building" in item else None
    since = number_of(item, "places_since") if "places_since" in item else None
    return Pointer(number_of(item, "live"), building, "sweep" in item, since)


def first_pointer(client: DynamoDb, table: str) -> Pointer:
    """Return the pointer of a table that has none. Raises StoreUnavailable.

    The first generation serves. It has places, unless an earlier version has put index entries into
    it.
    """
    request = {
        "TableName": table,
        "ConsistentRead": True,
        "ProjectionExpression": "pk",
        "FilterExpression": "begins_with(sk, :entry)",
        "ExpressionAttributeValues": {":entry": {"S": _INDEX_ENTRY}},
        "Limit": _SOUGHT_ITEMS,
    }
    is_old = any(pages(client.scan, request, "Scan"))
    return Pointer(places_since=FIRST_GENERATION + 1 if is_old else FIRST_GENERATION)


class Source(Protocol):
    """Says which generation a catalogue is, and reads its items. Raises StoreUnavailable."""

    def current(self) -> Generation:
        """Return the generation."""

    def read(self, key_of: KeyOf) -> Item:
        """Return an item of the generation, or {}. Sees every write that has returned."""


class Fixed:
    """One generation, whichever serves."""

    def __init__(self, client: DynamoDb, table: str, generation: Generation) -> None:
        self._client = client
        self._table = table
        self._generation = generation

    def current(self) -> Generation:
        return self._generation

    def read(self, key_of: KeyOf) -> Item:
        return read_item(self._client, self._table, key_of(self._generation.number))


class Live:
    """The generation that serves: the pointer is read again after ``CACHE_SECONDS``.

    An item that is read when that is due is fetched beside the pointer, in one request, from where
    it was or, at first, would be in a table that was never rebuilt.
    """

    def __init__(self, client: DynamoDb, table: str, sleep: Sleep, stopwatch: Stopwatch) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep
        self._stopwatch = stopwatch
        self._known = _Known(-inf, FIRST_GENERATION, None)

    def forget(self) -> None:
        """Read the pointer again when it is needed next."""
        self._known = self._known._replace(read_at=-inf)

    def current(self) -> Generation:
        known, now = self._known, self._stopwatch()
        if not known.is_fresh(now):
            known = self._take(read_item(self._client, self._table, POINTER_KEY), now)
        if known.generation is None:
            pointer = first_pointer(self._client, self._table)
            known = known._replace(generation=pointer.generation(known.number))
            self._known = known
        return known.generation or Generation(known.number)

    def read(self, key_of: KeyOf) -> Item:
        known, now = self._known, self._stopwatch()
        wanted = key_of(known.number)
        if known.is_fresh(now):
            return read_item(self._client, self._table, wanted)
        keys = [POINTER_KEY, wanted]
        found = get_items(self._client, self._table, keys, self._sleep, consistent=True)
        with store_errors(self._table, "BatchGetItem"):
            by_key = {(text_of(item, "pk"), text_of(item, "sk")): item for item in found}
        number = self._take(by_key.get(_key(POINTER_KEY), {}), now).number
        if number != known.number:
            return read_item(self._client, self._table, key_of(number))
        return by_key.get(_key(wanted), {})

    def _take(self, item: Item, now: float) -> _Known:
        """Remember the pointer, {} in a table without one: then it is not known what it has."""
        known = _Known(now, FIRST_GENERATION, None)
        if item:
            with store_errors(self._table, "GetItem"):
                pointer = pointer_of(item)
            known = _Known(now, pointer.live, pointer.generation(pointer.live))
        self._known = known
        return known


class _Known(NamedTuple):
    """What was read of the pointer, and when. ``generation`` is None where there was none."""

    read_at: float
    number: int
    generation: Generation | None

    def is_fresh(self, now: float) -> bool:
        return now - self.read_at < CACHE_SECONDS


def read_item(client: DynamoDb, table: str, key: Item) -> Item:
    """Return an item, or {}: a strongly consistent GetItem. Raises StoreUnavailable."""
    with store_errors(table, "GetItem"):
        response: Any = client.get_item(TableName=table, Key=key, ConsistentRead=True)
        item: Item = response.get("Item", {})
    return item


def _key(key: Item) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]
