"""The parameters and headers of requests."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apps.openapi.example import CURSOR, KEY, REQUEST, STREAM, AnyDomain, Example
from apps.openapi.schemas import ID, INSTANT, TEXT, Schema, ref
from core.adapters.http.histories import HISTORY_PARAMETERS
from core.adapters.http.listings import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_SEARCH_CHARACTERS,
    listing_parameters,
)
from core.adapters.http.operations import Kind, Operation
from core.adapters.http.requests import ENTITY_TAGS, MAX_KEY_CHARACTERS, MAX_VERSION
from core.adapters.http.responses import etag
from core.application.queries import WAIT_SECONDS

Parameter = dict[str, Any]

_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_TAGS: Final[Schema] = {**TEXT, "pattern": rf"^(?:[ \t]*\*[ \t]*|{ENTITY_TAGS})$"}
_VALUE: Final[Schema] = {**TEXT, "minLength": 1, "pattern": r"\S"}


def _header(name: str, description: str, schema: Schema, example: str) -> Parameter:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": schema,
        "example": example,
    }


def _query(name: str, description: str, schema: Schema, example: Any) -> Parameter:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema,
        "example": example,
    }


# None has a ``default``: generated clients send it, also beside ``q`` or ``as_of``, which refuse
# it.
SHARED: Final[Mapping[str, Parameter]] = {
    "id": {
        "name": "id",
        "in": "path",
        "description": "The id that the command which made it has returned.",
        "required": True,
        "schema": ID,
        "example": STREAM,
    },
    "Idempotency-Key": _header(
        "Idempotency-Key",
        "A repeat of the request with the same key gets the first response again, whenever it is"
        " sent, and changes nothing.",
        {**TEXT, "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": "^[ -~]+$"},
        KEY,
    ),
    "If-Match": _header(
        "If-Match",
        "Refuses the command (412) unless the present version is one of these.",
        _TAGS,
        etag(1),
    ),
    "If-None-Match": _header(
        "If-None-Match",
        "Returns 304, without content, when the entity tag is one of these.",
        _TAGS,
        etag(1),
    ),
    "X-Correlation-Id": _header(
        "X-Correlation-Id",
        "Names the request in the logs and in the events that it causes: up to 128 ASCII letters,"
        " digits and ``._:=/+-``. Any other is replaced by the request's id.",
        TEXT,
        REQUEST,
    ),
    "min_version": _query(
        "min_version",
        f"A version that a command has returned. Waits for up to {WAIT_SECONDS:g} seconds until it"
        " is visible.",
        {"type": "integer", "minimum": 1, "maximum": MAX_VERSION},
        1,
    ),
    "limit": _query(
        "limit",
        f"How many items a page may have, {DEFAULT_LIMIT} where it is left out. It may have fewer,"
        " also when it is not the last one.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        DEFAULT_LIMIT,
    ),
    "cursor": _query(
        "cursor",
        "``next`` of the page before. The other parameters must be those of that page.",
        _VALUE,
        CURSOR,
    ),
    "as_of": _query(
        "as_of",
        "Returns the view as it was then. It allows no other parameter.",
        INSTANT,
        "2026-01-31T12:00:00Z",
    ),
}
"""The parameters that several operations or all domains have: components of the document."""

_BY_KIND: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CREATE: ("Idempotency-Key",),
    Kind.CHANGE: ("Idempotency-Key", "If-Match"),
    Kind.VIEW: ("min_version", "If-None-Match"),
    Kind.LISTING: ("limit", "cursor", "If-None-Match"),
    Kind.HISTORY: ("as_of", "limit", "cursor", "If-None-Match"),
}


def parameters(
    path: str, operation: Operation, domain: AnyDomain, example: Example
) -> list[Parameter]:
    """Return the parameters of an operation: those of its path, its own and the shared ones."""
    own = list(_listing_parameters(domain, example)) if operation.kind is Kind.LISTING else []
    shared = [*_BY_KIND.get(operation.kind, ()), "X-Correlation-Id"]
    queried = {p["name"] for p in [*own, *map(SHARED.__getitem__, shared)] if p["in"] == "query"}
    _check_complete(operation.kind, queried, domain)
    return [*_path_parameters(path, operation), *own, *(ref(name, "parameters") for name in shared)]


def _path_parameters(path: str, operation: Operation) -> Iterator[Parameter]:
    for name in _PATH_PARAMETER.findall(path):
        own = {
            "name": name,
            "in": "path",
            "description": f"The {name} of one of several pages.",
            "required": True,
            "schema": TEXT,
            "example": operation.page,
        }
        yield ref(name, "parameters") if name in SHARED else own


def _listing_parameters(domain: AnyDomain, example: Example) -> Iterator[Parameter]:
    listing, view = domain.listing, example.view
    if listing.search_texts is not None:
        text = next(iter(listing.search_texts(view)), "")
        search = {**_VALUE, "maxLength": MAX_SEARCH_CHARACTERS}
        words = (
            "All of these words, the last one as the beginning of a word. It has a letter or a"
            " digit; accents and case make no difference."
        )
        yield _query("q", words, search, text)
    for declared in listing.filters:
        values = (value for value in declared.read(view) if value is not None)
        text = f"Only those with this {declared.name}; accents and case make no difference."
        yield _query(declared.name, text, {**_VALUE, **declared.schema}, next(values, ""))
    orders = [order for name in listing.sort_names for order in (name, f"-{name}")]
    text = (
        f"The order, descending after a ``-``; {listing.default_sort} without q, and none with it."
    )
    yield _query("sort", text, {**TEXT, "enum": orders}, orders[0])


def _check_complete(kind: Kind, queried: set[str], domain: AnyDomain) -> None:
    read = {Kind.LISTING: listing_parameters(domain.listing), Kind.HISTORY: HISTORY_PARAMETERS}
    if kind in read and queried != read[kind]:
        raise ValueError(f"{kind} documents {queried} and reads {read[kind]}")
