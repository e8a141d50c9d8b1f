"""Fresh stores of the adapters that these properties are tested on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.event_store import OrderedEventStore
from core.ports.read_model import ReadModel

Stores = tuple[OrderedEventStore[Any], ReadModel[BookDetails]]


@contextmanager
def memory_stores() -> Iterator[Stores]:
    """Yield stores in memory."""
    yield MemoryEventStore(), MemoryReadModel(BOOKS.listing)


@contextmanager
def sqlite_stores() -> Iterator[Stores]:
    """Yield stores in one SQLite file, and remove it."""
    with (
        TemporaryDirectory() as folder,
        closing(SqliteEventStore(Path(folder) / "books.db", BOOKS.events)) as store,
        closing(SqliteReadModel(Path(folder) / "books.db", BOOKS.listing)) as model,
    ):
        yield store, model


OPENERS: dict[str, Callable[[], AbstractContextManager[Stores]]] = {
    "memory": memory_stores,
    "sqlite": sqlite_stores,
}
