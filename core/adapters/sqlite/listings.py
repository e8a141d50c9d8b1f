"""Pages of the catalogue's listings.

A page is read along one index, in its order: the words that begin as asked, or the books of one filter (or all books).
Each entry's book is looked up in the same index under the other conditions, which costs a step down a B-tree.
A rare combination of common conditions would make a long way of that, so the full-text index (FTS5) is asked first
for the books that satisfy them together: where these are few, they are sorted for the page instead.
Either way the work is bounded: a page ends early, with its ``next``, after ``Bounds.scanned`` entries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.index import ALL_BOOKS, indexed_from_json, wanted_terms, word_term
from core.domain.book import BookDetails
from core.domain.text import MAX_WORDS
from core.ports.catalogue import BookView, Listing, Page, Position, Sort

_LAST: Final = "\U0010ffff"
"""Comes after every letter: what begins with p lies between p and p + _LAST."""

_AND_LISTED: Final = """
    AND EXISTS (
        SELECT 1 FROM listings_{number} AS listed
        WHERE term = ? AND sort = ? AND listed.key = entry.{key} AND listed.book_id = entry.book_id
    )
"""
_AND_WORD: Final = """
    AND EXISTS (
        SELECT 1 FROM words_{number} AS other
        WHERE other.word = ? AND other.title = entry.title AND other.book_id = entry.book_id
    )
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much work a page is: so many index entries are looked at, so many books sorted instead."""

    scanned: int = 5_000
    sorted: int = 200


_Found = tuple[Position, int]
"""The position of a book in a listing, and its row."""


def find_page(
    connection: Connection,
    number: int,
    listing: Listing,
    after: Position | None,
    limit: int,
    bounds: Bounds,
) -> Page:
    """Return a page of ``listing`` in generation ``number`` (``Catalogue.find``)."""
    terms, words = wanted_terms(listing), tuple(dict.fromkeys(listing.words[:-1]))
    if len(words) > MAX_WORDS:
        return Page((), None)  # no book is found by so many
    together = [*terms, *map(word_term, words)]
    several = len(together) > 1 or bool(together and listing.words)
    few = _few(connection, number, listing, " ".join(together), bounds.sorted) if several else None
    if few is not None:
        found, next_position = _page_of(few, listing, after, limit)
    else:
        query = _words_query if listing.words else _listing_query
        sql, parameters = query(number, listing, after, terms, words)
        rows = connection.execute(f"{sql} LIMIT ?", (*parameters, bounds.scanned + 1))
        entries = ((tuple(row[:-2]), row[-2], bool(row[-1])) for row in rows)
        found, next_position = _scan(entries, limit, bounds.scanned)
    return Page(_views(connection, number, [book for _, book in found]), next_position)


def _few(
    connection: Connection, number: int, listing: Listing, match: str, most: int
) -> list[_Found] | None:
    """Return all books of ``listing``, or None when more than ``most`` have its terms."""
    rows = connection.execute(
        f"SELECT book, book_id, indexed FROM terms_{number} JOIN books_{number} AS books"
        f" ON books.book = terms_{number}.rowid WHERE terms_{number} MATCH ? LIMIT ?",
        (match, most + 1),
    ).fetchall()
    if len(rows) > most:
        return None
    places = [
        (indexed_from_json(kept).place(book_id, listing), book) for book, book_id, kept in rows
    ]
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
    number: int,
    listing: Listing,
    after: Position | None,
    terms: Sequence[str],
    words: Sequence[str],
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the words that begin with the last one of ``listing``.

    A book belongs to the first of its words that does: there the word before, which is smaller, does not begin so.
    """
    prefix = listing.words[-1]
    has_terms = _AND_LISTED.format(number=number, key="title") * len(terms)
    has_words = _AND_WORD.format(number=number) * len(words)
    start = "word >= ?" if after is None else "(word, title, book_id) > (?, ?, ?)"
    sql = (
        f"SELECT word, title, book_id, book, before < ? {has_terms} {has_words}"
        f" FROM words_{number} AS entry WHERE {start} AND word < ? ORDER BY word, title, book_id"
    )
    listed = [value for term in terms for value in (term, Sort.TITLE)]
    return sql, (prefix, *listed, *words, *(after or (prefix,)), prefix + _LAST)


def _listing_query(
    number: int,
    listing: Listing,
    after: Position | None,
    terms: Sequence[str],
    _: Sequence[str],
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the books of the first of ``terms``, or all books, in the order of ``listing``."""
    along, *others = terms or [ALL_BOOKS]
    has_others = _AND_LISTED.format(number=number, key="key") * len(others)
    direction, beyond = ("DESC", "<") if listing.descending else ("ASC", ">")
    start = "" if after is None else f"AND (key, book_id) {beyond} (?, ?)"
    sql = (
        f"SELECT key, book_id, book, 1 {has_others} FROM listings_{number} AS entry"
        f" WHERE term = ? AND sort = ? {start} ORDER BY key {direction}, book_id {direction}"
    )
    listed = [value for term in others for value in (term, listing.sort)]
    return sql, (*listed, along, listing.sort, *(after or ()))


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
