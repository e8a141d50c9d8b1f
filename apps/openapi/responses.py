"""The responses to requests that succeed, with examples as the services write them."""

import json
from collections.abc import Mapping
from typing import Any

from apps.openapi.example import CURSOR, STREAM, AnyDomain, Example
from apps.openapi.schemas import TEXT, ref
from core.adapters.http.operations import Kind
from core.adapters.http.responses import event_json, view_json

Responses = dict[str, dict[str, Any]]
Links = Mapping[str, Any]


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
            headers = ["ETag", "Cache-Control"]
            view = _json(f"The {domain.noun}.", noun, view_json(example.view), *headers)
            unchanged = {"description": "Not modified.", "headers": _headers(*headers)}
            return {"200": view, "304": unchanged}
        case Kind.LISTING:
            item = view_json(example.view)
            shown = {n: value for n, value in item.items() if n not in domain.listing.unlisted}
            page = {"items": [shown], "next": CURSOR}
            return {"200": _json(f"A page of {noun}s.", f"{noun}Page", page, "Link")}
        case Kind.HISTORY:
            events = [event_json(envelope, domain.events) for envelope in example.events]
            page = {"items": events}
            return {"200": _json("A page of events, or the view.", f"{noun}History", page, "Link")}
        case Kind.HEALTH:
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
