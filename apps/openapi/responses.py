"""The responses to requests that succeed, with examples as the services write them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from apps.openapi.example import CURSOR, STREAM, AnyDomain, Example
from apps.openapi.schemas import TEXT, ref
from core.adapters.http.operations import Kind
from core.adapters.http.responses import event_json, view_json

Responses = dict[str, dict[str, Any]]
Links = Mapping[str, Any]

_FRESH: Final = ("ETag", "Cache-Control")
"""The headers by which caches revalidate a response."""


def successes(kind: Kind, domain: AnyDomain, example: Example, links: Links) -> Responses:
    """Return the responses of an operation that succeeds, by status."""
    noun = domain.noun.capitalize()
    match kind:
        case Kind.CREATE:
            headers = ["Location", "ETag", "Idempotent-Replayed"]
            accepted = _json("Accepted.", "Accepted", {"id": STREAM, "version": 1}, *headers)
            return {"201": {**accepted, "links": links}}
        case Kind.CHANGE:
            body = {"id": STREAM, "version": example.view.version}
            accepted = _json("Accepted.", "Accepted", body, "ETag", "Idempotent-Replayed")
            return {"200": {**accepted, "links": links}}
        case Kind.VIEW:
            view = view_json(example.view)
            return _revalidated(_json(f"The {domain.noun}.", noun, view, *_FRESH))
        case Kind.LISTING:
            item = view_json(example.view)
            shown = {n: value for n, value in item.items() if n not in domain.listing.unlisted}
            page = {"items": [shown], "next": CURSOR}
            return _revalidated(_json("A page.", f"{noun}Page", page, *_FRESH, "Link"))
        case Kind.HISTORY:
            page = {"items": [event_json(e, domain.events) for e in example.events]}
            text = "A page of events, or the view."
            return _revalidated(_json(text, f"{noun}History", page, *_FRESH, "Link"))
        case Kind.HEALTH | Kind.VIEWS_HEALTH:
            return {"200": _json("Healthy.", "Health", {"status": "ok"}, "Cache-Control")}
        case Kind.DOCUMENT:
            schema = {"type": "object", "description": "A document of OpenAPI 3.1."}
            content = {"application/json": {"schema": schema}}
            headers_of = _headers("Cache-Control")
            return {"200": _response("This document.", headers_of, content)}
        case Kind.PAGE | Kind.NAMED_PAGE:
            headers_of = _headers(
                "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options"
            )
            return {"200": _response("The page.", headers_of, {"text/html": {"schema": TEXT}})}


def _revalidated(response: dict[str, Any]) -> Responses:
    """Return a response with the one that says that the client has it."""
    unchanged = {"description": "Not modified.", "headers": response["headers"]}
    return {"200": response, "304": unchanged}


def _json(description: str, name: str, example: Any, *headers: str) -> dict[str, Any]:
    value = json.loads(json.dumps(example))  # tuples are lists in JSON
    content = {"application/json": {"schema": ref(name), "example": value}}
    return _response(description, _headers(*headers), content)


def _response(
    description: str, headers: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    return {"description": description, "headers": headers, "content": content}


def _headers(*names: str) -> dict[str, Any]:
    return {name: ref(name, "headers") for name in (*names, "X-Correlation-Id")}
