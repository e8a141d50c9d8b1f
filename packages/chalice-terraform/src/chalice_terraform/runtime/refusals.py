"""The 401 and 403 responses to a request without a sufficient token, equal to API Gateway's own.

Observed in responses of real HTTP APIs, one of them in AWS's page "Troubleshooting issues with HTTP
API JWT authorizers": status 401, the 26 bytes of its body, and the form of the header, with spaces
instead of RFC 6750's commas, and with the route's scopes, or ``scope=""`` where it has none. So are
the phrases "the token has expired", "the token does not have a valid audience" and "token contains
an invalid number of segments"; "issuer does not match" was observed in its access log. Less
certain: a bare ``Bearer`` when there is no token; for 403, the header (the body is known); the
other phrases, which are ours. AWS's sample shows no content type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chalice.app import Response

if TYPE_CHECKING:
    from collections.abc import Sequence


class Refusal(NamedTuple):
    """Why a request is refused, in words that may be logged, and the response to it."""

    reason: str
    response: Response


def no_token() -> Refusal:
    """Return the refusal of a request that carries no token."""
    return Refusal("the request has no token", _response(401, "Unauthorized", "Bearer"))


def invalid_token(reason: str, scopes: Sequence[str]) -> Refusal:
    """Return the refusal of a token that is invalid; ``scopes`` are the route's."""
    challenge = _challenge(scopes, "invalid_token", reason)
    return Refusal(reason, _response(401, "Unauthorized", challenge))


def insufficient_scope(scopes: Sequence[str]) -> Refusal:
    """Return the refusal of a valid token that has none of the route's ``scopes``."""
    reason = "the token has none of the scopes of the route"
    challenge = _challenge(scopes, "insufficient_scope", reason)
    return Refusal(reason, _response(403, "Forbidden", challenge))


def _challenge(scopes: Sequence[str], error: str, description: str) -> str:
    scope = " ".join(scopes)
    return f'Bearer scope="{scope}" error="{error}" error_description="{description}"'


def _response(status: int, message: str, challenge: str) -> Response:
    return Response(
        body=f'{{"message":"{message}"}}',
        status_code=status,
        headers={"Content-Type": "application/json", "WWW-Authenticate": challenge},
    )
