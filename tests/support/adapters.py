"""The adapters that the contract suites run against.

To add one, give it a line in each of the tables: a function that takes a domain and an empty
folder, and is a context manager around a fresh, empty store. ``test_adapters.py`` fails for an
adapter that is missing here. After a hyphen, a name may say in which of several ways the adapter is
used: DynamoDB's, by its own client and, but for the catalogue's long suites, by boto3.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from core.adapters.dynamodb.erasure import DynamoDbActorErasure
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.erasure import MemoryActorErasure
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.erasure import SqliteActorErasure
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.catalogue import Catalogue
from core.ports.domain import Domain
from core.ports.erasure import ActorErasure
from core.ports.event_store import EventStore, OrderedEventStore
from core.ports.read_model import ReadModel
from tests.support import dynamodb

AnyDomain = Domain[Any, Any, Any, Any]


@contextmanager
def _memory_event_store(_: AnyDomain, __: Path) -> Iterator[OrderedEventStore[Any]]:
    yield MemoryEventStore()


@contextmanager
def _memory_catalogue(domain: AnyDomain, _: Path) -> Iterator[Catalogue[Any]]:
    yield MemoryCatalogue(domain.listing)


@contextmanager
def _memory_read_model(domain: AnyDomain, _: Path) -> Iterator[ReadModel[Any]]:
    yield MemoryReadModel(domain.listing)


@contextmanager
def _sqlite_event_store(domain: AnyDomain, folder: Path) -> Iterator[OrderedEventStore[Any]]:
    with closing(SqliteEventStore(folder / "store.db", domain.events)) as store:
        yield store


@contextmanager
def _sqlite_catalogue(domain: AnyDomain, folder: Path) -> Iterator[Catalogue[Any]]:
    with closing(SqliteReadModel(folder / "store.db", domain.listing)) as model:
        yield model.live()


@contextmanager
def _sqlite_read_model(domain: AnyDomain, folder: Path) -> Iterator[ReadModel[Any]]:
    with closing(SqliteReadModel(folder / "store.db", domain.listing)) as model:
        yield model


def _no_sleep(_: float) -> None:
    return None


@contextmanager
def _dynamodb_event_store(
    domain: AnyDomain, _: Path, carrier: str = dynamodb.OWN
) -> Iterator[EventStore[Any]]:
    with dynamodb.fresh_events_table() as table:
        yield DynamoDbEventStore(dynamodb.database(carrier), table, domain.events, _no_sleep)


@contextmanager
def _memory_erasure(_: AnyDomain, __: Path) -> Iterator[tuple[EventStore[Any], ActorErasure]]:
    store: MemoryEventStore[Any] = MemoryEventStore()
    yield store, MemoryActorErasure(store)


@contextmanager
def _sqlite_erasure(
    domain: AnyDomain, folder: Path
) -> Iterator[tuple[EventStore[Any], ActorErasure]]:
    path = folder / "store.db"
    with (
        closing(SqliteEventStore(path, domain.events)) as store,
        closing(SqliteActorErasure(path)) as erasure,
    ):
        yield store, erasure


@contextmanager
def _dynamodb_erasure(domain: AnyDomain, _: Path) -> Iterator[tuple[EventStore[Any], ActorErasure]]:
    client = dynamodb.database()
    with dynamodb.fresh_events_table() as table:
        store = DynamoDbEventStore(client, table, domain.events, _no_sleep)
        yield store, DynamoDbActorErasure(client, table, _no_sleep)


@contextmanager
def _dynamodb_catalogue(domain: AnyDomain, _: Path) -> Iterator[Catalogue[Any]]:
    table, generation = dynamodb.shared_catalogue_table(), dynamodb.fresh_generation()
    yield dynamodb.catalogue_at(dynamodb.database(), table, domain, generation)


@contextmanager
def _dynamodb_read_model(
    domain: AnyDomain, _: Path, carrier: str = dynamodb.OWN
) -> Iterator[ReadModel[Any]]:
    with dynamodb.fresh_catalogue_table() as table:
        yield DynamoDbReadModel(dynamodb.database(carrier), table, domain, _no_sleep, monotonic)


EventStores = dict[str, Callable[[AnyDomain, Path], AbstractContextManager[EventStore[Any]]]]
Catalogues = dict[str, Callable[[AnyDomain, Path], AbstractContextManager[Catalogue[Any]]]]
Erasures = dict[
    str,
    Callable[[AnyDomain, Path], AbstractContextManager[tuple[EventStore[Any], ActorErasure]]],
]
ReadModels = dict[str, Callable[[AnyDomain, Path], AbstractContextManager[ReadModel[Any]]]]

EVENT_STORES: EventStores = {
    "memory": _memory_event_store,
    "sqlite": _sqlite_event_store,
    "dynamodb": _dynamodb_event_store,
    "dynamodb-boto3": partial(_dynamodb_event_store, carrier="boto3"),
}
ORDERED_EVENT_STORES: dict[
    str, Callable[[AnyDomain, Path], AbstractContextManager[OrderedEventStore[Any]]]
] = {
    "memory": _memory_event_store,
    "sqlite": _sqlite_event_store,
}
ERASURES: Erasures = {
    "memory": _memory_erasure,
    "sqlite": _sqlite_erasure,
    "dynamodb": _dynamodb_erasure,
}
CATALOGUES: Catalogues = {
    "memory": _memory_catalogue,
    "sqlite": _sqlite_catalogue,
    "dynamodb": _dynamodb_catalogue,
}
READ_MODELS: ReadModels = {
    "memory": _memory_read_model,
    "sqlite": _sqlite_read_model,
    "dynamodb": _dynamodb_read_model,
    "dynamodb-boto3": partial(_dynamodb_read_model, carrier="boto3"),
}
