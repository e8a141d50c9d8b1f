"""Who sent a request: the subject of its token, which API Gateway or ``runtime`` has verified."""

from typing import NamedTuple

from chalice.app import Request

from chalice_terraform.runtime.claims import InvalidToken, TokenClaims

_CALLER = "caller"
_SUBJECT_CLAIMS = ("sub", "client_id", "azp")


class Caller(NamedTuple):
    """Who sent a request: the token's issuer, and the subject it names."""

    issuer: str
    subject: str


def remember_caller(request: Request, claims: TokenClaims) -> None:
    """Keep the caller that checked claims name for ``caller_of``. Raises ``InvalidToken``."""
    request.context[_CALLER] = caller_of_claims(claims)


def caller_of(request: Request) -> Caller | None:
    """Return who sent this request; None on a public route.

    Only ``remember_caller`` sets it: what an event carries under the same name is JSON, and never a
    ``Caller``.
    """
    caller = request.context.get(_CALLER)
    return caller if isinstance(caller, Caller) else None


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
            return Caller(str(claims["iss"]), subject)
    raise InvalidToken("the token names no subject and no client")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # a surrogate
        return False
    return True
