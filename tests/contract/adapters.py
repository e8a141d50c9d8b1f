"""The adapters that the contract suites run against.

To add one, give it a line in each of the three tables: a function that takes an empty folder of its own and
is a context manager around a fresh, empty store. ``test_adapters.py`` fails for an adapter that is missing here.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from time import monotonic

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.catalogue import Catalogue
from core.ports.event_store import EventStore, OrderedEventStore
from core.ports.read_model import ReadModel
from tests.contract import dynamodb


@contextmanager
def _memory_event_store(_: Path) -> Iterator[OrderedEventStore]:
    yield MemoryEventStore()


@contextmanager
def _memory_catalogue(_: Path) -> Iterator[Catalogue]:
    yield MemoryCatalogue()


@contextmanager
def _memory_read_model(_: Path) -> Iterator[ReadModel]:
    yield MemoryReadModel()


@contextmanager
def _sqlite_event_store(folder: Path) -> Iterator[OrderedEventStore]:
    with closing(SqliteEventStore(folder / "books.db")) as store:
        yield store


@contextmanager
def _sqlite_catalogue(folder: Path) -> Iterator[Catalogue]:
    with closing(SqliteReadModel(folder / "books.db")) as model:
        yield model.live()


@contextmanager
def _sqlite_read_model(folder: Path) -> Iterator[ReadModel]:
    with closing(SqliteReadModel(folder / "books.db")) as model:
        yield model


def _no_sleep(_: float) -> None:
    return None


@contextmanager
def _dynamodb_event_store(_: Path) -> Iterator[EventStore]:
    with dynamodb.fresh_events_table() as table:
        yield DynamoDbEventStore(dynamodb.client(), table, _no_sleep)


@contextmanager
def _dynamodb_catalogue(_: Path) -> Iterator[Catalogue]:
    table, generation = dynamodb.shared_catalogue_table(), dynamodb.fresh_generation()
    yield DynamoDbCatalogue(dynamodb.client(), table, lambda: generation, _no_sleep)


@contextmanager
def _dynamodb_read_model(_: Path) -> Iterator[ReadModel]:
    with dynamodb.fresh_catalogue_table() as table:
        yield DynamoDbReadModel(dynamodb.client(), table, _no_sleep, monotonic)


EVENT_STORES: dict[str, Callable[[Path], AbstractContextManager[EventStore]]] = {
    "memory": _memory_event_store,
    "sqlite": _sqlite_event_store,
    "dynamodb": _dynamodb_event_store,
}
ORDERED_EVENT_STORES: dict[str, Callable[[Path], AbstractContextManager[OrderedEventStore]]] = {
    "memory": _memory_event_store,
    "sqlite": _sqlite_event_store,
}
CATALOGUES: dict[str, Callable[[Path], AbstractContextManager[Catalogue]]] = {
    "memory": _memory_catalogue,
    "sqlite": _sqlite_catalogue,
    "dynamodb": _dynamodb_catalogue,
}
READ_MODELS: dict[str, Callable[[Path], AbstractContextManager[ReadModel]]] = {
    "memory": _memory_read_model,
    "sqlite": _sqlite_read_model,
    "dynamodb": _dynamodb_read_model,
}
