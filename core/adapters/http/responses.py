"""Responses: JSON in UTF-8, entity tags, and the JSON of views, events and accepted commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chalice.app import Request, Response

from core.adapters.http.requests import none_match_has
from core.ports.json_text import compact_json
from core.ports.records import Record, shown_data
from core.ports.views import View

if TYPE_CHECKING:
    from core.application.handling import Accepted
    from core.ports.events import Envelope, EventCodec

_TAG_DIGITS: Final = 32
_CACHED: Final[dict[str, str | list[str]]] = {"Cache-Control": "public, max-age=3600"}


def json_response(
    status: int,
    body: object,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Response:
    """Return a response with ``body`` as JSON."""
    return Response(compact_json(body), {"Content-Type": content_type, **(headers or {})}, status)


def fresh_response(
    request: Request, body: object, headers: Mapping[str, str] | None = None
) -> Response:
    """Return ``body`` as JSON that caches revalidate: 304 where If-None-Match has its entity tag.

    The tag is strong: it is made of the body's own octets. Raises BadRequest.
    """
    text = compact_json(body)
    cached = {
        "ETag": f'"{sha256(text.encode()).hexdigest()[:_TAG_DIGITS]}"',
        "Cache-Control": "no-cache",
    }
    if none_match_has(request, cached["ETag"]):
        return empty_response(304, cached)
    return Response(text, {"Content-Type": "application/json", **cached, **(headers or {})}, 200)


def empty_response(status: int, headers: Mapping[str, str]) -> Response:
    """Return a response without content."""
    return Response("", dict(headers), status)


def health_response() -> Response:
    """Return the response of a healthy service."""
    return json_response(200, {"status": "ok"}, {"Cache-Control": "no-store"})


def document_response(path: Path, content_type: str) -> Response:
    """Return a file's text, to be cached for an hour at most."""
    return Response(path.read_text(), {"Content-Type": content_type, **_CACHED}, 200)


def html_response(page: str, policy: str) -> Response:
    """Return a public page under a Content-Security-Policy, to be cached for an hour at most."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        **_CACHED,
    }
    return Response(page, headers, 200)


def etag(version: int) -> str:
    """Return the entity tag of a version (RFC 9110, section 8.8.3)."""
    return f'"{version}"'


def created_response(accepted: Accepted, collection: str) -> Response:
    """Return the response to a command that began a stream: 201 with a Location."""
    return _accepted(201, accepted, {"Location": f"{collection}/{accepted.id}"})


def accepted_response(accepted: Accepted) -> Response:
    """Return the response to a command for a stream: 200."""
    return _accepted(200, accepted, {})


def _accepted(status: int, accepted: Accepted, headers: Mapping[str, str]) -> Response:
    replayed = {"Idempotent-Replayed": "true"} if accepted.replayed else {}
    return json_response(
        status,
        {"id": accepted.id, "version": accepted.version},
        {"ETag": etag(accepted.version), **headers, **replayed},
    )


def view_json(view: View[Record]) -> dict[str, Any]:
    """Return a view as clients see it; fields that are not known are left out."""
    return {
        "id": view.id,
        "version": view.version,
        **shown_data(view.details),
        "added_at": instant(view.added_at),
        "revised_at": instant(view.revised_at),
    }


def event_json(envelope: Envelope[Any], codec: EventCodec[Any]) -> dict[str, Any]:
    """Return an event as auditors see it."""
    stored = codec.encode(envelope.event)
    return {
        "version": envelope.version,
        "type": stored.type,
        "data": stored.data,
        "occurred_at": instant(envelope.occurred_at),
        "actor": envelope.actor,
        "event_id": envelope.event_id,
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
    }


def instant(moment: datetime) -> str:
    """Return a moment in the form of RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat("T", "microseconds").replace("+00:00", "Z")
