"""The claims of a token: the rules for them, and the forms in which API Gateway writes them.

All are pure functions. The rules apply to a token that was just verified and to API Gateway's own
result, and they are those of API Gateway's JWT authorizers, so that a request that passes there
passes here and vice versa. See AWS, "Control access to HTTP APIs with JWT authorizers in API
Gateway"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html).

An event has every claim as a string. AWS does not document how it writes a list; observed are
``[one two]`` from an HTTP API and ``one,two`` from a REST API.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalice.app import Request

TokenClaims = Mapping[str, Any]

LIST_CLAIMS = frozenset(
    {
        "amr",
        "aud",
        "cognito:groups",
        "cognito:roles",
        "groups",
        "permissions",
        "roles",
        "scp",
    }
)
"""The claims that may be lists; of any other, ``[one two]`` may be its own text."""


class InvalidToken(Exception):
    """The token does not authorize its bearer.

    ``reason`` is one of a fixed set of phrases. It never contains anything from the token, so it is
    safe in a log and in a header. Where API Gateway's own phrase is known, it is that phrase.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityUnavailable(Exception):
    """The issuer's keys are unavailable, so no token can be verified and none is accepted."""


def check_issuer_and_audience(
    claims: TokenClaims, issuer: str, audience: Iterable[str] | None
) -> None:
    """Raise ``InvalidToken`` unless ``iss`` is ``issuer`` and the token is for one of ``audience``.

    The issuer must match exactly. ``aud`` is a string or a list (RFC 7519, 4.1.3). As in API
    Gateway, ``client_id`` counts only where there is no ``aud`` at all (Amazon Cognito's access
    tokens have none); with both, ``aud`` alone decides. An ``audience`` of None accepts the
    issuer's tokens for everyone, as a REST API accepts those of a user pool.
    """
    if claims.get("iss") != issuer:
        raise InvalidToken("issuer does not match")
    if audience is None:
        return
    intended = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not set(strings(intended)) & set(audience):
        raise InvalidToken("the token does not have a valid audience")


def scopes_of(claims: TokenClaims) -> frozenset[str]:
    """Return the granted scopes.

    They are those of ``scope`` and ``scp``: space-separated strings (RFC 6749, 3.3) or lists.
    """
    values = [*strings(claims.get("scope")), *strings(claims.get("scp"))]
    return frozenset(scope for value in values for scope in value.split(" ") if scope)


def has_one_of(granted: frozenset[str], required: Iterable[str]) -> bool:
    """Return whether one of the required scopes is granted; True if none is required."""
    required = frozenset(required)
    return not required or bool(granted & required)


def is_of_api_gateway(request_context: Mapping[str, Any]) -> bool:
    """Return whether API Gateway made this ``requestContext``.

    ``chalice local`` and Chalice's test client make one without ``apiId``, and for a Cognito
    authorizer they write the claims of a token into it whose signature nobody has checked. No part
    of a ``requestContext`` comes from what a client can write: path, query, headers and body.
    """
    return "apiId" in request_context


def gateway_claims(request_context: Mapping[str, Any]) -> TokenClaims | None:
    """Return the claims that API Gateway checked, from an event's ``requestContext``, or None.

    Payload format 2.0 has them in ``authorizer.jwt.claims``, format 1.0 in ``authorizer.claims``
    (null without an authorizer). The ``scopes`` beside them are not used: they repeat the claims,
    and are null where the route requires no scope. ``aud`` and ``scp`` are parsed back to lists
    where they are written as one.
    """
    authorizer = request_context.get("authorizer")
    if not isinstance(authorizer, Mapping) or not is_of_api_gateway(request_context):
        return None
    holder = authorizer.get("jwt", authorizer)
    claims = holder.get("claims") if isinstance(holder, Mapping) else None
    if not isinstance(claims, Mapping):
        return None
    lists = {name: _parsed_list(claims[name]) for name in ("aud", "scp") if name in claims}
    return {**claims, **lists}


def list_claim(request: Request, name: str) -> list[str]:
    """Return the values of a claim such as ``cognito:groups``, whoever wrote it into the event.

    That is a REST API, an HTTP API in either payload format, ``enforce_jwt`` or ``chalice local``.
    Return no values for a claim that is not there, and for a route without an authorizer.
    """
    event = request.to_original_event()
    authorizer = request.context.get("authorizer")
    if not isinstance(authorizer, Mapping):
        return []
    # ``version`` is what the events of HTTP APIs have and those of REST APIs have not.
    by_http_api = "jwt" in authorizer or "version" in event
    holder = authorizer.get("jwt", authorizer)
    claims = holder.get("claims") if isinstance(holder, Mapping) else None
    value = claims.get(name) if isinstance(claims, Mapping) else None
    if not isinstance(value, str):
        return strings(value)
    if by_http_api:
        return strings(_parsed_list(value))
    return value.split(",") if value else []


def rest_form(claims: TokenClaims, list_claims: Collection[str] = LIST_CLAIMS) -> dict[str, Any]:
    """Return an HTTP API's claims with the lists as a REST API writes them: ``one,two``."""
    lists = {name: strings(_parsed_list(claims[name])) for name in list_claims if name in claims}
    return {**claims, **{name: ",".join(values) for name, values in lists.items()}}


def http_form(claims: TokenClaims) -> dict[str, str]:
    """Return a token's claims as an HTTP API writes them: each a string, a list ``[one two]``."""
    return {name: _text(value) for name, value in claims.items()}


def strings(value: object) -> list[str]:
    """Return the strings of a claim that may be one string, or a list."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return []


def _parsed_list(value: object) -> object:
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        return [item for item in value[1:-1].split(" ") if item]
    return value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    return json.dumps(value, separators=(",", ":"))
