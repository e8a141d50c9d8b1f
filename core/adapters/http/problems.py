"""Errors as problem details (RFC 9457). ``KINDS`` is the one table of what a client can be answered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from chalice.app import Response

from core.adapters.http.answers import etag, json_answer
from core.adapters.http.issuer_keys import IdentityUnavailable
from core.adapters.http.requests import BadRequest, BodyTooLarge, UnsupportedMediaType
from core.application.errors import IsbnTaken, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import NotYetVisible
from core.domain.errors import BookNotFound, InvalidBook
from core.ports.errors import StoreUnavailable

CONTENT_TYPE = "application/problem+json"
_TYPE_PREFIX = "urn:books-cqrs:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status, the name that ends its type, its title.

    ``detail`` stands in the place of the exception's own words, where those are for the log only.
    """

    status: int
    name: str
    title: str
    detail: str | None = None


KINDS: Final[Mapping[type[Exception], Kind]] = {
    BadRequest: Kind(400, "bad-request", "Bad request"),
    BookNotFound: Kind(404, "no-such-book", "No such book"),
    IsbnTaken: Kind(409, "isbn-taken", "The ISBN belongs to another book"),
    LastingConflict: Kind(409, "conflict", "Lasting write conflict"),
    PreconditionFailed: Kind(412, "stale", "The book has changed"),
    BodyTooLarge: Kind(413, "too-large", "The body is too large"),
    UnsupportedMediaType: Kind(415, "not-json", "The body is not JSON"),
    InvalidBook: Kind(422, "invalid-book", "Invalid book"),
    KeyReused: Kind(422, "key-reused", "The Idempotency-Key was used for another request"),
    NotYetVisible: Kind(503, "not-yet-visible", "Not yet visible"),
    StoreUnavailable: Kind(
        503,
        "store-unavailable",
        "The store is unavailable",
        "The store is busy or away. Send the request again later.",
    ),
    IdentityUnavailable: Kind(
        503,
        "identity-unavailable",
        "The identity provider is unavailable",
        "Tokens cannot be checked now. Send the request again later.",
    ),
}
INTERNAL: Final = Kind(
    500,
    "internal",
    "Internal error",
    "Something went wrong here. The request's id is in ``instance``.",
)


def kind_of(error: Exception) -> Kind:
    """Return the kind of problem that an exception is; ``INTERNAL`` for one that nobody expected."""
    return next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), INTERNAL)


def problem_answer(error: Exception, instance: str) -> Response:
    """Return the answer to a request that failed with ``error``; ``instance`` is the request's id."""
    kind = kind_of(error)
    body = {
        "type": _TYPE_PREFIX + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail or str(error),
        "instance": instance,
        **_members(error),
    }
    return json_answer(kind.status, body, _headers(error, kind), CONTENT_TYPE)


def _members(error: Exception) -> dict[str, Any]:
    match error:
        case InvalidBook(errors=errors):
            return {"errors": [asdict(e) for e in errors]}
        case IsbnTaken(isbn=isbn, book_id=book_id):
            return {"isbn": isbn, "book_id": book_id}
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
