"""Errors as problem details (RFC 9457). ``KINDS`` is the one table of what a client can get."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from chalice.app import Response

from chalice_terraform.runtime.claims import IdentityUnavailable
from core.adapters.http.requests import (
    BadRequest,
    BodyTooLarge,
    NoSuchPage,
    UnsupportedMediaType,
)
from core.adapters.http.responses import etag, json_response
from core.application.errors import AlreadyClaimed, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import Degraded, NoSuchVersion, NotYetVisible
from core.ports.catalogue import UnreadableView
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.refusals import InvalidInput, NotFound, NotPossible

CONTENT_TYPE: Final = "application/problem+json"

Words = Mapping[str, str]
"""What replaces ``{noun}``, which is what a domain calls its things, and ``{kind}`` and
``{label}``, which are those of a claim."""


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, the name that ends its type, its title.

    Name and title may need ``Words``. ``detail`` replaces the exception's own text, where that is
    for the log only. ``core.adapters.http.problem_pages`` explains each kind to people.
    """

    status: int
    name: str
    title: str
    detail: str | None = None

    def in_words(self, words: Words) -> "Kind":
        """Return the kind as clients see it."""
        return self._replace(name=self.name.format(**words), title=self.title.format(**words))


KINDS: Final[Mapping[type[Exception], Kind]] = {
    BadRequest: Kind(400, "bad-request", "Bad request"),
    NotFound: Kind(404, "no-such-{noun}", "No such {noun}"),
    NoSuchVersion: Kind(404, "no-such-version", "No such version of the {noun}"),
    NoSuchPage: Kind(404, "no-such-page", "No such page"),
    AlreadyClaimed: Kind(409, "{kind}-taken", "The {label} belongs to another {noun}"),
    NotPossible: Kind(409, "not-possible", "Not possible in the present state of the {noun}"),
    LastingConflict: Kind(409, "conflict", "Lasting write conflict"),
    PreconditionFailed: Kind(412, "stale", "The {noun} has changed"),
    BodyTooLarge: Kind(413, "too-large", "The body is too large"),
    UnsupportedMediaType: Kind(415, "not-json", "The body is not JSON"),
    InvalidInput: Kind(422, "invalid-{noun}", "Invalid {noun}"),
    KeyReused: Kind(422, "key-reused", "The Idempotency-Key was used for another request"),
    NotYetVisible: Kind(503, "not-yet-visible", "Not yet visible"),
    Degraded: Kind(503, "degraded", "The read model lags"),
    StoreUnavailable: Kind(
        503,
        "store-unavailable",
        "The store is unavailable",
        "The store is throttled or unavailable. Send the request again later.",
    ),
    UnknownEvent: Kind(
        503,
        "unreadable-history",
        "The history cannot be read",
        "An event was stored by a newer version of this service. Send the request again later.",
    ),
    UnreadableView: Kind(
        503,
        "unreadable-view",
        "The read model cannot be read",
        "The read model was stored by another version of this service and has to be rebuilt.",
    ),
    IdentityUnavailable: Kind(
        503,
        "identity-unavailable",
        "The identity provider is unavailable",
        "Tokens cannot be verified now. Send the request again later.",
    ),
}
INTERNAL: Final = Kind(
    500,
    "internal",
    "Internal error",
    "An unexpected error occurred. The request's id is in ``instance``.",
)


def kind_of(error: Exception) -> Kind:
    """Return an exception's kind in its domain's words, ``INTERNAL`` if it is unexpected."""
    kind = next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), INTERNAL)
    return kind.in_words(_words(error))


def _words(error: Exception) -> Words:
    match error:
        case AlreadyClaimed(noun=noun, claim=claim, label=label):
            return {"noun": noun, "kind": claim.kind, "label": label}
        case _:
            return {"noun": getattr(error, "noun", "")}


def words_of(kind: Kind, domain: Domain[Any, Any, Any, Any]) -> list[Words]:
    """Return the words in which a domain has this kind: a kind that names a claim, once for each.

    ``kind.in_words`` of them are all the forms in which a client can meet it.
    """
    claims = domain.claim_labels if "{kind}" in kind.name else {"": ""}
    return [{"noun": domain.noun, "kind": k, "label": label} for k, label in claims.items()]


def problem_response(error: Exception, instance: str, types: str) -> Response:
    """Return the response to a request that failed with ``error``.

    ``instance`` is the request's id; ``types`` is what every problem's type begins with.
    """
    kind = kind_of(error)
    body = {
        "type": types + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail or str(error),
        "instance": instance,
        **_members(error),
    }
    # A cache may keep a 404 that says nothing of it (RFC 9111, section 4.2.2).
    headers = {"Cache-Control": "no-store", **_headers(error, kind)}
    return json_response(kind.status, body, headers, CONTENT_TYPE)


def _members(error: Exception) -> dict[str, Any]:
    match error:
        case InvalidInput(errors=errors):
            return {"errors": [e._asdict() for e in errors]}
        case AlreadyClaimed(noun=noun, claim=claim, owner=owner):
            return {claim.kind: claim.value, f"{noun}_id": owner}
        case PreconditionFailed(version=version):
            return {"version": version}
        case _:
            return {}


def _headers(error: Exception, kind: Kind) -> dict[str, str]:
    match error:
        case StoreUnavailable(retry_after=seconds):
            return {"Retry-After": str(seconds)}
        case PreconditionFailed(version=version):
            return {"ETag": etag(version)}
        case UnsupportedMediaType(allowed=allowed):
            return {"Accept": ", ".join(allowed)}
        case _:
            return {"Retry-After": "1"} if kind.status == 503 else {}
