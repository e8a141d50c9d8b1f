"""Listings: from query parameters to what the catalogue is asked, and the pages of the response."""

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlencode

from chalice.app import Request, Response

from core.adapters.http.cursors import read_cursor, write_cursor
from core.adapters.http.requests import BadRequest, whole_number
from core.adapters.http.responses import fresh_response
from core.ports.listing import Filter, Listing, ListingDeclaration, Position
from core.ports.text import wanted_words

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
MAX_SEARCH_CHARACTERS: Final = 500

MAX_PAGE_BYTES: Final = 5_000_000
"""Of a page's items, as Lambda sends them. Lambda takes 6 MB for the whole response
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); a page may be short."""

_MAX_CHARACTER_BYTES: Final = 12
"""A surrogate pair, escaped."""


def listing_parameters(declaration: ListingDeclaration[Any]) -> frozenset[str]:
    """Return the names of all query parameters of a listing."""
    search = () if declaration.search_texts is None else ("q",)
    return frozenset({*(f.name for f in declaration.filters), *search, "sort", "limit", "cursor"})


def read_listing(values: Mapping[str, str], declaration: ListingDeclaration[Any]) -> Listing:
    """Return the listing that the parameters ask for. Raises BadRequest."""
    sort = values.get("sort", declaration.default_sort)
    if sort.removeprefix("-") not in declaration.sort_names:
        raise BadRequest(f"The parameter sort must be one of {_sorts(declaration)}.")
    if "q" in values and "sort" in values:
        raise BadRequest("With q the order is that of the matched word; leave sort out.")
    asked = [(f, values[f.name]) for f in declaration.filters if f.name in values]
    return Listing(
        words=_words(values.get("q")),
        filters={f.name: _value(f, text) for f, text in asked},
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )


def _sorts(declaration: ListingDeclaration[Any]) -> str:
    return ", ".join(f"{name}, -{name}" for name in declaration.sort_names)


def _words(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    found = wanted_words(text) if len(text) <= MAX_SEARCH_CHARACTERS else ()
    if not found:
        raise BadRequest(
            "The parameter q must have a letter or a digit, and at most"
            f" {MAX_SEARCH_CHARACTERS} characters."
        )
    return found


def _value(declared: Filter[Any], text: str) -> str:
    try:
        return declared.term(text).value
    except ValueError as error:
        raise BadRequest(f"The parameter {declared.name} {error}.") from error


def read_limit(values: Mapping[str, str]) -> int:
    """Return how many items a page may have. Raises BadRequest."""
    return whole_number(values, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)


def read_listing_cursor(values: Mapping[str, str], noun: str, listing: Listing) -> Position | None:
    """Return the position that the parameter ``cursor`` has; None without one.

    Raises BadRequest unless it was made for ``listing``.
    """
    if (text := values.get("cursor")) is None:
        return None
    return read_cursor(text, _scope(noun, listing), 3 if listing.words else 2)


def listing_cursor(noun: str, listing: Listing, position: Position) -> str:
    """Return a cursor that continues after ``position`` in ``listing``."""
    return write_cursor(_scope(noun, listing), position)


def _scope(noun: str, listing: Listing) -> object:
    filters = sorted(listing.filters.items())
    return [noun, listing.words, filters, listing.sort, listing.descending]


def fitting(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of ``items``, the first at least, fit into ``MAX_PAGE_BYTES``."""
    bodies = [json.dumps(item, ensure_ascii=False) for item in items]
    if _MAX_CHARACTER_BYTES * sum(map(len, bodies)) <= MAX_PAGE_BYTES:
        return len(items)
    # Lambda's own JSON has a body as text, so quotation marks and all beyond ASCII are escaped.
    sizes = accumulate(len(json.dumps(body)) for body in bodies)
    return max(sum(size <= MAX_PAGE_BYTES for size in sizes), 1)


def page_response(
    request: Request,
    items: Sequence[Mapping[str, Any]],
    values: Mapping[str, str],
    cursor: str | None,
) -> Response:
    """Return a page, or 304 where the client has it (``fresh_response``). Raises BadRequest.

    Unless it is the last, it has a cursor and a Link header (RFC 8288).

    The link is relative to the request's own URL (RFC 3986, section 5.2), whatever gateway or
    domain is in front.
    """
    if cursor is None:
        return fresh_response(request, {"items": items})
    link = f'<?{urlencode({**values, "cursor": cursor})}>; rel="next"'
    return fresh_response(request, {"items": items, "next": cursor}, {"Link": link})
