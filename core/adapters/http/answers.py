"""Answers: JSON in UTF-8, entity tags, and errors as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalice.app import Response

from core.application.commands import Accepted
from core.domain.events import event_data, event_type
from core.ports.catalogue import BookView
from core.ports.event_store import Envelope

BOOKS = "/v1/catalog/books"


def json_answer(
    status: int,
    body: object,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Response:
    """Return a response with ``body`` as JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, {"Content-Type": content_type, **(headers or {})}, status)


def empty_answer(status: int, headers: Mapping[str, str]) -> Response:
    """Return a response without content."""
    return Response("", dict(headers), status)


def etag(version: int) -> str:
    """Return the entity tag of a book's version (RFC 9110, section 8.8.3)."""
    return f'"{version}"'


def accepted_answer(accepted: Accepted, status: int) -> Response:
    """Return the answer to a command that was obeyed."""
    headers = {"ETag": etag(accepted.version)}
    if status == 201:
        headers["Location"] = f"{BOOKS}/{accepted.book_id}"
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    return json_answer(status, {"id": accepted.book_id, "version": accepted.version}, headers)


def book_json(view: BookView) -> dict[str, Any]:
    """Return a book as clients see it; fields that are not known are left out."""
    return {
        "id": view.book_id,
        "version": view.version,
        **view.details.model_dump(mode="json", exclude_none=True),
        "added_at": instant(view.added_at),
        "revised_at": instant(view.revised_at),
    }


def event_json(envelope: Envelope) -> dict[str, Any]:
    """Return an event as auditors see it."""
    return {
        "version": envelope.version,
        "type": event_type(envelope.event),
        "data": event_data(envelope.event),
        "occurred_at": instant(envelope.occurred_at),
        "actor": envelope.actor,
        "event_id": envelope.event_id,
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
    }


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339 writes it, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
