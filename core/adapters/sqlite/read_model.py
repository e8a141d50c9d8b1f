"""The generations of the catalogue in SQLite.

The catalogue may be written with ``Synchronous.NORMAL`` although a power cut can then undo its last
commits: views, what is aside, checkpoints and events are in one file and so in one write-ahead log,
which loses commits from its end only. A checkpoint that is still there was committed after the
views it speaks of, so they are there too; and an event is shown to a reader only once it is on the
disk, so no view is ahead of the events. What is lost is projected again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Final, Generic, TypeVar

from core.adapters.sqlite.catalogue import SqliteCatalogue
from core.adapters.sqlite.database import BUSY_SECONDS, Database, Synchronous
from core.adapters.sqlite.free_pages import drop_old_table, give_back_pages
from core.adapters.sqlite.known import Known, Numbers
from core.adapters.sqlite.schema import create_generation
from core.ports.errors import StoreUnavailable
from core.ports.listing import ListingDeclaration
from core.ports.read_model import Aside
from core.ports.records import Record

V = TypeVar("V", bound=Record)

MAX_SHARED_BATCH_SECONDS: Final = 0.005
"""How long a batch keeps others from writing, where they have written since the one before."""

MAX_BATCH_SECONDS: Final = 0.1
"""How long it does at most. While nobody else writes, each batch may take twice as long as the one
before: others wait about as long as they have let the file alone."""

PAUSE_SECONDS: Final = 0.002
"""After a batch that took so long: others ask once in a millisecond whether they can write."""


class SqliteReadModel(Generic[V]):
    """The live generation and, during a rebuild, the one being built, each with tables of its own.

    A table has their numbers.
    """

    def __init__(
        self,
        path: Path,
        declaration: ListingDeclaration[V],
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._database = Database(path, Synchronous.NORMAL, busy_seconds)
        self._declaration = declaration
        self._live = self._generation(None)
        self._last_seen: tuple[Connection, int] | None = None
        self._seconds = MAX_SHARED_BATCH_SECONDS
        self._pause_ends = 0.0
        self._numbers: Numbers = {}

    def live(self) -> SqliteCatalogue[V]:
        return self._live

    def targets(self) -> Sequence[SqliteCatalogue[V]]:
        with self._database.read() as connection:
            query = "SELECT building FROM generations WHERE building IS NOT NULL"
            building = [self._generation(number) for (number,) in connection.execute(query)]
        return [self._live, *building]

    @contextmanager
    def batch(self) -> Iterator[Callable[[], bool]]:
        # Not at the end of the batch before: meanwhile the log was read, which is a pause as well.
        if (pause := self._pause_ends - time.monotonic()) > 0:
            time.sleep(pause)
        # Taken away meanwhile: a batch that is undone takes with it what it has given a number.
        known, self._numbers = Known(self._numbers), {}
        with self._database.batch(known) as connection:
            end = time.monotonic() + self._next_seconds(connection)
            yield lambda: time.monotonic() < end
        self._numbers = known.numbers
        if (now := time.monotonic()) >= end:
            self._pause_ends = now + PAUSE_SECONDS

    def _next_seconds(self, connection: Connection) -> float:
        longer = min(2 * self._seconds, MAX_BATCH_SECONDS)
        self._seconds = MAX_SHARED_BATCH_SECONDS if self._is_shared(connection) else longer
        return self._seconds

    def _is_shared(self, connection: Connection) -> bool:
        """Return whether others have written since the batch before, as far as is known."""
        # The number changes with each commit of another connection, and only with those.
        (number,) = connection.execute("PRAGMA data_version").fetchone()
        before, self._last_seen = self._last_seen, (connection, number)
        return before != self._last_seen

    def begin_rebuild(self) -> SqliteCatalogue[V]:
        self._drop_old_generations()  # the pages of one that was not dropped are used again
        with self._database.write() as connection:
            live, building = connection.execute("SELECT live, building FROM generations").fetchone()
            if building is None:
                # Numbers only grow, so an old generation is never mistaken for a new one.
                building = live + 1
                create_generation(connection, building)
                connection.execute("UPDATE generations SET building = ?", (building,))
                connection.execute("DELETE FROM checkpoints WHERE name = 'rebuild'")
        return self._generation(building)

    def finish_rebuild(self) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE generations SET live = building, building = NULL WHERE building IS NOT NULL"
            )
        self._drop_old_generations()
        with suppress(StoreUnavailable):  # the new generation serves, in a file that is too long
            self._give_back_pages()

    def _drop_old_generations(self) -> None:
        # In a transaction for each table: others can write between them.
        left = True
        while left:
            with self._database.write() as connection:
                left = drop_old_table(connection)

    def _give_back_pages(self) -> None:
        self._database.make_shrinkable()
        left = True
        while left:
            with self.batch() as has_time, self._database.write() as connection:
                left = give_back_pages(connection, has_time)
        self._database.cut()

    def checkpoint(self, name: str) -> str | None:
        with self._database.read() as connection:
            query = "SELECT position FROM checkpoints WHERE name = ?"
            row = connection.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def save_checkpoint(self, name: str, position: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                "REPLACE INTO checkpoints (name, position) VALUES (?, ?)", (name, position)
            )

    def set_aside(self, aside: Aside) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO aside (stream, version, reason) VALUES (?, ?, ?)"
                " ON CONFLICT (stream) DO UPDATE"
                " SET version = excluded.version, reason = excluded.reason"
                " WHERE aside.version <= excluded.version",
                aside,
            )

    def aside(self) -> Sequence[Aside]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT stream, version, reason FROM aside ORDER BY stream")
            return [Aside(*row) for row in rows]

    def resume(self, aside: Aside) -> None:
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM aside WHERE stream = ? AND version <= ?",
                (aside.stream, aside.version),
            )

    def close(self) -> None:
        """Close the connections that no thread is using."""
        self._numbers = {}  # the next connection may find another file
        self._database.close()

    def _generation(self, number: int | None) -> SqliteCatalogue[V]:
        return SqliteCatalogue(self._database, self._declaration, number)
