"""The generations of the catalogue in DynamoDB.

One item of the table, the pointer, says which generation serves and which is being built. The
checkpoints, and the streams that were set aside, are in its partition.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from core.adapters.dynamodb.asides import forget_aside, keep_aside, list_asides
from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import READ_MODEL
from core.adapters.dynamodb.shapes import number_of, text_of
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.adapters.dynamodb.transactions import ConditionsFailed, Operation, Writer
from core.ports.clock import Sleep, Stopwatch
from core.ports.domain import Domain
from core.ports.read_model import Aside
from core.ports.records import Record

V = TypeVar("V", bound=Record)

FIRST_GENERATION: Final = 1

CACHE_SECONDS: Final = 5.0
"""How long a process uses the generation that it has read from the pointer."""

MAX_REQUEST_SECONDS: Final = 30.0
"""API Gateway waits no longer for a response, so no request reads a generation after that."""

_PARTITION: Final = {"S": READ_MODEL}
_POINTER_KEY: Final[Item] = {"pk": _PARTITION, "sk": {"S": "generations"}}
_REBUILD: Final = "rebuild"


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generation that serves, the one being built, and whether to delete earlier ones."""

    live: int = FIRST_GENERATION
    building: int | None = None
    sweep: bool = False


class DynamoDbReadModel(Generic[V]):
    """The read model of a domain in ``table``, which it has for itself.

    In a table without a pointer the first generation serves, so nothing has to be set up. ``live``
    caches the pointer for ``CACHE_SECONDS``, so it costs nothing; ``targets`` and ``checkpoint``
    cost a consistent GetItem each, 1 read unit. A rebuild scans the table once at its end and
    deletes the old generation, 1 write unit for each KB of each item in the table and in each
    index.

    ``set_aside`` costs a PutItem, 1 write unit for each KB of the reason; ``resume`` costs a
    transaction, 2 for each KB. ``aside`` costs one consistent Query for each MB of what is set
    aside, 1 read unit for each 4 KB and at least 1.
    """

    def __init__(
        self,
        client: DynamoDb,
        table: str,
        domain: Domain[Any, Any, Any, V],
        sleep: Sleep,
        stopwatch: Stopwatch,
    ) -> None:
        self._client = client
        self._table = table
        self._domain = domain
        self._sleep = sleep
        self._stopwatch = stopwatch
        self._writer = Writer(client, table, sleep)
        self._known: tuple[float, int] | None = None

    def live(self) -> DynamoDbCatalogue[V]:
        # Not bound to a generation: a caller that keeps it for long follows a switch.
        return self._catalogue(self._live_generation)

    def targets(self) -> Sequence[DynamoDbCatalogue[V]]:
        pointer = self._pointer()
        live = self._generation(pointer.live)
        return [live] if pointer.building is None else [live, self._generation(pointer.building)]

    def batch(self) -> AbstractContextManager[Callable[[], bool]]:
        return nullcontext(lambda: True)

    def begin_rebuild(self) -> DynamoDbCatalogue[V]:
        pointer = self._pointer()
        while pointer.building is None:
            # A number is never used twice, so a new generation is empty.
            begun = Pointer(pointer.live, pointer.live + 1, pointer.sweep)
            forget = {"Delete": {"TableName": self._table, "Key": _checkpoint_key(_REBUILD)}}
            self._move(pointer, begun, forget)
            pointer = self._pointer()
        return self._generation(pointer.building)

    def finish_rebuild(self) -> None:
        pointer = self._pointer()
        if pointer.building is not None:
            self._move(pointer, Pointer(pointer.building, None, sweep=True))
            pointer = self._pointer()
        self._known = None
        if pointer.sweep:
            self._sleep(CACHE_SECONDS + MAX_REQUEST_SECONDS)
            delete_generations_before(pointer.live, self._client, self._table, self._sleep)
            self._move(pointer, Pointer(pointer.live, pointer.building, sweep=False))

    def checkpoint(self, name: str) -> str | None:
        with store_errors(self._table, "GetItem"):
            item = self._read(_checkpoint_key(name))
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

    def _generation(self, generation: int) -> DynamoDbCatalogue[V]:
        return self._catalogue(lambda: generation)

    def _catalogue(self, generation: Callable[[], int]) -> DynamoDbCatalogue[V]:
        return DynamoDbCatalogue(self._client, self._table, self._domain, generation, self._sleep)

    def _live_generation(self) -> int:
        now = self._stopwatch()
        if self._known is None or now - self._known[0] >= CACHE_SECONDS:
            self._known = (now, self._pointer().live)
        return self._known[1]

    def _pointer(self) -> Pointer:
        with store_errors(self._table, "GetItem"):
            item = self._read(_POINTER_KEY)
            return _pointer_of(item) if item else Pointer()

    def _read(self, key: Item) -> Item:
        response = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item = response.get("Item", {})
        return item

    def _move(self, old: Pointer, new: Pointer, *others: Operation) -> None:
        """Replace the pointer ``old`` by ``new``, and do ``others`` in the same transaction.

        When another process has moved the pointer, do nothing.
        """
        values = {":live": {"N": str(old.live)}}
        building = "attribute_not_exists(building)"
        if old.building is not None:
            building, values[":building"] = "building = :building", {"N": str(old.building)}
        put = {
            "TableName": self._table,
            "Item": _pointer_item(new),
            "ConditionExpression": f"(attribute_not_exists(pk) OR live = :live) AND {building}",
            "ExpressionAttributeValues": values,
        }
        try:
            self._writer.write([{"Put": put}, *others])
        except ConditionsFailed:
            return


def _pointer_item(pointer: Pointer) -> Item:
    item: Item = {**_POINTER_KEY, "live": {"N": str(pointer.live)}}
    if pointer.building is not None:
        item["building"] = {"N": str(pointer.building)}
    if pointer.sweep:
        item["sweep"] = {"N": "1"}
    return item


def _pointer_of(item: Item) -> Pointer:
    building = number_of(item, "building") if "building" in item else None
    return Pointer(number_of(item, "live"), building, "sweep" in item)


def _checkpoint_key(name: str) -> Item:
    return {"pk": _PARTITION, "sk": {"S": f"checkpoint#{name}"}}
