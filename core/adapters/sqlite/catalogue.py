"""The catalogue in SQLite: one generation of the read model, with its indexes."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Final, Generic, TypeVar

from core.adapters.sqlite.database import Database
from core.adapters.sqlite.index import Indexed, indexed, indexed_from_json
from core.adapters.sqlite.listings import Bounds, find_page
from core.adapters.sqlite.views import read_view, write_view
from core.ports.catalogue import StaleView, check_replaces
from core.ports.errors import StoreUnavailable
from core.ports.listing import Listing, ListingDeclaration, Page, Position
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)

BOUNDS: Final = Bounds()


class SqliteCatalogue(Generic[V]):
    """A generation of the catalogue; for ``generation`` None, the one that is live at each call."""

    def __init__(
        self,
        database: Database,
        declaration: ListingDeclaration[V],
        generation: int | None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._database = database
        self._declaration = declaration
        self._generation = generation
        self._bounds = bounds

    def get(self, stream: str) -> Projected[V] | None:
        with self._database.read() as connection:
            return read_view(connection, self._number(connection), self._declaration, stream)

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        check_replaces(old, new)
        with self._database.write() as connection:
            number = self._number(connection)
            present = connection.execute(
                f"SELECT version, row, indexed FROM views_{number} WHERE id = ?", (new.id,)
            ).fetchone()
            version, row, kept = present or (None, None, None)
            if version != (None if old is None else old.version):
                raise StaleView(new.id)
            after = indexed(new, self._declaration)
            row = write_view(connection, number, self._declaration, row, new, after)
            _reindex(connection, number, (row, new.id), indexed_from_json(kept), after)

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        with self._database.read() as connection:
            number = self._number(connection)
            return find_page(
                connection, number, self._declaration, listing, after, limit, self._bounds
            )

    def check(self) -> None:
        with self._database.read() as connection:
            self._number(connection)

    def _number(self, connection: Connection) -> int:
        # Read in the transaction of the query itself, so a switch is seen at once and never half.
        live, building = connection.execute("SELECT live, building FROM generations").fetchone()
        number = live if self._generation is None else self._generation
        if number not in (live, building):
            raise StoreUnavailable(
                f"Generation {number} of the catalogue was replaced by {live}; try again."
            )
        return int(number)


def _reindex(
    connection: Connection, number: int, view: tuple[int, str], before: Indexed, after: Indexed
) -> None:
    """Remove the index entries that the view no longer has, and add the new ones."""
    row, stream = view
    old, new = set(before.listing_rows()), set(after.listing_rows())
    connection.executemany(
        f"DELETE FROM listings_{number} WHERE term = ? AND sort = ? AND key = ? AND id = ?",
        [(*entry, stream) for entry in old - new],
    )
    connection.executemany(
        f"INSERT INTO listings_{number} (term, sort, key, id, row) VALUES (?, ?, ?, ?, ?)",
        [(*entry, stream, row) for entry in new - old],
    )
    old, new = set(before.word_rows()), set(after.word_rows())
    connection.executemany(
        f"DELETE FROM words_{number} WHERE word = ? AND key = ? AND id = ?",
        [(word, key, stream) for word, key, _ in old - new],
    )
    connection.executemany(
        f"INSERT INTO words_{number} (word, key, before, id, row) VALUES (?, ?, ?, ?, ?)",
        [(*entry, stream, row) for entry in new - old],
    )
    _reindex_full_text(connection, number, row, before.full_text(), after.full_text())


def _reindex_full_text(
    connection: Connection, number: int, row: int, before: str, after: str
) -> None:
    # A contentless table must be given what it held:
    # https://sqlite.org/fts5.html#the_delete_command
    if before and before != after:
        connection.execute(
            f"INSERT INTO terms_{number} (terms_{number}, rowid, terms) VALUES ('delete', ?, ?)",
            (row, before),
        )
    if after and before != after:
        connection.execute(f"INSERT INTO terms_{number} (rowid, terms) VALUES (?, ?)", (row, after))
