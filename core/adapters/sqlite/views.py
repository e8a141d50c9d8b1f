"""The rows of the views.

``details`` has the fields that listings show, ``unlisted`` the others: a listing never reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import TypeVar

from core.adapters.sqlite.index import Indexed
from core.ports.catalogue import UnreadableView
from core.ports.json_text import compact_json
from core.ports.listing import ListingDeclaration
from core.ports.records import Record, from_data, to_data
from core.ports.text import instant_key
from core.ports.views import Projected, Tombstone, View

V = TypeVar("V", bound=Record)


def read_view(
    connection: Connection, number: int, declaration: ListingDeclaration[V], stream: str
) -> Projected[V] | None:
    """Return the whole view of ``stream`` in generation ``number``, its tombstone, or None."""
    found = connection.execute(
        f"SELECT version, details, unlisted, added_at, revised_at FROM views_{number} WHERE id = ?",
        (stream,),
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
    views = {row: _view(declaration, *fields) for row, *fields in found}
    return tuple(views[row] for row in rows)


def write_view(
    connection: Connection,
    number: int,
    declaration: ListingDeclaration[V],
    row: int | None,
    new: Projected[V],
    entries: Indexed,
) -> int:
    """Write ``new`` with its index entries to ``row``, or to a new row for None. Return the row."""
    fields = _fields(declaration, new, entries) if isinstance(new, View) else (None,) * 5
    cursor = connection.execute(
        f"REPLACE INTO views_{number}"
        " (row, id, version, details, added_at, revised_at, indexed, unlisted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row, new.id, new.version, *fields),
    )
    return int(cursor.lastrowid or 0) if row is None else row


def _view(
    declaration: ListingDeclaration[V],
    stream: str,
    version: int,
    details: str,
    added_at: str,
    revised_at: str,
) -> View[V]:
    try:
        return View(
            stream,
            version,
            from_data(declaration.details, json.loads(details)),
            datetime.fromisoformat(added_at),
            datetime.fromisoformat(revised_at),
        )
    except (TypeError, ValueError) as error:
        raise UnreadableView(stream) from error


def _fields(declaration: ListingDeclaration[V], view: View[V], entries: Indexed) -> tuple[str, ...]:
    data = to_data(view.details)
    unlisted = {name: data.pop(name) for name in declaration.unlisted if name in data}
    return (
        compact_json(data),
        instant_key(view.added_at),
        instant_key(view.revised_at),
        entries.to_json(),
        compact_json(unlisted),
    )
