"""The read model in DynamoDB: its generations and, in one partition, what is known of it.

That is the pointer to the generations, the checkpoints, and the streams that were set aside.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar

from core.adapters.dynamodb.asides import forget_aside, keep_aside, list_asides
from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.generations import (
    CACHE_SECONDS,
    POINTER_KEY,
    Fixed,
    Generation,
    Live,
    Pointer,
    first_pointer,
    pointer_of,
    read_item,
)
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import READ_MODEL
from core.adapters.dynamodb.parallel import Together, one_by_one
from core.adapters.dynamodb.shapes import text_of
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.adapters.dynamodb.transactions import ConditionsFailed, Operation, Writer
from core.ports.clock import Sleep, Stopwatch
from core.ports.domain import Domain
from core.ports.read_model import Aside
from core.ports.records import Record

V = TypeVar("V", bound=Record)

MAX_REQUEST_SECONDS: Final = 30.0
"""API Gateway waits no longer for a response, so no request reads a generation after that."""

_REBUILD: Final = "rebuild"


class DynamoDbReadModel(Generic[V]):
    """The read model of a domain in ``table``, which it has for itself.

    In a table without a pointer the first generation serves, so nothing has to be set up: the
    first call of ``targets`` or ``begin_rebuild`` writes the pointer. ``live`` caches it for
    ``CACHE_SECONDS``; after that, its ``get`` is one BatchGetItem of pointer and view, 1 read unit
    more, and the first of its other calls has a GetItem before it. ``targets`` and ``checkpoint``
    cost a consistent GetItem each, 1 read unit. A rebuild scans the table once at its end and
    deletes the old generation, 1 write unit for each item.

    ``together`` sends the requests of a replacement that do not depend on each other.

    ``set_aside`` costs a PutItem and ``resume`` a DeleteItem, 1 write unit for each KB of the
    reason. ``aside`` costs one consistent Query for each MB of what is set
    aside, 1 read unit for each 4 KB and at least 1.
    """

    def __init__(
        self,
        client: DynamoDb,
        table: str,
        domain: Domain[Any, Any, Any, V],
        sleep: Sleep,
        stopwatch: Stopwatch,
        together: Together = one_by_one,
    ) -> None:
        self._client = client
        self._table = table
        self._domain = domain
        self._sleep = sleep
        self._together = together
        self._writer = Writer(client, table, sleep)
        # Not bound to a generation: a caller that keeps it for long follows a switch.
        self._live = Live(client, table, sleep, stopwatch)

    def live(self) -> DynamoDbCatalogue[V]:
        return DynamoDbCatalogue(
            self._client, self._table, self._domain, self._live, self._sleep, self._together
        )

    def targets(self) -> Sequence[DynamoDbCatalogue[V]]:
        pointer = self._pointer()
        live = self._catalogue(pointer.generation(pointer.live))
        if pointer.building is None:
            return [live]
        return [live, self._catalogue(pointer.generation(pointer.building))]

    def batch(self) -> AbstractContextManager[Callable[[], bool]]:
        return nullcontext(lambda: True)

    def begin_rebuild(self) -> DynamoDbCatalogue[V]:
        pointer = self._pointer()
        while (building := _building(pointer)) is None:
            # A number is never used twice, so a new generation is empty.
            number = (pointer.building or pointer.live) + 1
            since = number if pointer.places_since is None else pointer.places_since
            begun = Pointer(pointer.live, number, pointer.sweep, since)
            forget = {"Delete": {"TableName": self._table, "Key": _checkpoint_key(_REBUILD)}}
            self._move(pointer, begun, forget)
            pointer = self._pointer()
        return self._catalogue(building)

    def finish_rebuild(self) -> None:
        pointer = self._pointer()
        if pointer.building is not None:
            moved = Pointer(pointer.building, None, sweep=True, places_since=pointer.places_since)
            self._move(pointer, moved)
            pointer = self._pointer()
        self._live.forget()
        if pointer.sweep:
            self._sleep(CACHE_SECONDS + MAX_REQUEST_SECONDS)
            delete_generations_before(pointer.live, self._client, self._table, self._sleep)
            self._move(pointer, replace(pointer, sweep=False))

    def checkpoint(self, name: str) -> str | None:
        with store_errors(self._table, "GetItem"):
            item = read_item(self._client, self._table, _checkpoint_key(name))
            return text_of(item, "position") if item else None

    def save_checkpoint(self, name: str, position: str) -> None:
        item = {**_checkpoint_key(name), "position": {"S": position}}
        self._writer.write([{"Put": {"TableName": self._table, "Item": item}}])

    def set_aside(self, aside: Aside) -> None:
        keep_aside(aside, self._writer)

    def aside(self) -> Sequence[Aside]:
        return list_asides(self._client, self._table)

    def resume(self, aside: Aside) -> None:
        forget_aside(aside, self._writer)

    def _catalogue(self, generation: Generation) -> DynamoDbCatalogue[V]:
        source = Fixed(self._client, self._table, generation)
        return DynamoDbCatalogue(
            self._client, self._table, self._domain, source, self._sleep, self._together
        )

    def _pointer(self) -> Pointer:
        """Return the pointer; write it where there is none."""
        with store_errors(self._table, "GetItem"):
            item = read_item(self._client, self._table, POINTER_KEY)
            if item:
                return pointer_of(item)
        first = first_pointer(self._client, self._table)
        put = {"TableName": self._table, "Item": first.to_item()}
        try:
            self._writer.write(
                [{"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}]
            )
        except ConditionsFailed:
            return self._pointer()
        return first

    def _move(self, old: Pointer, new: Pointer, *others: Operation) -> None:
        """Replace the pointer ``old`` by ``new``, and do ``others`` in the same transaction.

        When another process has moved the pointer, do nothing.
        """
        values: Item = {":live": {"N": str(old.live)}}
        building = "attribute_not_exists(building)"
        if old.building is not None:
            building, values[":building"] = "building = :building", {"N": str(old.building)}
        put = {
            "TableName": self._table,
            "Item": new.to_item(),
            "ConditionExpression": f"live = :live AND {building}",
            "ExpressionAttributeValues": values,
        }
        try:
            self._writer.write([{"Put": put}, *others])
        except ConditionsFailed:
            return


def _building(pointer: Pointer) -> Generation | None:
    """Return the generation being built, unless an earlier version of this program has begun it."""
    if pointer.building is None:
        return None
    generation = pointer.generation(pointer.building)
    return generation if generation.has_places else None


def _checkpoint_key(name: str) -> Item:
    return {"pk": {"S": READ_MODEL}, "sk": {"S": f"checkpoint#{name}"}}
