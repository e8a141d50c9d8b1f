"""Events as items of the events table, and as images in its stream."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.adapters.dynamodb.items import Item
from core.domain.events import (
    SCHEMA_VERSIONS,
    UnknownEvent,
    event_data,
    event_from_data,
    event_type,
)
from core.ports.event_store import Envelope

_OPTIONAL = ("command_id", "fingerprint")


def event_key(stream: str, version: int) -> Item:
    """Return the key of an event's item."""
    return {"stream": {"S": stream}, "version": {"N": str(version)}}


def is_event(item: Mapping[str, Any]) -> bool:
    """Tell whether an item, or an image of the table's stream, is that of an event; the other ones are claims."""
    return "event_id" in item


def item_from_envelope(envelope: Envelope) -> Item:
    """Return the item that keeps an event. Its content is JSON text: smaller than a map, and the same anywhere."""
    name = event_type(envelope.event)
    data = json.dumps(event_data(envelope.event), ensure_ascii=False, separators=(",", ":"))
    texts = {
        "event_id": envelope.event_id,
        "type": name,
        "data": data,
        "occurred_at": envelope.occurred_at.astimezone(UTC).isoformat(),
        "actor": envelope.actor,
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
        "command_id": envelope.command_id,
        "fingerprint": envelope.fingerprint,
    }
    return {
        **event_key(envelope.stream, envelope.version),
        "schema_version": {"N": str(SCHEMA_VERSIONS[name])},
        **{name: {"S": text} for name, text in texts.items() if text is not None},
    }


def envelope_from_item(item: Mapping[str, Any]) -> Envelope:
    """Return the event of an item, or of a new image in the table's stream. Raises UnknownEvent."""
    try:
        return Envelope(
            stream=item["stream"]["S"],
            version=int(item["version"]["N"]),
            event_id=item["event_id"]["S"],
            event=event_from_data(
                item["type"]["S"], int(item["schema_version"]["N"]), json.loads(item["data"]["S"])
            ),
            occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
            actor=item["actor"]["S"],
            correlation_id=item["correlation_id"]["S"],
            causation_id=item["causation_id"]["S"],
            **{name: item[name]["S"] for name in _OPTIONAL if name in item},
        )
    except (KeyError, ValueError) as error:
        raise UnknownEvent(
            f"An item of the events table has not the shape of an event: {error!r}"
        ) from error
