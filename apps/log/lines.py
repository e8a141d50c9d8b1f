"""The lines of a log's file: a header, each event, and an end by which a whole file is recognised.

Each is a JSON object. An event is as the store keeps it, in whatever schema version it was written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from core.ports.events import Envelope, StoredEvent
from core.ports.json_text import compact_json

FORMAT: Final = "event-log"
VERSION: Final = 1
"""Of the format: a program refuses a file of a version that it does not know."""

_TEXTS: Final = ("stream", "event_id", "type", "actor", "correlation_id", "causation_id")
_NUMBERS: Final = ("version", "schema_version")
_OPTIONAL: Final = ("idempotency_key", "fingerprint")

Stored = Envelope[StoredEvent]


class Unusable(Exception):
    """A file is not a whole and valid log; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class End:
    """The last line: how many events there are, and the SHA-256 of all lines before this one."""

    events: int
    sha256: str


def header_line(source: str, order: str, now: datetime) -> bytes:
    """Return the first line: the format, and where, how and when the log was read."""
    about = {"source": source, "order": order, "exported_at": now.astimezone(UTC).isoformat()}
    return _line({"format": FORMAT, "format_version": VERSION, **about})


def event_line(envelope: Stored) -> bytes:
    """Return the line of an event that is as a store keeps it; raises TypeError for another."""
    stored = envelope.event
    if not isinstance(stored, StoredEvent):
        raise TypeError(f"{stored} is not as a store keeps it")
    known = {
        "stream": envelope.stream,
        "version": envelope.version,
        "event_id": envelope.event_id,
        "type": stored.type,
        "schema_version": stored.schema_version,
        "data": stored.data,
        "occurred_at": envelope.occurred_at.astimezone(UTC).isoformat(),
        "actor": envelope.actor,
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
        "idempotency_key": envelope.idempotency_key,
        "fingerprint": envelope.fingerprint,
    }
    return _line({name: value for name, value in known.items() if value is not None})


def end_line(end: End) -> bytes:
    """Return the last line."""
    return _line({"events": end.events, "sha256": end.sha256})


def check_header(line: bytes) -> None:
    """Raise Unusable unless ``line`` is the header of a version that is known here."""
    header = _parsed(line)
    if header.get("format") != FORMAT:
        raise Unusable("it is not the file of a log: its first line does not say so")
    if header.get("format_version") != VERSION:
        raise Unusable(
            f"it has version {header.get('format_version')} of the format, and this program knows"
            f" {VERSION}: use a newer one"
        )


def read_end(line: bytes) -> End:
    """Return the end that ``line`` is. Raises Unusable where the file has been cut off."""
    end = _parsed(line)
    if end.keys() != {"events", "sha256"}:
        raise Unusable("it is not whole: its last line is not the end of a log")
    return End(end["events"], end["sha256"])


def read_event(line: bytes) -> Stored:
    """Return the event of a line. Raises Unusable."""
    fields = _parsed(line)
    try:
        _check(fields)
        return Envelope(
            stream=fields["stream"],
            version=fields["version"],
            event_id=fields["event_id"],
            event=StoredEvent(fields["type"], fields["schema_version"], fields["data"]),
            occurred_at=datetime.fromisoformat(fields["occurred_at"]).astimezone(UTC),
            actor=fields["actor"],
            correlation_id=fields["correlation_id"],
            causation_id=fields["causation_id"],
            idempotency_key=fields.get("idempotency_key"),
            fingerprint=fields.get("fingerprint"),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise Unusable(f"an event does not have the shape of one ({error})") from error


def _check(fields: Mapping[str, Any]) -> None:
    texts = [fields[name] for name in _TEXTS] + [fields.get(name, "") for name in _OPTIONAL]
    numbers = [fields[name] for name in _NUMBERS]
    if not all(type(text) is str for text in texts) or not all(type(n) is int for n in numbers):
        raise TypeError("a member has another type")
    if unknown := fields.keys() - {*_TEXTS, *_NUMBERS, *_OPTIONAL, "data", "occurred_at"}:
        raise ValueError(f"{min(unknown)} is not known here")


def _line(content: Mapping[str, Any]) -> bytes:
    return f"{compact_json(content)}\n".encode()


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError as error:
        raise Unusable("it is not whole, or damaged: a line is not JSON") from error
    if not isinstance(content, dict):
        raise Unusable("it is damaged: a line is not a JSON object")
    return content
