"""What API Gateway itself responds with, instead of a service: ``{"message": ...}``."""

from collections.abc import Mapping
from typing import Any, Final

from apps.openapi.schemas import TEXT, Schema, ref

GATEWAY_MESSAGE: Final[Schema] = {
    "type": "object",
    "description": "An error of API Gateway's own, which has no problem type.",
    "properties": {"message": TEXT},
    "required": ["message"],
}

# Where API Gateway checks no token, as locally, the services do: the same, with a correlation id.
_REFUSED: Final = {name: ref(name, "headers") for name in ("WWW-Authenticate", "X-Correlation-Id")}


def _content(message: str) -> dict[str, Any]:
    return {"application/json": {"schema": ref("Message"), "example": {"message": message}}}


GATEWAY_RESPONSES: Final[Mapping[str, dict[str, Any]]] = {
    "Unauthorized": {
        "description": "No token, or an invalid one.",
        "headers": _REFUSED,
        "content": _content("Unauthorized"),
    },
    "Forbidden": {
        "description": "A valid token without the scope that the operation requires.",
        "headers": _REFUSED,
        "content": _content("Forbidden"),
    },
    "TooManyRequests": {
        "description": "More requests than the route's rate allows. Send the request again later.",
        "content": _content("Too Many Requests"),
    },
}
"""The responses that are API Gateway's alone: components of the document."""

_BESIDE: Final = {500: "Internal Server Error", 503: "Service Unavailable"}
"""Its messages where a function fails or cannot be called, or does not respond in 30 seconds."""


def gateway_responses(*, needs_token: bool) -> dict[str, Any]:
    """Return the references to API Gateway's responses, by status."""
    limited = {"429": ref("TooManyRequests", "responses")}
    if not needs_token:
        return limited
    refused = {"401": ref("Unauthorized", "responses"), "403": ref("Forbidden", "responses")}
    return {**refused, **limited}


def with_gateway(status: int, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service's response with API Gateway's own of the same status."""
    if status not in _BESIDE:
        return dict(response)
    return {**response, "content": {**response["content"], **_content(_BESIDE[status])}}
