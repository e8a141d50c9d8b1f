"""The adapters that the contract suites run against.

To add one, give it a line in each of the three tables: a function that takes an empty folder of its own and
is a context manager around a fresh, empty store. ``test_adapters.py`` fails for an adapter that is missing here.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.catalogue import Catalogue
from core.ports.event_store import EventStore
from core.ports.read_model import ReadModel


@contextmanager
def _memory_event_store(_: Path) -> Iterator[EventStore]:
    yield MemoryEventStore()


@contextmanager
def _memory_catalogue(_: Path) -> Iterator[Catalogue]:
    yield MemoryCatalogue()


@contextmanager
def _memory_read_model(_: Path) -> Iterator[ReadModel]:
    yield MemoryReadModel()


@contextmanager
def _sqlite_event_store(folder: Path) -> Iterator[EventStore]:
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


EVENT_STORES: dict[str, Callable[[Path], AbstractContextManager[EventStore]]] = {
    "memory": _memory_event_store,
    "sqlite": _sqlite_event_store,
}
CATALOGUES: dict[str, Callable[[Path], AbstractContextManager[Catalogue]]] = {
    "memory": _memory_catalogue,
    "sqlite": _sqlite_catalogue,
}
READ_MODELS: dict[str, Callable[[Path], AbstractContextManager[ReadModel]]] = {
    "memory": _memory_read_model,
    "sqlite": _sqlite_read_model,
}
