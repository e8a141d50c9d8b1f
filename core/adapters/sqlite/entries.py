"""Writing the entries of a view."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.index import Entries, Indexed, entries_from_bytes
from core.adapters.sqlite.numbering import TermNumber, ViewNumbers
from core.adapters.sqlite.places import leave_places, take_places
from core.adapters.sqlite.views import Kept

ROWS: Final = 0
"""The number of no sort: rows are listed under it."""


def reindex(
    connection: Connection,
    generation: int,
    stream: str,
    kept: Kept,
    wanted: Indexed,
    numbers: ViewNumbers,
) -> Entries:
    """Replace the entries of the view of ``stream``, and return those that it has now.

    ``numbers`` are those of what is ``wanted``.
    """
    terms = tuple(numbers.terms.values())
    keys = {numbers.sorts[name]: key for name, key in wanted.keys.items()}
    places = _move(connection, generation, stream, kept, keys)
    new = Entries(places, tuple(term.number for term in terms), tuple(numbers.words.values()))
    _replace_listings(connection, generation, kept.row, kept.entries, new, terms)
    _replace_matches(connection, generation, kept.entries, new, wanted.words)
    return new


def _move(
    connection: Connection, generation: int, stream: str, kept: Kept, keys: dict[int, str]
) -> dict[int, int]:
    """Move a view to where ``keys`` have it, and return its place in each sort."""
    before = kept.entries.places
    left = {n: (key, before[n]) for n, key in kept.keys.items() if keys.get(n) != key}
    taken = {n: key for n, key in keys.items() if kept.keys.get(n) != key}
    if left:
        leave_places(connection, generation, left, stream)
    after = before | take_places(connection, generation, taken, (kept.row, stream))
    return {sort: after[sort] for sort in keys}


def _replace_listings(
    connection: Connection,
    generation: int,
    row: int,
    old: Entries,
    new: Entries,
    terms: Sequence[TermNumber],
) -> None:
    ordered = {term.number for term in terms if term.ordered}
    rows = {*new.terms} - ordered
    before = {(n, *place) for n in {*old.terms} - rows for place in old.places.items()}
    after = {(n, *place) for n in ordered for place in new.places.items()}
    gone = [*(before - after), *((n, ROWS, row) for n in {*old.terms} - {*new.terms})]
    if gone:
        connection.executemany(
            f"DELETE FROM listings_{generation} WHERE number = ? AND sort = ? AND place = ?", gone
        )
    connection.executemany(
        f"INSERT INTO listings_{generation} (number, sort, place) VALUES (?, ?, ?)",
        [*(after - before), *((n, ROWS, row) for n in rows.difference(old.terms))],
    )


def _replace_matches(
    connection: Connection, generation: int, old: Entries, new: Entries, words: tuple[str, ...]
) -> None:
    where, before = _place_of_words(new), _place_of_words(old)
    if where == before and old.words == new.words:
        return
    gone = old.words if where != before else {*old.words} - {*new.words}
    if gone:
        connection.executemany(
            f"DELETE FROM matches_{generation} WHERE number = ? AND sort = ? AND place = ?",
            [(number, *before) for number in gone],
        )
    shared = [_shared(before, word) for before, word in pairwise(("", *words))]
    connection.executemany(
        f"REPLACE INTO matches_{generation} (number, sort, place, shared) VALUES (?, ?, ?, ?)",
        [(number, *where, count) for number, count in zip(new.words, shared, strict=True)],
    )


def _shared(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _place_of_words(entries: Entries) -> tuple[int, ...]:
    return next(iter(entries.places.items()), ())


def order_terms(
    connection: Connection,
    generation: int,
    terms: Mapping[bytes, TermNumber],
    before: Entries,
    max_rows: int,
) -> None:
    """List in each sort the views of those of ``terms`` that more than ``max_rows`` have by now.

    ``before`` are the view's entries before ``reindex``: terms that it had are on no more views.
    """
    for token, (number, ordered) in terms.items():
        is_more = not ordered and number not in before.terms
        if is_more and _has_more(connection, generation, number, max_rows):
            _order_term(connection, generation, token, number)


def _has_more(connection: Connection, generation: int, number: int, max_rows: int) -> bool:
    one_more = connection.execute(
        f"SELECT 1 FROM listings_{generation} WHERE number = ? AND sort = ? LIMIT 1 OFFSET ?",
        (number, ROWS, max_rows),
    )
    return one_more.fetchone() is not None


def views_without_order(connection: Connection, generation: int, number: int) -> list[Entries]:
    """Return the entries of all views that have a term without an order."""
    kept = connection.execute(
        f"SELECT entries FROM listings_{generation} AS listed"
        f" CROSS JOIN views_{generation} AS views ON views.row = listed.place"
        " WHERE number = ? AND sort = ?",
        (number, ROWS),
    )
    return [entries_from_bytes(entries) for (entries,) in kept]


def _order_term(connection: Connection, generation: int, token: bytes, number: int) -> None:
    views = views_without_order(connection, generation, number)
    connection.execute(
        f"DELETE FROM listings_{generation} WHERE number = ? AND sort = ?", (number, ROWS)
    )
    connection.executemany(
        f"INSERT INTO listings_{generation} (number, sort, place) VALUES (?, ?, ?)",
        [(number, *place) for entries in views for place in entries.places.items()],
    )
    connection.execute(f"UPDATE terms_{generation} SET ordered = 1 WHERE token = ?", (token,))
