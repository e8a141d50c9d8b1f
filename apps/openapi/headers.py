"""The headers of responses: components of the document."""

from collections.abc import Mapping
from typing import Any, Final

from apps.openapi.schemas import TEXT

HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "Accept": {
        "description": "The content types that a body may have.",
        "required": True,
        "schema": {**TEXT, "examples": ["application/json"]},
    },
    "Cache-Control": {
        "description": "How caches may keep the response (RFC 9111).",
        "required": True,
        "schema": {**TEXT, "examples": ["no-cache"]},
    },
    "Content-Security-Policy": {
        "description": "What the page may load.",
        "required": True,
        "schema": TEXT,
    },
    "ETag": {
        "description": "An entity tag (RFC 9110, section 8.8.3): the version, or a page's digest.",
        "required": True,
        "schema": {**TEXT, "pattern": '^"[0-9a-f]+"$', "examples": ['"2"']},
    },
    "Idempotent-Replayed": {
        "description": "Present when an earlier request with this Idempotency-Key was accepted.",
        "schema": {**TEXT, "const": "true"},
    },
    "Link": {
        "description": 'The next page, as rel="next" (RFC 8288); absent on the last one.',
        "schema": {**TEXT, "pattern": '^<.*>; rel="next"$'},
    },
    "Location": {
        "description": "The path of what was made.",
        "required": True,
        "schema": {**TEXT, "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Seconds after which to send the request again. API Gateway's own response"
        " has none.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "Why the token is not sufficient (RFC 6750), as API Gateway writes it.",
        "required": True,
        "schema": {**TEXT, "pattern": "^Bearer", "examples": ["Bearer"]},
    },
    "X-Content-Type-Options": {
        "description": "The content is of the type that it declares.",
        "required": True,
        "schema": {**TEXT, "const": "nosniff"},
    },
    "X-Correlation-Id": {
        "description": "That of the request, or else the request's id. API Gateway's own response"
        " has none.",
        "schema": TEXT,
    },
}
