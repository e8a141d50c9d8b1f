"""Pages of the catalogue's listings.

A page is read along one index, in its order: the words that begin as asked, or the books of one filter (or all books).
The other conditions are looked up in the full-text index (FTS5). When few books satisfy them all, as
the index tells cheaply, these are taken and sorted instead, so a rare combination of common conditions costs little.
Either way the work is bounded: a page ends early, with its ``next``, after ``scanned`` index entries.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.index import ALL_BOOKS, indexed_from_json, wanted_terms, word_term
from core.domain.book import BookDetails
from core.ports.catalogue import BookView, Listing, Page, Position

FEW_BOOKS: Final = 200
"""So many books are sorted for a page rather than looked for along an index."""

_LAST: Final = "\U0010ffff"
"""Comes after every letter: what begins with p lies between p and p + _LAST."""

_Found = tuple[Position, int]
"""The position of a book in a listing, and its row."""


def find_page(
    connection: Connection,
    number: int,
    listing: Listing,
    after: Position | None,
    limit: int,
    scanned: int,
) -> Page:
    """Return a page of ``listing`` in generation ``number`` (``Catalogue.find``)."""
    terms = [*wanted_terms(listing), *map(word_term, listing.words[:-1])]
    driver = None if listing.words else (terms[0] if terms else ALL_BOOKS)
    others = [term for term in terms if term != driver]
    if others and (few := _few(connection, number, listing, " ".join(terms))) is not None:
        found, next_position = _page_of(few, listing, after, limit)
    else:
        sql, parameters = (
            _words_query(number, listing, after, " ".join(others))
            if driver is None
            else _listing_query(number, listing, driver, after, " ".join(others))
        )
        rows = connection.execute(f"{sql} LIMIT ?", (*parameters, scanned + 1))
        entries = ((tuple(row[:-2]), row[-2], bool(row[-1])) for row in rows)
        found, next_position = _scan(entries, limit, scanned)
    return Page(_views(connection, number, [book for _, book in found]), next_position)


def _few(connection: Connection, number: int, listing: Listing, match: str) -> list[_Found] | None:
    """Return all books of ``listing``, or None when many have its terms."""
    rows = connection.execute(
        f"SELECT book, book_id, indexed FROM terms_{number} JOIN books_{number} AS books"
        f" ON books.book = terms_{number}.rowid WHERE terms_{number} MATCH ? LIMIT ?",
        (match, FEW_BOOKS + 1),
    ).fetchall()
    if len(rows) > FEW_BOOKS:
        return None
    places = [(indexed_from_json(kept).place(book_id, listing), book) for book, book_id, kept in rows]
    return [(position, book) for position, book in places if position is not None]


def _page_of(
    books: Iterable[_Found], listing: Listing, after: Position | None, limit: int
) -> tuple[list[_Found], Position | None]:
    backwards = listing.descending and not listing.words
    rest = sorted(
        (b for b in books if after is None or (b[0] < after if backwards else b[0] > after)),
        reverse=backwards,
    )
    return rest[:limit], rest[limit - 1][0] if len(rest) > limit else None


def _scan(
    entries: Iterable[tuple[Position, int, bool]], limit: int, scanned: int
) -> tuple[list[_Found], Position | None]:
    """Return the first ``limit`` books among the first ``scanned`` entries, and where to go on if there may be more."""
    found: list[_Found] = []
    last: Position | None = None
    for count, (position, book, belongs) in enumerate(entries):
        if count == scanned:
            return found, last
        if belongs and len(found) == limit:
            return found, found[-1][0]
        if belongs:
            found.append((position, book))
        last = position
    return found, None


def _words_query(
    number: int, listing: Listing, after: Position | None, others: str
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the words that begin with the last one of ``listing``.

    A book belongs to the first of its words that does: there the word before, which is smaller, does not begin so.
    """
    prefix = listing.words[-1]
    probe, sought = _probe(number, others)
    start, place = ("word >= ?", (prefix,)) if after is None else ("(word, title, book_id) > (?, ?, ?)", after)
    sql = (
        f"SELECT word, title, book_id, book, before < ? {probe} FROM words_{number} AS entry"
        f" WHERE {start} AND word < ? ORDER BY word, title, book_id"
    )
    return sql, (prefix, *sought, *place, prefix + _LAST)


def _listing_query(
    number: int, listing: Listing, term: str, after: Position | None, others: str
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the books of ``term`` in the order of ``listing``."""
    direction, beyond = ("DESC", "<") if listing.descending else ("ASC", ">")
    probe, sought = _probe(number, others)
    start, place = ("", ()) if after is None else (f"AND (key, book_id) {beyond} (?, ?)", after)
    sql = (
        f"SELECT key, book_id, book, 1 {probe} FROM listings_{number} AS entry"
        f" WHERE term = ? AND sort = ? {start} ORDER BY key {direction}, book_id {direction}"
    )
    return sql, (*sought, term, listing.sort, *place)


def _probe(number: int, terms: str) -> tuple[str, tuple[str, ...]]:
    """Return a condition that an entry's book has ``terms``, and its parameters."""
    if not terms:
        return "", ()
    table = f"terms_{number}"
    return f"AND EXISTS (SELECT 1 FROM {table} WHERE {table} MATCH ? AND rowid = entry.book)", (terms,)


def _views(connection: Connection, number: int, books: Sequence[int]) -> tuple[BookView, ...]:
    """Return the books of these rows, in their order, without description."""
    rows = connection.execute(
        f"SELECT book, book_id, version, details, added_at, revised_at FROM books_{number}"
        f" WHERE book IN ({', '.join('?' * len(books))})",
        books,
    )
    views = {book: _summary(*row) for book, *row in rows}
    return tuple(views[book] for book in books)


def _summary(book_id: str, version: int, details: str, added_at: str, revised_at: str) -> BookView:
    return BookView(
        book_id,
        version,
        BookDetails.model_validate_json(details),
        datetime.fromisoformat(added_at),
        datetime.fromisoformat(revised_at),
    )
