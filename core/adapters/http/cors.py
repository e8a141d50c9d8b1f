"""Requests from pages of other origins (the Fetch standard's CORS), where API Gateway is not.

In AWS, API Gateway itself responds to preflights and sets these headers, by the same lists in
``terraform/api_override.tf``. It is imported only where origins are set.
"""

from collections.abc import Callable, Collection
from typing import Final

from chalice.app import Request, Response

from core.adapters.http.observability import Handler

ANY_METHOD: Final = "*"
"""A wildcard only without credentials, which are never allowed (Fetch, "CORS protocol")."""
ALLOW_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Correlation-Id",
)
EXPOSE_HEADERS: Final = (
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "X-Correlation-Id",
)
MAX_AGE_SECONDS: Final = 3600

ANY_ORIGIN: Final = "*"


def cors_middleware(origins: Collection[str]) -> Callable[[Request, Handler], Response]:
    """Return a Chalice middleware that lets pages of ``origins`` read the responses.

    Without credentials: tokens are sent in a header, and cookies are not used.
    """

    def add_headers(request: Request, get_response: Handler) -> Response:
        response = get_response(request)
        added = _headers(request.headers.get("origin"), origins)
        if "Vary" in added and "Vary" in response.headers:
            added["Vary"] = f"{response.headers['Vary']}, {added['Vary']}"
        response.headers.update(added)
        return response

    return add_headers


def preflight_response(**_: str) -> Response:
    """Return the response to a preflight, but for what ``cors_middleware`` adds to it."""
    headers: dict[str, str | list[str]] = {
        "Access-Control-Allow-Methods": ANY_METHOD,
        "Access-Control-Allow-Headers": ",".join(ALLOW_HEADERS),
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
    }
    return Response("", headers, 204)


def _headers(origin: str | None, origins: Collection[str]) -> dict[str, str]:
    exposed = {"Access-Control-Expose-Headers": ",".join(EXPOSE_HEADERS)}
    if ANY_ORIGIN in origins:
        return {"Access-Control-Allow-Origin": ANY_ORIGIN, **exposed}
    # A cache must not give the response for one origin to another, or to none.
    varies = {"Vary": "Origin"}
    if origin is None or origin not in origins:
        return varies
    return {"Access-Control-Allow-Origin": origin, **exposed, **varies}
