"""Books and tombstones as attributes of the catalogue's items."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.adapters.dynamodb.items import Item
from core.domain.book import BookDetails
from core.ports.catalogue import BookView, Entry, Tombstone


def entry_attributes(entry: Entry) -> Item:
    """Return the attributes that keep an entry: ``version``, and ``doc`` (JSON text) unless it is a tombstone."""
    version = {"version": {"N": str(entry.version)}}
    if isinstance(entry, Tombstone):
        return version
    content = {
        "details": entry.details.model_dump(mode="json", exclude_defaults=True),
        "added_at": _text(entry.added_at),
        "revised_at": _text(entry.revised_at),
    }
    doc = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {**version, "doc": {"S": doc}}


def entry_from_attributes(book_id: str, attributes: Mapping[str, Any]) -> Entry:
    """Return the entry of a book from its attributes."""
    version = int(attributes["version"]["N"])
    return (
        view_from_attributes(book_id, attributes)
        if "doc" in attributes
        else Tombstone(book_id, version)
    )


def view_from_attributes(book_id: str, attributes: Mapping[str, Any]) -> BookView:
    """Return the view of a book from its attributes."""
    content = json.loads(attributes["doc"]["S"])
    return BookView(
        book_id=book_id,
        version=int(attributes["version"]["N"]),
        details=BookDetails.model_validate(content["details"]),
        added_at=datetime.fromisoformat(content["added_at"]),
        revised_at=datetime.fromisoformat(content["revised_at"]),
    )


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
