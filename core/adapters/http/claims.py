"""What the claims of a token say: the rules, as pure functions.

They are used on a token that was just verified and on API Gateway's own result. They are those of
API Gateway's JWT authorizers (AWS, "Control access to HTTP APIs with JWT authorizers in API
Gateway",
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html),
so that a request that passes there passes here and the reverse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Claims = Mapping[str, Any]

_SUBJECT_CLAIMS = ("sub", "client_id", "azp")


class InvalidToken(Exception):
    """The token does not let its bearer in.

    `reason` is one of a fixed set of phrases. It never holds anything out of the token, so it may
    be logged, and it may stand in a header. Where API Gateway's own phrase is known, it is that
    phrase.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the token's issuer, the subject there, the scopes granted to it."""

    issuer: str
    subject: str
    scopes: frozenset[str]


def check_issuer_and_audience(claims: Claims, issuer: str, audience: Iterable[str]) -> None:
    """Raise InvalidToken unless `iss` is `issuer` and the token is meant for one of `audience`.

    The issuer is compared to the letter. `aud` is a string or a list (RFC 7519, 4.1.3). As API
    Gateway does, `client_id` is looked at only where there is no `aud` at all (Amazon Cognito's
    access tokens have none); with both, `aud` alone decides.
    """
    if claims.get("iss") != issuer:
        raise InvalidToken("issuer does not match")
    meant_for = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not set(_strings(meant_for)) & set(audience):
        raise InvalidToken("the token does not have a valid audience")


def scopes_of(claims: Claims) -> frozenset[str]:
    """The granted scopes: `scope` and `scp`, space-separated strings (RFC 6749, 3.3) or lists."""
    values = [*_strings(claims.get("scope")), *_strings(claims.get("scp"))]
    return frozenset(scope for value in values for scope in value.split(" ") if scope)


def has_one_of(granted: frozenset[str], wanted: Iterable[str]) -> bool:
    """Whether a route is open: one of the wanted scopes is enough, and so is wanting none."""
    wanted = frozenset(wanted)
    return not wanted or bool(granted & wanted)


def caller_of_claims(claims: Claims) -> Caller:
    """The caller that checked claims name.

    The subject is `sub`. API Gateway lets tokens without one through, which some issuers make for
    client credentials; their client (`client_id`, else `azp`) is then the subject, as RFC 9068
    (2.2) wants `sub` to be for that grant. A token that names nobody raises InvalidToken: an event
    needs an actor, and an Idempotency-Key an owner.
    """
    for name in _SUBJECT_CLAIMS:
        subject = claims.get(name)
        if isinstance(subject, str) and subject:
            return Caller(str(claims["iss"]), subject, scopes_of(claims))
    raise InvalidToken("the token names no subject and no client")


def gateway_claims(request_context: Mapping[str, Any]) -> Claims | None:
    """The claims that API Gateway checked, out of an event's `requestContext`; None without.

    Payload format 2.0 has them in `authorizer.jwt.claims`, format 1.0 in `authorizer.claims` (null
    without an authorizer). The neighbouring `scopes` is no source here: it repeats the claims, and
    is null where the route asks for no scope. API Gateway writes every claim as a string, a list as
    "[one two]"; the lists that matter here are read back.
    """
    authorizer = request_context.get("authorizer")
    if not isinstance(authorizer, Mapping):
        return None
    holder = authorizer.get("jwt", authorizer)
    claims = holder.get("claims") if isinstance(holder, Mapping) else None
    if not isinstance(claims, Mapping):
        return None
    return {
        name: _read_list(value) if name in ("aud", "scp") else value
        for name, value in claims.items()
    }


def _read_list(value: object) -> object:
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        return value[1:-1].split(" ")
    return value


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return []
