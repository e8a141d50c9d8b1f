"""Fresh stores of the adapters that hold these properties."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.event_store import OrderedEventStore
from core.ports.read_model import ReadModel

Stores = tuple[OrderedEventStore, ReadModel]


@contextmanager
def memory_stores() -> Iterator[Stores]:
    """Stores in memory."""
    yield MemoryEventStore(), MemoryReadModel(BOOKS.listing)


@contextmanager
def sqlite_stores() -> Iterator[Stores]:
    """Stores in one SQLite file, which is gone afterwards."""
    with (
        TemporaryDirectory() as folder,
        closing(SqliteEventStore(Path(folder) / "books.db")) as store,
        closing(SqliteReadModel(Path(folder) / "books.db")) as model,
    ):
        yield store, model


OPENERS: dict[str, Callable[[], AbstractContextManager[Stores]]] = {
    "memory": memory_stores,
    "sqlite": sqlite_stores,
}
