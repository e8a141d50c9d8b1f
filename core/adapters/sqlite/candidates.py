"""Views to look at one by one, where reading in order does not pay; and their order."""

import json
from collections.abc import Iterable
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.entries import views_without_order
from core.adapters.sqlite.index import Entries, entries_from_bytes
from core.adapters.sqlite.lists import Places, Visit, Wanted, and_in, values_of

_WORDS_A_VIEW: Final = 5
"""To read along so many words costs at most what it costs to look at a view."""


def few_candidates(
    connection: Connection, generation: int, wanted: Wanted, max_sorted: int
) -> list[Entries] | None:
    """Return the entries of all views of a list of ``wanted``; None if it is to be read in order.

    The list is that of a term without an order, or else the shortest one, if a search has one of at
    most ``max_sorted`` views and would be read along too many words.
    """
    if wanted.rare:
        return views_without_order(connection, generation, wanted.rare[0])
    if not wanted.prefix or not (lists := wanted.lists):
        return None
    sizes = [_size(connection, generation, wanted.sort, each, max_sorted + 1) for each in lists]
    size = min(sizes)
    if size > max_sorted or not _has_words(connection, generation, wanted, size // _WORDS_A_VIEW):
        return None
    shortest = lists.pop(sizes.index(size))
    query = (
        f"SELECT entries FROM {shortest.table}_{generation} AS entry"
        f" CROSS JOIN places_{generation} AS places"
        " ON places.sort = entry.sort AND places.place = entry.place"
        f" CROSS JOIN views_{generation} AS views ON views.row = places.row"
        f" WHERE entry.{shortest.condition}{and_in(generation, lists)}"
    )
    kept = connection.execute(query, values_of(wanted.sort, [shortest, *lists]))
    return [entries_from_bytes(entries) for (entries,) in kept]


def _size(connection: Connection, generation: int, sort: int, counted: Places, most: int) -> int:
    entries = f"SELECT 1 FROM {counted.table}_{generation} WHERE {counted.condition} LIMIT ?"
    values = (*counted.values(sort), most)
    ((size,),) = connection.execute(f"SELECT count(*) FROM ({entries})", values)
    return int(size)


def _has_words(connection: Connection, generation: int, wanted: Wanted, more_than: int) -> bool:
    """Return whether more than so many words begin as asked."""
    found = connection.execute(
        f"SELECT 1 FROM words_{generation} WHERE word >= ? AND word < ? LIMIT 1 OFFSET ?",
        (*wanted.word_range, more_than),
    )
    return found.fetchone() is not None


def visits_of(
    connection: Connection, generation: int, wanted: Wanted, candidates: Iterable[Entries]
) -> list[Visit]:
    """Return those of ``candidates`` that belong to the listing, in its order."""
    terms, words = {*wanted.rare, *wanted.terms}, {*wanted.words}
    belonging = [
        entries
        for entries in candidates
        if terms.issubset(entries.terms) and words.issubset(entries.words)
    ]
    texts = _texts(connection, generation, wanted, belonging) if wanted.prefix else {}
    visits = [_visit(wanted, entries, texts) for entries in belonging]
    return sorted(filter(None, visits), reverse=wanted.backwards)


def _texts(
    connection: Connection, generation: int, wanted: Wanted, views: Iterable[Entries]
) -> dict[int, str]:
    """Return those words of ``views`` that begin as asked, by their numbers."""
    numbers = {word for entries in views for word in entries.words}
    found = connection.execute(
        "SELECT number, word FROM json_each(?) AS wanted"
        f" CROSS JOIN words_{generation} AS words ON words.number = wanted.value"
        " WHERE word >= ? AND word < ?",
        (json.dumps(list(numbers)), *wanted.word_range),
    )
    return dict(found)


def _visit(wanted: Wanted, entries: Entries, texts: dict[int, str]) -> Visit | None:
    """Return where a view stands in the listing; None if it does not.

    That is when it has no matching word, or was indexed before there was such a sort.
    """
    place = entries.places.get(wanted.sort)
    if place is None or not wanted.prefix:
        return None if place is None else Visit("", place)
    if entries.default_sort != wanted.sort:
        return None
    matched = next((texts[word] for word in entries.words if word in texts), None)
    return None if matched is None else Visit(matched, place)
