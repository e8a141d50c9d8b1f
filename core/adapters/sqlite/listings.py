"""Pages of the catalogue's listings.

Every list of the index, of a term or a word, is in the order of places. So a page is read along one
list, under the condition that the view is in all others, where one step down a B-tree finds it.
The list to read along is the sparsest one from the position on: that whose hundredth entry from
there is the farthest away (``walk``).

There are two exceptions, in which all views of one list are looked at and sorted (``candidates``).
A term that few views have is kept without an order. And a search is ordered by the matched word
first: it is read along the words that begin as asked, one after the other, unless these are many
and another condition is met by few views.

Either way the work is bounded (``Bounds``), and a page is full unless the listing or the bound ends
it, then with its ``next``. What reaches the bound: conditions of which each is met by thousands of
views and all together by hardly any.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from sqlite3 import Connection
from typing import NamedTuple, TypeVar

from core.adapters.sqlite.candidates import few_candidates, visits_of
from core.adapters.sqlite.ids import unpacked
from core.adapters.sqlite.index import entries_from_bytes, keys_from_json
from core.adapters.sqlite.lists import Visit, Wanted, wanted_of
from core.adapters.sqlite.places import BEFORE_ALL
from core.adapters.sqlite.views import read_summaries
from core.adapters.sqlite.walk import Start, Walk
from core.ports.listing import Listing, ListingDeclaration, Page, Position
from core.ports.records import Record

V = TypeVar("V", bound=Record)


class Bounds(NamedTuple):
    """How much work a page may be, and when a term is ordered.

    A page visits at most ``max_scanned`` entries, or sorts at most ``max_sorted`` views that a
    search finds. A term that more than ``max_unordered`` views have is listed in each sort.
    ``sample`` is how many entries of a list are skipped to find out how sparse it is.
    """

    max_scanned: int = 5_000
    max_sorted: int = 1_000
    max_unordered: int = 100
    sample: int = 100


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
    wanted = wanted_of(connection, number, declaration, listing)
    if wanted is None:
        return Page((), None)
    visits = _visits(connection, number, wanted, after, bounds)
    found, last = _scan(visits, limit, bounds.max_scanned)
    rows = _rows(connection, number, wanted.sort, [visit.place for visit in found])
    following = None if last is None else _position(connection, number, wanted, last)
    return Page(read_summaries(connection, number, declaration, rows), following)


def _visits(
    connection: Connection,
    number: int,
    wanted: Wanted,
    after: Position | None,
    bounds: Bounds,
) -> Iterator[Visit]:
    """Return the entries of the listing that come after ``after``."""
    walk = Walk(connection, number, wanted, bounds.sample)
    word, start = after[0] if after and wanted.prefix else "", walk.start(after and after[-2:])
    candidates = few_candidates(connection, number, wanted, bounds.max_sorted)
    if candidates is not None:
        return _beyond(visits_of(connection, number, wanted, candidates), wanted, (word, start))
    if wanted.prefix:
        return walk.along_words((word, start) if after else None)
    return walk.along("", wanted.lists, start)


def _beyond(visits: Iterable[Visit], wanted: Wanted, start: Start) -> Iterator[Visit]:
    if wanted.backwards:
        return (visit for visit in visits if visit[:2] < start)
    return (visit for visit in visits if visit[:2] > start)


def _scan(
    visits: Iterator[Visit], limit: int, max_scanned: int
) -> tuple[list[Visit], Visit | None]:
    """Return the first ``limit`` views among ``max_scanned`` entries, and where to continue.

    That is None when there are no more entries.
    """
    found: list[Visit] = []
    last: Visit | None = None
    for visit in islice(visits, max_scanned):
        if visit.belongs and len(found) == limit:
            return found, found[-1]
        if visit.belongs:
            found.append(visit)
        last = visit
    return found, last if next(visits, None) is not None else None


def _rows(connection: Connection, number: int, sort: int, places: Sequence[int]) -> list[int]:
    rows = connection.execute(
        f"SELECT place, row FROM places_{number} WHERE sort = ?"
        f" AND place IN ({', '.join('?' * len(places))})",
        (sort, *places),
    )
    found: dict[int, int] = dict(rows)
    return [found[place] for place in places]


def _position(connection: Connection, number: int, wanted: Wanted, visit: Visit) -> Position:
    word = (visit.word,) if wanted.prefix else ()
    if visit.place == BEFORE_ALL:
        return (*word, "", "")
    ((kept_id, keys, entries),) = connection.execute(
        f"SELECT id, keys, entries FROM places_{number} AS places"
        f" CROSS JOIN views_{number} AS views ON views.row = places.row"
        " WHERE sort = ? AND place = ?",
        (wanted.sort, visit.place),
    )
    key = keys_from_json(keys, entries_from_bytes(entries))[wanted.sort]
    return (*word, key, unpacked(kept_id))
