"""Cursors: opaque positions that belong to one listing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Final

from core.adapters.http.requests import BadRequest
from core.ports.json_text import canonical_json
from core.ports.listing import Position
from core.ports.text import MAX_SORT_KEY_BYTES

BAD_CURSOR: Final = "The cursor does not belong to this listing; start again without one."


def write_cursor(scope: object, position: Position) -> str:
    """Return a cursor that continues after ``position`` in the listing of ``scope``, JSON data."""
    return urlsafe_b64encode(canonical_json([_digest(scope), *position])).decode().rstrip("=")


def read_cursor(text: str, scope: object, length: int) -> Position:
    """Return the position, of ``length`` parts, in a cursor.

    Raises BadRequest unless it was made for ``scope``.
    """
    try:
        digest, *position = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        fits = digest == _digest(scope) and len(position) == length and all(map(_is_key, position))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest(BAD_CURSOR) from error
    if not fits:
        raise BadRequest(BAD_CURSOR)
    return tuple(position)


def _is_key(part: object) -> bool:
    return isinstance(part, str) and len(part.encode()) <= MAX_SORT_KEY_BYTES


def _digest(scope: object) -> str:
    # Not a secret: it detects a mistaken cursor. A forged one can only name another position of the
    # same listing.
    return sha256(canonical_json(scope)).hexdigest()[:16]
