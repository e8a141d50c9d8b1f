"""Views and tombstones as attributes of the catalogue's items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.shapes import Malformed, number_of, text_of
from core.ports.catalogue import UnreadableView
from core.ports.json_text import compact_json
from core.ports.records import Record, from_data, to_data
from core.ports.views import Projected, Tombstone, View

V = TypeVar("V", bound=Record)


def projected_attributes(projected: Projected[Record]) -> Item:
    """Return the attributes that keep a view or a tombstone.

    These are ``version`` and, unless it is a tombstone, ``doc``: JSON text.
    """
    version = {"version": {"N": str(projected.version)}}
    if isinstance(projected, Tombstone):
        return version
    content = {
        "details": to_data(projected.details),
        "added_at": _text(projected.added_at),
        "revised_at": _text(projected.revised_at),
    }
    doc = compact_json(content)
    return {**version, "doc": {"S": doc}}


def projected_from_attributes(
    stream: str, attributes: Mapping[str, Any], details: type[V]
) -> Projected[V] | None:
    """Return the view or tombstone of ``stream`` from its attributes. Raises UnreadableView.

    None where there are none, or those of a first view that an earlier version of this program
    has begun to write.
    """
    if "version" not in attributes:
        return None
    if "doc" in attributes:
        return _view(stream, attributes, details)
    try:
        return Tombstone(stream, number_of(attributes, "version"))
    except Malformed as error:
        raise UnreadableView(stream) from error


def _view(stream: str, attributes: Mapping[str, Any], details: type[V]) -> View[V]:
    try:
        content = json.loads(text_of(attributes, "doc"))
        return View(
            id=stream,
            version=number_of(attributes, "version"),
            details=from_data(details, content["details"]),
            added_at=datetime.fromisoformat(content["added_at"]),
            revised_at=datetime.fromisoformat(content["revised_at"]),
        )
    except (Malformed, LookupError, TypeError, ValueError) as error:
        raise UnreadableView(stream) from error


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
