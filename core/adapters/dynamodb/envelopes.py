"""Events as items of the events table, and as images in its stream."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.shapes import number_of, text_of
from core.ports.errors import UnknownEvent
from core.ports.events import Codec, Envelope, Unreadable
from core.ports.json_text import compact_json

E = TypeVar("E")

IDEMPOTENCY_KEY: Final = "command_id"
"""The attribute with an envelope's idempotency key. Every log has it under this older name."""


def event_key(stream: str, version: int) -> Item:
    """Return the key of an event's item."""
    return {"stream": {"S": stream}, "version": {"N": str(version)}}


def is_event(item: Mapping[str, Any]) -> bool:
    """Return whether an item, or an image in the table's stream, is an event.

    Others are claims and snapshots.
    """
    return "event_id" in item


def item_from_envelope(envelope: Envelope[E], codec: Codec[E]) -> Item:
    """Return the item that keeps an event.

    Its content is JSON text: smaller than a map, and the same in every store.
    """
    stored = codec.encode(envelope.event)
    item: Item = {
        **event_key(envelope.stream, envelope.version),
        "schema_version": {"N": str(stored.schema_version)},
        "event_id": {"S": envelope.event_id},
        "type": {"S": stored.type},
        "data": {"S": compact_json(stored.data)},
        "occurred_at": {"S": envelope.occurred_at.astimezone(UTC).isoformat()},
        "actor": {"S": envelope.actor},
        "correlation_id": {"S": envelope.correlation_id},
        "causation_id": {"S": envelope.causation_id},
    }
    if envelope.idempotency_key is not None:
        item[IDEMPOTENCY_KEY] = {"S": envelope.idempotency_key}
    if envelope.fingerprint is not None:
        item["fingerprint"] = {"S": envelope.fingerprint}
    return item


def envelope_from_item(item: Mapping[str, Any], codec: Codec[E]) -> Envelope[E]:
    """Return the event of an item, or of a new image in the table's stream. Raises UnknownEvent."""
    try:
        return Envelope(
            stream=item["stream"]["S"],
            version=int(item["version"]["N"]),
            event_id=item["event_id"]["S"],
            event=codec.decode(
                item["type"]["S"], int(item["schema_version"]["N"]), json.loads(item["data"]["S"])
            ),
            occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
            actor=item["actor"]["S"],
            correlation_id=item["correlation_id"]["S"],
            causation_id=item["causation_id"]["S"],
            idempotency_key=_optional(item, IDEMPOTENCY_KEY),
            fingerprint=_optional(item, "fingerprint"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownEvent(
            f"An item of the events table does not have the shape of an event: {error!r}"
        ) from error


def logged_from_item(item: Mapping[str, Any], codec: Codec[E]) -> Envelope[E] | Unreadable:
    """Return the event of an item, or that this version of the code cannot read it.

    Raises Malformed for an item without a stream and a version.
    """
    try:
        return envelope_from_item(item, codec)
    except UnknownEvent as error:
        return Unreadable(text_of(item, "stream"), number_of(item, "version"), str(error))


def _optional(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None
