"""Listings: from query parameters to what the catalogue is asked, and cursors that belong to one listing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from chalice.app import Response

from core.adapters.http.answers import json_answer
from core.adapters.http.requests import MOST_VERSION, BadRequest, canonical_json, whole_number
from core.domain.isbn import to_isbn13
from core.domain.rules import AUTHOR_CHARACTERS, TITLE_CHARACTERS
from core.domain.text import MAX_SORT_KEY_BYTES, fold, words
from core.ports.catalogue import Listing, Position, Sort

DEFAULT_LIMIT = 20
MOST_LIMIT = 100
LISTING_PARAMETERS = frozenset(
    {"q", "author", "subject", "language", "isbn", "sort", "limit", "cursor"}
)
HISTORY_PARAMETERS = frozenset({"as_of", "limit", "cursor"})


def read_listing(values: Mapping[str, str]) -> Listing:
    """Return the listing that the parameters ask for. Raises BadRequest."""
    sort = values.get("sort", Sort.TITLE)
    if sort.removeprefix("-") not in set(Sort):
        raise BadRequest(
            "The parameter sort must be one of title, -title, published, -published, added, -added."
        )
    if "q" in values and "sort" in values:
        raise BadRequest("With q the order is that of the matched word; leave sort out.")
    return Listing(
        words=_words(values.get("q")),
        author=_folded(values, "author"),
        subject=_folded(values, "subject"),
        language=_folded(values, "language"),
        isbn=_isbn(values.get("isbn")),
        sort=Sort(sort.removeprefix("-")),
        descending=sort.startswith("-"),
    )


def _words(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    if len(text) > TITLE_CHARACTERS or not words(text):
        raise BadRequest(
            f"The parameter q must have a letter or a digit, and at most {TITLE_CHARACTERS} characters."
        )
    return words(text)


def _folded(values: Mapping[str, str], name: str) -> str | None:
    text = values.get(name)
    if text is not None and len(text) > AUTHOR_CHARACTERS:
        raise BadRequest(f"The parameter {name} must have at most {AUTHOR_CHARACTERS} characters.")
    folded = None if text is None else fold(text)
    if folded == "":  # nothing but marks, which folding takes away: it would match what is absent
        raise BadRequest(f"The parameter {name} must have a letter or a digit.")
    return folded


def _isbn(text: str | None) -> str | None:
    try:
        return None if text is None else to_isbn13(text)
    except ValueError as error:
        raise BadRequest(f"The parameter isbn {error}.") from error


def read_limit(values: Mapping[str, str]) -> int:
    """Return how many items a page may have. Raises BadRequest."""
    return whole_number(values, "limit", DEFAULT_LIMIT, 1, MOST_LIMIT)


def read_as_of(values: Mapping[str, str]) -> datetime | None:
    """Return the moment that ``as_of`` names (RFC 3339); None without one. Raises BadRequest."""
    text = values.get("as_of")
    if text is None:
        return None
    if len(values) > 1:
        raise BadRequest("The parameter as_of stands alone.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(_BAD_MOMENT) from error
    if moment.tzinfo is None:
        raise BadRequest(_BAD_MOMENT)
    return moment


_BAD_MOMENT = "The parameter as_of must be a moment such as 2026-01-31T12:00:00Z (write + as %2B)."


def page_answer(
    items: Sequence[Mapping[str, Any]], values: Mapping[str, str], cursor: str | None
) -> Response:
    """Return a page, with a cursor and a Link header (RFC 8288) to the next one unless it is the last.

    The link is relative to the request's own URL (RFC 3986, section 5.2), whatever gateway or domain is in front.
    """
    if cursor is None:
        return json_answer(200, {"items": items})
    link = f'<?{urlencode({**values, "cursor": cursor})}>; rel="next"'
    return json_answer(200, {"items": items, "next": cursor}, {"Link": link})


def listing_cursor(listing: Listing, position: Position) -> str:
    """Return an opaque cursor that goes on after ``position`` in ``listing``."""
    return _write_cursor(_scope(listing), position)


def read_listing_cursor(values: Mapping[str, str], listing: Listing) -> Position | None:
    """Return the position that the parameter ``cursor`` holds; None without one.

    Raises BadRequest unless it was made for ``listing``.
    """
    return _read_cursor(values.get("cursor"), _scope(listing), 3 if listing.words else 2)


def history_cursor(book_id: str, version: int) -> str:
    """Return an opaque cursor that goes on after ``version`` in the history of a book."""
    return _write_cursor(["history", book_id], (str(version),))


def read_history_cursor(values: Mapping[str, str], book_id: str) -> int:
    """Return the version after which the history goes on, 0 without a cursor. Raises BadRequest."""
    position = _read_cursor(values.get("cursor"), ["history", book_id], 1)
    if position is None:
        return 0
    try:
        return whole_number({"cursor": position[0]}, "cursor", 0, 1, MOST_VERSION)
    except BadRequest as error:
        raise BadRequest(_BAD_CURSOR) from error


_BAD_CURSOR = "The cursor does not belong to this listing; start again without one."


def _write_cursor(scope: object, position: Position) -> str:
    return urlsafe_b64encode(canonical_json([_seal(scope), *position])).decode().rstrip("=")


def _read_cursor(text: str | None, scope: object, length: int) -> Position | None:
    if text is None:
        return None
    try:
        seal, *position = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        fits = seal == _seal(scope) and len(position) == length and all(map(_is_key, position))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest(_BAD_CURSOR) from error
    if not fits:
        raise BadRequest(_BAD_CURSOR)
    return tuple(position)


def _is_key(part: object) -> bool:
    return isinstance(part, str) and len(part.encode()) <= MAX_SORT_KEY_BYTES


def _scope(listing: Listing) -> object:
    return ["books", *astuple(listing)]


def _seal(scope: object) -> str:
    # Not a secret: it tells a mistaken cursor, and a forged one can only name another place of the same listing.
    return sha256(canonical_json(scope)).hexdigest()[:16]
