"""The place of each view in each sort: a number that orders as (key, id) does.

So the entries of the index have 6 bytes in place of a key and an id, are in the listing's order,
and are compared as numbers. ``orders`` has the keys in order, with the place of each; ``places``
has the row of each place.

A new view gets a place between its neighbours'. The first ones are far apart, so in the middle of
a million views in random order there is nearly always room. Where there is none, the places around
are spread again, in the smallest range that is not too full for its size (Bender, Cole, Demaine,
Farach-Colton, Zito: Two Simplified Algorithms for Maintaining Order in a List, 2002): a view that
is put in moves O(log n) others on average, whatever the order in which views come.
"""

from collections.abc import Mapping
from functools import cache
from sqlite3 import Connection
from typing import Final, NamedTuple

from core.adapters.sqlite.ids import unpacked
from core.adapters.sqlite.index import entries_from_bytes, keys_from_json

_BITS: Final = 47
"""Places are from 0 to 2 ** 47 - 1: what SQLite keeps in 6 bytes."""

BEFORE_ALL, END = -1, 1 << _BITS
"""No places: they come before and after all places."""

_STEP: Final = 1 << (_BITS - 6)
"""At an end, view number n is placed a step / n beyond: 2 ** 32 of them in order fit in, and the
first ones of a random order are far enough apart for all that come between them."""

_CROWDING: Final = 1.5
"""A range of 2 ** n places takes 1.5 ** n views before they spread over a larger one."""

_TIE_CHARACTERS: Final = 4
"""So much of the id is kept with the key. Few views agree in both; then their ids are looked up."""


class Neighbours(NamedTuple):
    """The places before a key and id, at it, and after it; None where there is no view."""

    below: int | None
    at: int | None
    above: int | None


def neighbours(
    connection: Connection, generation: int, sort: int, key: str, stream: str
) -> Neighbours:
    """Return the places around (``key``, ``stream``) in ``sort``."""
    equals = (sort, key, stream[:_TIE_CHARACTERS])
    ((below, equal, above),) = connection.execute(_around(generation), equals * 3)
    if equal is None:
        return Neighbours(below, None, above)
    first, is_it = _first_of_equals(connection, generation, equals, equal, stream)
    if first is None:
        return Neighbours(_next(connection, generation, sort, "<", above), None, above)
    below = _next(connection, generation, sort, "<", first)
    if not is_it:
        return Neighbours(below, None, first)
    return Neighbours(below, first, _next(connection, generation, sort, ">", first))


@cache  # most of a projection's statements are this one
def _around(generation: int) -> str:
    orders = f"SELECT place FROM orders_{generation} WHERE sort = ? AND"
    return (
        f"SELECT ({orders} (key, tie) < (?, ?) ORDER BY key DESC, tie DESC, place DESC LIMIT 1),"
        f" ({orders} key = ? AND tie = ? ORDER BY place LIMIT 1),"
        f" ({orders} (key, tie) > (?, ?) ORDER BY key, tie, place LIMIT 1)"
    )


def _first_of_equals(
    connection: Connection,
    generation: int,
    equals: tuple[int, str, str],
    first: int,
    stream: str,
) -> tuple[int | None, bool]:
    """Return the first place from ``stream`` on among the views that agree in key and tie.

    ``first`` is the first of all their places. It is a binary search: at most 48 steps.
    """
    where = "WHERE orders.sort = ? AND key = ? AND tie = ?"
    ((last,),) = connection.execute(
        f"SELECT max(place) FROM orders_{generation} AS orders {where}", equals
    )
    query = (
        f"SELECT orders.place, id FROM orders_{generation} AS orders"
        f" CROSS JOIN places_{generation} AS places"
        " ON places.sort = orders.sort AND places.place = orders.place"
        f" CROSS JOIN views_{generation} AS views ON views.row = places.row"
        f" {where} AND orders.place >= ? ORDER BY orders.place LIMIT 1"
    )
    low, high, found, is_it = first, last + 1, None, False
    while low < high:
        middle = (low + high) // 2
        place, kept = connection.execute(query, (*equals, middle)).fetchone()
        if (other := unpacked(kept)) < stream:
            low = place + 1
        else:
            high, found, is_it = middle, place, other == stream
    return found, is_it


def _next(
    connection: Connection, generation: int, sort: int, direction: str, place: int | None
) -> int | None:
    """Return the next place in ``direction``, "<" or ">", of ``place``; of None, the last one."""
    order = "DESC" if direction == "<" else "ASC"
    found = connection.execute(
        f"SELECT place FROM places_{generation} WHERE sort = ? AND place {direction} ?"
        f" ORDER BY place {order} LIMIT 1",
        (sort, END if place is None else place),
    ).fetchone()
    return None if found is None else int(found[0])


def take_places(
    connection: Connection, generation: int, keys: Mapping[int, str], view: tuple[int, str]
) -> dict[int, int]:
    """Give ``view``, a row and an id, its place by each of ``keys``, and return the places."""
    row, stream = view
    places = {
        sort: _free_place(connection, generation, sort, key, view) for sort, key in keys.items()
    }
    tie = stream[:_TIE_CHARACTERS]
    connection.executemany(
        f"INSERT INTO orders_{generation} (sort, key, tie, place) VALUES (?, ?, ?, ?)",
        [(sort, keys[sort], tie, place) for sort, place in places.items()],
    )
    connection.executemany(
        f"INSERT INTO places_{generation} (sort, place, row) VALUES (?, ?, ?)",
        [(*place, row) for place in places.items()],
    )
    return places


def _free_place(
    connection: Connection, generation: int, sort: int, key: str, view: tuple[int, str]
) -> int:
    row, stream = view
    while True:
        below, _, above = neighbours(connection, generation, sort, key, stream)
        if (place := between(below, above, row)) is not None:
            return place
        _spread(connection, generation, sort, below if below is not None else above or 0)


def leave_places(
    connection: Connection, generation: int, places: Mapping[int, tuple[str, int]], stream: str
) -> None:
    """Take from a view its ``places``: a key and a place for each sort."""
    tie = stream[:_TIE_CHARACTERS]
    connection.executemany(
        f"DELETE FROM orders_{generation} WHERE sort = ? AND key = ? AND tie = ? AND place = ?",
        [(sort, key, tie, place) for sort, (key, place) in places.items()],
    )
    connection.executemany(
        f"DELETE FROM places_{generation} WHERE sort = ? AND place = ?",
        [(sort, place) for sort, (_, place) in places.items()],
    )


def between(below: int | None, above: int | None, number: int) -> int | None:
    """Return a place between two others for view ``number``, from 1 on, or None without room."""
    step = max(1, _STEP // number)
    if below is None:
        place = 1 << _BITS - 1 if above is None else above - step
    else:
        place = below + step if above is None else (below + above) // 2
    return place if (below is None or below < place) and 0 <= place < END else None


def _spread(connection: Connection, generation: int, sort: int, near: int) -> None:
    """Make room around the place ``near``: spread the places of a range that is not too full."""
    rows: list[tuple[int, int]] = []
    for bits in range(4, _BITS + 1):
        start = near >> bits << bits
        rows = connection.execute(
            f"SELECT place, row FROM places_{generation}"
            " WHERE sort = ? AND place >= ? AND place < ? ORDER BY place",
            (sort, start, start + (1 << bits)),
        ).fetchall()
        if len(rows) < _CROWDING**bits:
            break
    width = 1 << bits
    moves = [
        (row, old, start + n * width // (len(rows) + 1)) for n, (old, row) in enumerate(rows, 1)
    ]
    _move(connection, generation, sort, moves)


def _move(
    connection: Connection, generation: int, sort: int, moves: list[tuple[int, int, int]]
) -> None:
    """Move views, each given as (row, old place, new place) in order, with all their entries.

    Those that go down go first, the lowest before the others, and then those that go up, the
    highest first: so none comes to a place that another has not left.
    """
    down = [(row, old, new) for row, old, new in moves if new < old]
    up = [(row, old, new) for row, old, new in reversed(moves) if new > old]
    for row, old, new in down + up:
        ((kept_id, keys, kept),) = connection.execute(
            f"SELECT id, keys, entries FROM views_{generation} WHERE row = ?", (row,)
        )
        entries = entries_from_bytes(kept)
        key = keys_from_json(keys, entries)[sort]
        tie = unpacked(kept_id)[:_TIE_CHARACTERS]
        move = f"_{generation} SET place = ? WHERE place = ? AND sort = ?"
        connection.execute(
            f"UPDATE orders{move} AND key = ? AND tie = ?", (new, old, sort, key, tie)
        )
        connection.execute(f"UPDATE places{move}", (new, old, sort))
        for table, numbers in (("listings", entries.terms), ("matches", entries.words)):
            connection.executemany(
                f"UPDATE {table}{move} AND number = ?", [(new, old, sort, n) for n in numbers]
            )
        moved = entries._replace(places={**entries.places, sort: new})
        connection.execute(
            f"UPDATE views_{generation} SET entries = ? WHERE row = ?", (moved.to_bytes(), row)
        )
