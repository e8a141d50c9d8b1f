"""The rules for the claims of a token, as pure functions.

They apply to a token that was just verified and to API Gateway's own result, and they are those of
API Gateway's JWT authorizers, so that a request that passes there passes here and vice versa. See
AWS, "Control access to HTTP APIs with JWT authorizers in API Gateway"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

TokenClaims = Mapping[str, Any]

_SUBJECT_CLAIMS = ("sub", "client_id", "azp")


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


class Caller(NamedTuple):
    """Who sent a request: the token's issuer, the subject it names, the scopes it grants."""

    issuer: str
    subject: str
    scopes: frozenset[str]


def check_issuer_and_audience(claims: TokenClaims, issuer: str, audience: Iterable[str]) -> None:
    """Raise ``InvalidToken`` unless ``iss`` is ``issuer`` and the token is for one of ``audience``.

    The issuer must match exactly. ``aud`` is a string or a list (RFC 7519, 4.1.3). As in API
    Gateway, ``client_id`` counts only where there is no ``aud`` at all (Amazon Cognito's access
    tokens have none); with both, ``aud`` alone decides.
    """
    if claims.get("iss") != issuer:
        raise InvalidToken("issuer does not match")
    intended = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not set(_strings(intended)) & set(audience):
        raise InvalidToken("the token does not have a valid audience")


def scopes_of(claims: TokenClaims) -> frozenset[str]:
    """Return the granted scopes.

    They are those of ``scope`` and ``scp``: space-separated strings (RFC 6749, 3.3) or lists.
    """
    values = [*_strings(claims.get("scope")), *_strings(claims.get("scp"))]
    return frozenset(scope for value in values for scope in value.split(" ") if scope)


def has_one_of(granted: frozenset[str], required: Iterable[str]) -> bool:
    """Return whether one of the required scopes is granted; True if none is required."""
    required = frozenset(required)
    return not required or bool(granted & required)


def caller_of_claims(claims: TokenClaims) -> Caller:
    """Return the caller that checked claims name.

    The subject is ``sub``. API Gateway accepts tokens without one, which some issuers create for
    client credentials; the subject is then the client (``client_id``, else ``azp``), as RFC 9068
    (2.2) requires of ``sub`` for that grant. A token that names neither raises ``InvalidToken``: an
    event needs an actor, and an idempotency key an owner. So does a subject with a lone surrogate,
    which JSON can escape (RFC 8259, 8.2) and no store can keep: it is not text.
    """
    for name in _SUBJECT_CLAIMS:
        subject = claims.get(name)
        if isinstance(subject, str) and subject:
            if not _is_text(subject):
                raise InvalidToken("the subject of the token is not text")
            return Caller(str(claims["iss"]), subject, scopes_of(claims))
    raise InvalidToken("the token names no subject and no client")


def gateway_claims(request_context: Mapping[str, Any]) -> TokenClaims | None:
    """Return the claims that API Gateway checked, from an event's ``requestContext``, or None.

    Payload format 2.0 has them in ``authorizer.jwt.claims``, format 1.0 in ``authorizer.claims``
    (null without an authorizer). The ``scopes`` beside them are not used: they repeat the claims,
    and are null where the route requires no scope. API Gateway writes every claim as a string, a
    list as "[one two]"; the claims that may be lists are parsed back.
    """
    authorizer = request_context.get("authorizer")
    if not isinstance(authorizer, Mapping):
        return None
    holder = authorizer.get("jwt", authorizer)
    claims = holder.get("claims") if isinstance(holder, Mapping) else None
    if not isinstance(claims, Mapping):
        return None
    return {
        name: _parsed_list(value) if name in ("aud", "scp") else value
        for name, value in claims.items()
    }


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _parsed_list(value: object) -> object:
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        return value[1:-1].split(" ")
    return value


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return []
