"""The responses to failed requests: the services' problem details, and API Gateway's own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from core.adapters.http.problems import CONTENT_TYPE, INTERNAL, KINDS, Kind, words_of
from core.adapters.http.requests import UnsupportedMediaType
from core.application.errors import AlreadyClaimed, PreconditionFailed
from core.ports.domain import Domain
from core.ports.refusals import InvalidInput

Responses = dict[str, Any]

PROBLEM: Final = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id."},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}
GATEWAY_MESSAGE: Final = {
    "type": "object",
    "description": "API Gateway's own error.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
RETRY_AFTER: Final = {
    "description": "Seconds after which to send the request again.",
    "schema": {"type": "integer", "minimum": 1},
}

_ERRORS: Final = {
    "type": "array",
    "description": "Every bad field.",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "pointer": {
                "type": "string",
                "format": "json-pointer",
                "description": "Where in the body (RFC 6901).",
            },
            "message": {"type": "string"},
        },
        "required": ["pointer", "message"],
    },
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}


def problem_responses(
    errors: Iterable[type[Exception]], domain: Domain[Any, Any, Any, Any], types: str
) -> Responses:
    """Return the responses to a request that fails with ``errors`` or unexpectedly, by status.

    ``types`` is what the types of all problems begin with.
    """
    by_status: dict[int, list[tuple[type[Exception] | None, Kind]]] = {}
    for error in errors:
        for kind in map(KINDS[error].in_words, words_of(KINDS[error], domain)):
            by_status.setdefault(kind.status, []).append((error, kind))
    by_status.setdefault(INTERNAL.status, []).append((None, INTERNAL))
    return {str(status): _response(found, domain, types) for status, found in by_status.items()}


def gateway_responses(*, needs_token: bool) -> Responses:
    """Return API Gateway's own responses: without a sufficient token, and above a route's rate."""
    refused = {
        "401": _message("No valid token.", "Unauthorized", _CHALLENGE),
        "403": _message("A token without the scope.", "Forbidden", _CHALLENGE),
    }
    limited = {"429": _message("More requests than the route's rate allows.", "Too Many Requests")}
    return {**(refused if needs_token else {}), **limited}


def _response(
    found: Sequence[tuple[type[Exception] | None, Kind]],
    domain: Domain[Any, Any, Any, Any],
    types: str,
) -> dict[str, Any]:
    status = found[0][1].status
    members: dict[str, Any] = {
        "type": {"enum": sorted({types + kind.name for _, kind in found})},
        "status": {"const": status},
    }
    headers: dict[str, Any] = {}
    for error, _ in found:
        members |= _members(error, domain)
        headers |= _headers(error)
    if status == 503:
        headers["Retry-After"] = {**RETRY_AFTER, "required": True}
    titles = dict.fromkeys(kind.title for _, kind in found)
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": members}]}
    response = {
        "description": "; ".join(titles) + ".",
        "content": {CONTENT_TYPE: {"schema": schema}},
    }
    if status in {500, 503}:  # a function that does not start, or is throttled
        message = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
        response["content"] = {**response["content"], "application/json": message}  # type: ignore[dict-item]
        headers.pop("Retry-After", None)
    return {**response, **({"headers": headers} if headers else {})}


def _members(error: type[Exception] | None, domain: Domain[Any, Any, Any, Any]) -> dict[str, Any]:
    if error is InvalidInput:
        return {"errors": _ERRORS}
    if error is AlreadyClaimed:
        owner = {f"{domain.noun}_id": {"type": "string", "description": "Who has it."}}
        return {**{claim: {"type": "string"} for claim in domain.claim_labels}, **owner}
    if error is PreconditionFailed:
        return {"version": {"type": "integer", "description": "The present version."}}
    return {}


def _headers(error: type[Exception] | None) -> dict[str, Any]:
    if error is PreconditionFailed:
        return {"ETag": {"required": True, "schema": {"type": "string"}}}
    if error is UnsupportedMediaType:
        return {"Accept": {"required": True, "schema": {"type": "string"}}}
    return {}


def _message(
    description: str, message: str, headers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/GatewayMessage"}
    content = {"application/json": {"schema": schema, "example": {"message": message}}}
    shown = {"headers": dict(headers)} if headers else {}
    return {"description": description, "content": content, **shown}
