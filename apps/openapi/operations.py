"""One operation of the document, from its route, its declaration and its domain."""

import re
from collections.abc import Iterable
from typing import Any, Final

from chalice.app import RouteEntry

from apps.openapi.problems import gateway_responses, problem_responses
from core.adapters.http.histories import HISTORY_PARAMETERS
from core.adapters.http.identity.authorizer import JwtAuthorizer
from core.adapters.http.identity.issuer_keys import IdentityUnavailable
from core.adapters.http.listings import DEFAULT_LIMIT, MAX_LIMIT, MAX_SEARCH_CHARACTERS
from core.adapters.http.operations import Kind, Operation, operation_of
from core.adapters.http.requests import (
    MAX_KEY_CHARACTERS,
    MAX_VERSION,
    BadRequest,
    BodyTooLarge,
    NoSuchPage,
    UnsupportedMediaType,
)
from core.application.errors import AlreadyClaimed, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import Degraded, NoSuchVersion, NotYetVisible
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable
from core.ports.events import UnknownEvent
from core.ports.listing import ListingDeclaration
from core.ports.refusals import InvalidInput, NotFound, NotPossible

AnyDomain = Domain[Any, Any, Any, Any]
Parameter = dict[str, Any]

SECURITY_SCHEME: Final = "token"
MERGE_PATCH: Final = "application/merge-patch+json"

_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")

_COMMANDS: Final = (AlreadyClaimed, NotPossible, LastingConflict, KeyReused, UnknownEvent)
_ERRORS: Final[dict[Kind, tuple[type[Exception], ...]]] = {
    Kind.CREATE: (BadRequest, *_COMMANDS, StoreUnavailable),
    Kind.CHANGE: (BadRequest, NotFound, *_COMMANDS, PreconditionFailed, StoreUnavailable),
    Kind.VIEW: (BadRequest, NotFound, NoSuchVersion, NotYetVisible, StoreUnavailable),
    Kind.LISTING: (BadRequest, StoreUnavailable),
    Kind.HISTORY: (BadRequest, NotFound, UnknownEvent, StoreUnavailable),
    Kind.HEALTH: (Degraded, StoreUnavailable),
    Kind.DOCUMENT: (),
    Kind.PAGE: (),
    Kind.NAMED_PAGE: (NoSuchPage,),
}
_WITH_BODY: Final = (BodyTooLarge, UnsupportedMediaType, InvalidInput)

_ETAG: Final = {
    "description": "The version, as an entity tag.",
    "required": True,
    "schema": {"type": "string", "examples": ['"1"']},
}
_CORRELATION_ID: Final = {
    "description": "That of the request, or the request's id.",
    "schema": {"type": "string"},
}
_REPLAYED: Final = {
    "description": "Present when an earlier request with this Idempotency-Key was accepted.",
    "schema": {"const": "true"},
}


def operation_object(
    route: RouteEntry, service: str, domain: AnyDomain, problem_types: str
) -> dict[str, Any]:
    """Return the operation of a route (OpenAPI 3.1, "Operation Object")."""
    view = route.view_function
    declared = operation_of(view)
    summary, _, description = (view.__doc__ or "").strip().partition("\n")
    authorizer = route.authorizer if isinstance(route.authorizer, JwtAuthorizer) else None
    needs_token = authorizer is not None
    errors = [
        *_ERRORS[declared.kind],
        *(_WITH_BODY if declared.body else ()),
        *((IdentityUnavailable,) if needs_token else ()),
    ]
    responses = {
        **_successes(declared, domain),
        **problem_responses(errors, domain, problem_types),
        **gateway_responses(needs_token=needs_token),
    }
    return {
        "operationId": _camel_case(view.__name__),
        "tags": [service],
        "summary": summary.rstrip("."),
        **({"description": description.strip()} if description.strip() else {}),
        "parameters": [*_path_parameters(route.uri_pattern), *_parameters(declared, domain)],
        **_request_body(declared, domain),
        "responses": dict(sorted(responses.items())),
        "security": [{SECURITY_SCHEME: authorizer.scopes}] if authorizer else [],
    }


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def body_name(declared: Operation, domain: AnyDomain) -> str:
    """Return the name of the schema of an operation's body."""
    noun = domain.noun.capitalize()
    return noun + ("Patch" if MERGE_PATCH in declared.content_types else "Input")


def _request_body(declared: Operation, domain: AnyDomain) -> dict[str, Any]:
    if declared.body is None:
        return {}
    schema = {"$ref": f"#/components/schemas/{body_name(declared, domain)}"}
    content = {content_type: {"schema": schema} for content_type in declared.content_types}
    return {"requestBody": {"required": True, "content": content}}


# --- parameters -----------------------------------------------------------------------------------


def _path_parameters(path: str) -> list[Parameter]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {**_TEXT, "format": "uuid"} if name == "id" else _TEXT,
        }
        for name in _PATH_PARAMETER.findall(path)
    ]


def _parameters(declared: Operation, domain: AnyDomain) -> list[Parameter]:
    match declared.kind:
        case Kind.CREATE:
            chosen = [_idempotency_key()]
        case Kind.CHANGE:
            chosen = [_idempotency_key(), _if_match()]
        case Kind.VIEW:
            chosen = [_min_version(), _if_none_match()]
        case Kind.LISTING:
            chosen = _listing_parameters(domain.listing)
        case Kind.HISTORY:
            chosen = _history_parameters()
        case Kind.HEALTH | Kind.DOCUMENT | Kind.PAGE | Kind.NAMED_PAGE:
            chosen = []
    return [*chosen, _header("X-Correlation-Id", "Names the request in the logs.", _TEXT)]


_TEXT: Final = {"type": "string"}


def _header(name: str, description: str, schema: dict[str, Any]) -> Parameter:
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _query(name: str, description: str, schema: dict[str, Any]) -> Parameter:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _idempotency_key() -> Parameter:
    schema = {**_TEXT, "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": "^[ -~]+$"}
    text = "The same key with the same request gets the first response again, whenever it is sent."
    return _header("Idempotency-Key", text, schema)


def _if_match() -> Parameter:
    return _header(
        "If-Match", "Refuses the command (412) unless the version is one of these.", _TEXT
    )


def _if_none_match() -> Parameter:
    return _header("If-None-Match", "Returns 304 when the version is one of these.", _TEXT)


def _min_version() -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_VERSION}
    text = (
        "A version that a command has returned: waits until it is visible, for 3 seconds at most."
    )
    return _query("min_version", text, schema)


def _limit() -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return _query("limit", "How many items a page may have.", schema)


def _cursor() -> Parameter:
    return _query("cursor", "``next`` of the page before, with the same parameters.", _TEXT)


def _listing_parameters(declaration: ListingDeclaration[Any]) -> list[Parameter]:
    text = {**_TEXT, "minLength": 1}
    search = {**text, "maxLength": MAX_SEARCH_CHARACTERS}
    words = _query("q", "All of these words, the last as the beginning of a word.", search)
    orders = [order for name in declaration.sort_names for order in (name, f"-{name}")]
    sort = {"type": "string", "enum": orders, "default": declaration.default_sort}
    return [
        *([] if declaration.search_texts is None else [words]),
        *(_query(f.name, f"Only those with this {f.name}.", text) for f in declaration.filters),
        _query("sort", "The order; descending after a -. Not with q.", sort),
        _limit(),
        _cursor(),
    ]


def _history_parameters() -> list[Parameter]:
    as_of = {"type": "string", "format": "date-time"}
    parameters = [
        _query("as_of", "Returns the view as it was then, and takes no other parameter.", as_of),
        _limit(),
        _cursor(),
    ]
    assert {p["name"] for p in parameters} == HISTORY_PARAMETERS
    return parameters


# --- responses ------------------------------------------------------------------------------------


def _successes(declared: Operation, domain: AnyDomain) -> dict[str, Any]:
    noun = domain.noun.capitalize()
    match declared.kind:
        case Kind.CREATE:
            location = {"required": True, "schema": {"type": "string", "format": "uri-reference"}}
            headers = {"Location": location, "ETag": _ETAG, "Idempotent-Replayed": _REPLAYED}
            return {"201": _json("Accepted.", "Accepted", headers)}
        case Kind.CHANGE:
            headers = {"ETag": _ETAG, "Idempotent-Replayed": _REPLAYED}
            return {"200": _json("Accepted.", "Accepted", headers)}
        case Kind.VIEW:
            cached = {"required": True, "schema": {"const": "no-cache"}}
            headers = {"ETag": _ETAG, "Cache-Control": cached}
            unchanged = {"description": "Not modified.", "headers": _with_correlation(headers)}
            return {"200": _json(f"The {domain.noun}.", noun, headers), "304": unchanged}
        case Kind.LISTING:
            return {"200": _json("A page.", f"{noun}Page", {"Link": _LINK})}
        case Kind.HISTORY:
            response = _json("A page of events, or the view.", f"{noun}History", {"Link": _LINK})
            return {"200": response}
        case Kind.HEALTH:
            return {"200": _json("Healthy.", "Health", {})}
        case Kind.DOCUMENT:
            schema = {"type": "object"}
            content = {"application/json": {"schema": schema}}
            return {"200": {"description": "This document.", "content": content}}
        case Kind.PAGE | Kind.NAMED_PAGE:
            content = {"text/html": {"schema": _TEXT}}
            return {"200": {"description": "The page.", "content": content}}


_LINK: Final = {
    "description": 'The next page, as rel="next" (RFC 8288); absent on the last one.',
    "schema": {"type": "string"},
}


def _json(description: str, name: str, headers: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "description": description,
        "headers": _with_correlation(headers),
        "content": {"application/json": {"schema": schema}},
    }


def _with_correlation(headers: dict[str, Any]) -> dict[str, Any]:
    return {**headers, "X-Correlation-Id": _CORRELATION_ID}


def errors_of(kinds: Iterable[Kind]) -> set[type[Exception]]:
    """Return every error that operations of ``kinds`` may fail with."""
    return {error for kind in kinds for error in _ERRORS[kind]} | set(_WITH_BODY)
