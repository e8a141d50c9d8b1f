"""The history of a stream: its query parameters and cursors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.adapters.http.cursors import BAD_CURSOR, read_cursor, write_cursor
from core.adapters.http.requests import MAX_VERSION, BadRequest, whole_number

HISTORY_PARAMETERS: Final = frozenset({"as_of", "limit", "cursor"})

_BAD_MOMENT: Final = (
    "The parameter as_of must be a moment such as 2026-01-31T12:00:00Z (write + as %2B)."
)


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


def history_cursor(stream: str, version: int) -> str:
    """Return a cursor that continues after ``version`` in the history of a stream."""
    return write_cursor(_scope(stream), (str(version),))


def read_history_cursor(values: Mapping[str, str], stream: str) -> int:
    """Return the version after which to continue, 0 without a cursor. Raises BadRequest."""
    if (text := values.get("cursor")) is None:
        return 0
    (version,) = read_cursor(text, _scope(stream), 1)
    try:
        return whole_number({"cursor": version}, "cursor", 0, 1, MAX_VERSION)
    except BadRequest as error:
        raise BadRequest(BAD_CURSOR) from error


def _scope(stream: str) -> object:
    return ["history", stream]
