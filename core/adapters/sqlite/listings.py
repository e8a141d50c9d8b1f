"""Pages of the catalogue's listings.

A page is read along one index, in its order: the words that begin as asked, or the views that have
one term (or all views). Each entry's view is looked up in the same index under the other
conditions, which costs a step down a B-tree. With a rare combination of common conditions that
would visit many entries for nothing, so the full-text index (FTS5) is asked first for the views
that meet them together: where these are few, they are sorted for the page instead. Either way the
work is bounded: a page ends early, with its ``next``, after ``Bounds.max_scanned`` entries.
"""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Final, NamedTuple, TypeVar

from core.adapters.sqlite.index import ALL_VIEWS, indexed_from_json, token, word_token
from core.adapters.sqlite.views import read_summaries
from core.ports.listing import Listing, ListingDeclaration, Page, Position
from core.ports.records import Record
from core.ports.text import MAX_WORDS

V = TypeVar("V", bound=Record)

_LAST: Final = "\U0010ffff"
"""Comes after every letter: what begins with p lies between p and p + _LAST."""

_AND_LISTED: Final = """
    AND EXISTS (
        SELECT 1 FROM listings_{number} AS listed
        WHERE term = ? AND sort = ? AND listed.key = entry.key AND listed.id = entry.id
    )
"""
_AND_WORD: Final = """
    AND EXISTS (
        SELECT 1 FROM words_{number} AS other
        WHERE other.word = ? AND other.key = entry.key AND other.id = entry.id
    )
"""


class Bounds(NamedTuple):
    """How much work a page may be: index entries to visit, or views to sort instead."""

    max_scanned: int = 5_000
    max_sorted: int = 200


_Found = tuple[Position, int]
"""The position of a view in a listing, and its row."""


def find_page(
    connection: Connection,
    number: int,
    declaration: ListingDeclaration[V],
    listing: Listing,
    after: Position | None,
    limit: int,
    bounds: Bounds,
) -> Page[V]:
    """Return a page of ``listing`` in generation ``number`` (``Catalogue.find``)."""
    terms = [token(term) for term in declaration.wanted_terms(listing)]
    words = tuple(dict.fromkeys(listing.words[:-1]))
    if len(words) > MAX_WORDS:
        return Page((), None)  # no view has so many
    sort = declaration.sort_of(listing)
    together = [*terms, *map(word_token, words)]
    several = len(together) > 1 or bool(together and listing.words)
    match, most = " ".join(together), bounds.max_sorted
    few = _few(connection, number, listing, sort, match, most) if several else None
    if few is not None:
        found, next_position = _page_of(few, listing, after, limit)
    else:
        if listing.words:
            default_sort = declaration.default_sort
            sql, parameters = _words_query(number, listing, default_sort, after, terms, words)
        else:
            sql, parameters = _listing_query(number, listing, sort, after, terms)
        rows = connection.execute(f"{sql} LIMIT ?", (*parameters, bounds.max_scanned + 1))
        entries = ((tuple(row[:-2]), row[-2], bool(row[-1])) for row in rows)
        found, next_position = _scan(entries, limit, bounds.max_scanned)
    rows_found = [row for _, row in found]
    return Page(read_summaries(connection, number, declaration, rows_found), next_position)


def _few(
    connection: Connection, number: int, listing: Listing, sort: str, match: str, most: int
) -> list[_Found] | None:
    """Return all views of ``listing``, or None when more than ``most`` have its terms."""
    rows = connection.execute(
        f"SELECT row, id, indexed FROM terms_{number} JOIN views_{number} AS views"
        f" ON views.row = terms_{number}.rowid WHERE terms_{number} MATCH ? LIMIT ?",
        (match, most + 1),
    ).fetchall()
    if len(rows) > most:
        return None
    positions = [
        (indexed_from_json(kept).position(stream, listing, sort), row) for row, stream, kept in rows
    ]
    return [(position, row) for position, row in positions if position is not None]


def _page_of(
    views: Iterable[_Found], listing: Listing, after: Position | None, limit: int
) -> tuple[list[_Found], Position | None]:
    backwards = listing.is_backwards
    rest = sorted(
        (v for v in views if after is None or (v[0] < after if backwards else v[0] > after)),
        reverse=backwards,
    )
    return rest[:limit], rest[limit - 1][0] if len(rest) > limit else None


def _scan(
    entries: Iterable[tuple[Position, int, bool]], limit: int, max_scanned: int
) -> tuple[list[_Found], Position | None]:
    """Return the first ``limit`` views among ``max_scanned`` entries, and where to continue.

    That is None when there are no more entries.
    """
    found: list[_Found] = []
    last: Position | None = None
    for count, (position, row, belongs) in enumerate(entries):
        if count == max_scanned:
            return found, last
        if belongs and len(found) == limit:
            return found, found[-1][0]
        if belongs:
            found.append((position, row))
        last = position
    return found, None


def _words_query(
    number: int,
    listing: Listing,
    sort: str,
    after: Position | None,
    terms: Sequence[str],
    words: Sequence[str],
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the words that begin with the last one of ``listing``.

    A view belongs to the first of its words that does: there the word before, which is smaller,
    does not begin so.
    """
    prefix = listing.words[-1]
    has_terms = _AND_LISTED.format(number=number) * len(terms)
    has_words = _AND_WORD.format(number=number) * len(words)
    start = "word >= ?" if after is None else "(word, key, id) > (?, ?, ?)"
    sql = (
        f"SELECT word, key, id, row, before < ? {has_terms} {has_words}"
        f" FROM words_{number} AS entry WHERE {start} AND word < ? ORDER BY word, key, id"
    )
    listed = [value for term in terms for value in (term, sort)]
    return sql, (prefix, *listed, *words, *(after or (prefix,)), prefix + _LAST)


def _listing_query(
    number: int, listing: Listing, sort: str, after: Position | None, terms: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the query along the views of the first of ``terms``, or all views, by ``sort``."""
    along, *others = terms or [ALL_VIEWS]
    has_others = _AND_LISTED.format(number=number) * len(others)
    direction, beyond = ("DESC", "<") if listing.is_backwards else ("ASC", ">")
    start = "" if after is None else f"AND (key, id) {beyond} (?, ?)"
    sql = (
        f"SELECT key, id, row, 1 {has_others} FROM listings_{number} AS entry"
        f" WHERE term = ? AND sort = ? {start} ORDER BY key {direction}, id {direction}"
    )
    listed = [value for term in others for value in (term, sort)]
    return sql, (*listed, along, sort, *(after or ()))
