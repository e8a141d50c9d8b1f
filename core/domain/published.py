"""Dates of publication: a year, a month or a day (ISO 8601-1:2019; EDTF level 0, ISO 8601-2:2019).

Years have four digits and may be negative (EDTF level 1), as for Homer: ``-0750``. The calendar is
the proleptic Gregorian one; the year ``0000`` is 1 BC.
"""

import re
from calendar import monthrange
from typing import Any, Final

_FORM = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

PUBLISHED_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "format": "edtf",
    "pattern": "^-?[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?$",
    "description": (
        "A year (1999 or -0750), a month (1999-05) or a day (1999-05-17) of the proleptic Gregorian"
        " calendar; the year 0000 is 1 BC (EDTF, ISO 8601-2)."
    ),
}
"""The JSON Schema of what ``validate_published`` takes, but for days that a month does not have."""

_GREGORIAN_CYCLE = 400
_FIRST_CYCLE = 2000


def validate_published(text: str) -> str:
    """Return ``text`` if it is ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` (``-`` if negative).

    Raises ValueError, with a message for the client, otherwise.
    """
    form = _FORM.fullmatch(text)
    if form is None or text.startswith("-0000"):
        raise ValueError("must be a year (1999 or -0750), a month (1999-05) or a day (1999-05-17)")
    year, month, day = form.groups()
    if month is not None and not 1 <= int(month) <= 12:
        raise ValueError("has a month that does not exist")
    if day is not None and not 1 <= int(day) <= _days(int(year), int(month)):
        raise ValueError("has a day that does not exist")
    return text


def _days(year: int, month: int) -> int:
    # monthrange takes years from 1 on; leap years recur every 400 years, also before.
    return monthrange(year % _GREGORIAN_CYCLE + _FIRST_CYCLE, month)[1]


def published_key(text: str | None) -> str:
    """Return a key that orders dates: a year before its months, a month before its days.

    A book without a date sorts before every dated one, so it comes last where the newest come
    first.
    """
    form = _FORM.fullmatch(text or "")
    if form is None:
        return ""
    year, month, day = form.groups()
    return f"{int(year) + 10_000:05d}{month or '00'}{day or '00'}"
