"""The catalogue in SQLite: one generation of the read model, with its indexes."""

from datetime import datetime
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.database import Database
from core.adapters.sqlite.index import Indexed, indexed, indexed_from_json
from core.adapters.sqlite.listings import Bounds, find_page
from core.domain.book import BookDetails
from core.ports.catalogue import (
    BookView,
    Entry,
    Listing,
    Page,
    Position,
    StaleEntry,
    Tombstone,
    check_replaces,
    instant_key,
)
from core.ports.errors import StoreUnavailable

BOUNDS: Final = Bounds()


class SqliteCatalogue:
    """A generation of the catalogue, or, where ``generation`` is None, the one that is live when it is asked."""

    def __init__(self, database: Database, generation: int | None, bounds: Bounds = BOUNDS) -> None:
        self._database = database
        self._generation = generation
        self._bounds = bounds

    def get(self, book_id: str) -> Entry | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT version, details, description, added_at, revised_at"
                f" FROM books_{self._number(connection)} WHERE book_id = ?",
                (book_id,),
            ).fetchone()
        return None if row is None else _entry(book_id, *row)

    def replace(self, old: Entry | None, new: Entry) -> None:
        check_replaces(old, new)
        with self._database.write() as connection:
            number = self._number(connection)
            present = connection.execute(
                f"SELECT version, book, indexed FROM books_{number} WHERE book_id = ?",
                (new.book_id,),
            ).fetchone()
            version, book, kept = present or (None, None, None)
            if version != (None if old is None else old.version):
                raise StaleEntry(new.book_id)
            after = indexed(new)
            book = _put(connection, number, book, new, after)
            _reindex(connection, number, (book, new.book_id), indexed_from_json(kept), after)

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page:
        with self._database.read() as connection:
            number = self._number(connection)
            return find_page(connection, number, listing, after, limit, self._bounds)

    def check(self) -> None:
        with self._database.read() as connection:
            self._number(connection)

    def _number(self, connection: Connection) -> int:
        # Asked in the transaction of the query itself, so a switch is seen at once and never half.
        live, building = connection.execute("SELECT live, building FROM generations").fetchone()
        number = live if self._generation is None else self._generation
        if number not in (live, building):
            raise StoreUnavailable(
                f"Generation {number} of the catalogue was replaced by {live}; try again."
            )
        return int(number)


def _entry(
    book_id: str,
    version: int,
    details: str | None,
    description: str | None,
    added_at: str,
    revised_at: str,
) -> Entry:
    if details is None:
        return Tombstone(book_id, version)
    listed = BookDetails.model_validate_json(details)
    full = listed.model_copy(update={"description": description})
    added, revised = datetime.fromisoformat(added_at), datetime.fromisoformat(revised_at)
    return BookView(book_id, version, full, added, revised)


def _put(connection: Connection, number: int, book: int | None, new: Entry, after: Indexed) -> int:
    """Write the book's row and return its number."""
    fields = _fields(new, after) if isinstance(new, BookView) else (None,) * 5
    cursor = connection.execute(
        f"REPLACE INTO books_{number}"
        " (book, book_id, version, details, added_at, revised_at, indexed, description)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (book, new.book_id, new.version, *fields),
    )
    return int(cursor.lastrowid or 0) if book is None else book


def _fields(view: BookView, after: Indexed) -> tuple[str | None, ...]:
    details = view.details.model_dump_json(exclude={"description"}, exclude_defaults=True)
    added, revised = instant_key(view.added_at), instant_key(view.revised_at)
    return details, added, revised, after.to_json(), view.details.description


def _reindex(
    connection: Connection, number: int, book: tuple[int, str], before: Indexed, after: Indexed
) -> None:
    """Take out the index entries that the book has no more and put in those that are new."""
    row, book_id = book
    old, new = set(before.listing_rows()), set(after.listing_rows())
    connection.executemany(
        f"DELETE FROM listings_{number} WHERE term = ? AND sort = ? AND key = ? AND book_id = ?",
        [(*entry, book_id) for entry in old - new],
    )
    connection.executemany(
        f"INSERT INTO listings_{number} (term, sort, key, book_id, book) VALUES (?, ?, ?, ?, ?)",
        [(*entry, book_id, row) for entry in new - old],
    )
    old, new = set(before.word_rows()), set(after.word_rows())
    connection.executemany(
        f"DELETE FROM words_{number} WHERE word = ? AND title = ? AND book_id = ?",
        [(word, title, book_id) for word, title, _ in old - new],
    )
    connection.executemany(
        f"INSERT INTO words_{number} (word, title, before, book_id, book) VALUES (?, ?, ?, ?, ?)",
        [(*entry, book_id, row) for entry in new - old],
    )
    _reindex_terms(connection, number, row, before.search_text(), after.search_text())


def _reindex_terms(connection: Connection, number: int, row: int, before: str, after: str) -> None:
    # A contentless table is told what it held: https://sqlite.org/fts5.html#the_delete_command
    if before and before != after:
        connection.execute(
            f"INSERT INTO terms_{number} (terms_{number}, rowid, terms) VALUES ('delete', ?, ?)",
            (row, before),
        )
    if after and before != after:
        connection.execute(f"INSERT INTO terms_{number} (rowid, terms) VALUES (?, ?)", (row, after))
