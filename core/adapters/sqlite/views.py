"""The rows of the views.

``details`` has the fields that listings show, ``unlisted`` the others: a listing never reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection
from typing import Final, NamedTuple, TypeVar

from core.adapters.sqlite.ids import packed, unpacked
from core.adapters.sqlite.index import (
    NO_ENTRIES,
    Entries,
    Indexed,
    entries_from_bytes,
    keys_from_json,
    keys_to_json,
)
from core.adapters.sqlite.known import Known
from core.ports.catalogue import UnreadableView
from core.ports.json_text import compact_json
from core.ports.listing import ListingDeclaration
from core.ports.records import Record, from_data, to_data
from core.ports.views import Projected, Tombstone, View

V = TypeVar("V", bound=Record)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_view(
    connection: Connection, number: int, declaration: ListingDeclaration[V], stream: str
) -> Projected[V] | None:
    """Return the whole view of ``stream`` in generation ``number``, its tombstone, or None."""
    found = connection.execute(
        f"SELECT version, details, unlisted, added_at, revised_at FROM views_{number} WHERE id = ?",
        (packed(stream),),
    ).fetchone()
    if found is None:
        return None
    version, details, unlisted, added_at, revised_at = found
    if details is None:
        return Tombstone(stream, version)
    whole = _joined(details, unlisted)
    return _view(declaration, stream, version, whole, added_at, revised_at)


def _joined(details: str, unlisted: str) -> str:
    """Return the JSON object with the members of both. As text: it is parsed only once."""
    members = [text[1:-1] for text in (details, unlisted) if text != "{}"]
    return f"{{{','.join(members)}}}"


def read_summaries(
    connection: Connection, number: int, declaration: ListingDeclaration[V], rows: Sequence[int]
) -> tuple[View[V], ...]:
    """Return the views in ``rows``, in their order, as listings show them."""
    found = connection.execute(
        f"SELECT row, id, version, details, added_at, revised_at FROM views_{number}"
        f" WHERE row IN ({', '.join('?' * len(rows))})",
        rows,
    )
    views = {row: _view(declaration, unpacked(kept_id), *fields) for row, kept_id, *fields in found}
    return tuple(views[row] for row in rows)


class Kept(NamedTuple):
    """What is kept of a view beside the view itself: where it is, its entries and its keys."""

    version: int | None
    row: int
    entries: Entries
    keys: dict[int, str]


def read_kept(connection: Connection, number: int, stream: str, known: Known) -> Kept:
    """Return what is kept for ``stream``; of a new one, a row that no view has had."""
    found = None
    if known.absent != (number, stream):
        found = connection.execute(
            f"SELECT version, row, entries, keys FROM views_{number} WHERE id = ?",
            (packed(stream),),
        ).fetchone()
    if found is None:
        return Kept(None, _new_row(connection, number, known), NO_ENTRIES, {})
    version, row, kept, keys = found
    entries = entries_from_bytes(kept)
    return Kept(version, row, entries, keys_from_json(keys, entries))


def _new_row(connection: Connection, number: int, known: Known) -> int:
    last = known.last_rows.get(number)
    if last is None:
        ((last,),) = connection.execute(f"SELECT max(row) FROM views_{number}")
    known.last_rows[number] = row = (last or 0) + 1
    return row


def write_view(
    connection: Connection,
    number: int,
    declaration: ListingDeclaration[V],
    row: int,
    new: Projected[V],
    wanted: Indexed,
    entries: Entries,
) -> None:
    """Write ``new`` with its keys and entries to ``row``."""
    fields: tuple[object, ...] = (None,) * 6
    if isinstance(new, View):
        fields = (keys_to_json(wanted.keys), entries.to_bytes(), *_fields(declaration, new))
    connection.execute(
        f"REPLACE INTO views_{number}"
        " (row, id, version, keys, entries, added_at, revised_at, details, unlisted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row, packed(new.id), new.version, *fields),
    )


def _view(
    declaration: ListingDeclaration[V],
    stream: str,
    version: int,
    details: str,
    added_at: int,
    revised_at: int,
) -> View[V]:
    try:
        return View(
            stream,
            version,
            from_data(declaration.details, json.loads(details)),
            _instant(added_at),
            _instant(revised_at),
        )
    except (OverflowError, TypeError, ValueError) as error:
        raise UnreadableView(stream) from error


def _fields(declaration: ListingDeclaration[V], view: View[V]) -> tuple[object, ...]:
    data = to_data(view.details)
    unlisted = {name: data.pop(name) for name in declaration.unlisted if name in data}
    return (
        _microseconds(view.added_at),
        _microseconds(view.revised_at),
        compact_json(data),
        compact_json(unlisted) if unlisted else "{}",
    )


def _microseconds(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
