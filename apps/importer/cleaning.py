"""From the cells of a row to the book that is sent: corrects only what can be corrected safely.

The command service alone checks lengths, dates and control characters. Here a cell is refused only
where sending it, or omitting it, would store something that the file does not say.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from langcodes import standardize_tag, tag_is_valid

from core.domain.isbn import to_isbn13
from core.ports.json_text import canonical_json
from core.ports.plain_text import clean

Cells = Mapping[str, str]
"""The cells of a row by the names of their columns."""

Book = dict[str, Any]
"""The JSON body of a POST /v1/catalog/books, without absent fields."""

_MAX_SHOWN = 40
_NUMBER = re.compile(r"(-?)([0-9]{1,4})(?:\.0*)?")
_FLOAT = re.compile(r"[0-9]+(?:\.[0-9]+)?e\+?[0-9]+", re.IGNORECASE)
# Group 0 starts with one zero and its smallest publishers with two more: an ISBN-10 lost three.
_ISBN10_WITHOUT_ZEROS = re.compile(r"[0-9]{6,8}[0-9Xx]")
_ISBN13 = re.compile(r"97[89][0-9]{10}")


class Unusable(ValueError):
    """A cell or row that cannot be sent as it is; the message names the cause and the remedy."""


def goodbooks_book(cells: Cells) -> Book:
    """Return the book in a row of goodbooks-10k's books.csv. Raise Unusable with all reasons."""
    return _book(_GOODBOOKS, cells)


def plain_book(cells: Cells) -> Book:
    """Return the book in a row of the plain format. Raise Unusable with all reasons.

    Cleaning is stable: a row made of what this returns gives the same book.
    """
    return _book(_PLAIN, cells)


def encode_book(book: Book) -> bytes:
    """Return the request's body: the same bytes for equal books, whatever the order of fields."""
    return canonical_json(book)


def idempotency_key(body: bytes) -> str:
    """Return the Idempotency-Key of a body: its SHA-256 digest.

    The service scopes a key to the caller and derives the book's id from it. So the same book, sent
    by the same caller, is one book: in this file or another, in this run or the next.
    """
    return "import-" + hashlib.sha256(body).hexdigest()


def clean_isbn(cell: str) -> str | None:
    """Return the ISBN-13 in a cell, None in an empty one. Raise Unusable.

    A spreadsheet takes an ISBN-10 for a number: up to three leading zeros are restored, and a
    trailing ".0" is removed. The check digit must be right then.
    """
    text = clean(cell)
    if not text:
        return None
    if _FLOAT.fullmatch(text):
        raise Unusable(f"{_show(text)} was stored as a number and lost digits: write it as text")
    number = text.removesuffix(".0")
    padded = number.zfill(10) if _ISBN10_WITHOUT_ZEROS.fullmatch(number) else number
    try:
        return to_isbn13(padded)
    except ValueError as error:
        raise Unusable(f"{_show(text)} {error}") from error


def clean_published(cell: str) -> str | None:
    """Return a date of publication as ISO 8601 and EDTF write it; None for an empty cell.

    A year as a number gets its four digits: "1997.0" -> "1997", "-750.0" -> "-0750", "8" -> "0008".
    Anything else is left for the service to judge.
    """
    text = clean(cell)
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text or None
    sign, digits = number.groups()
    year = digits.zfill(4)
    return year if year == "0000" else sign + year


def clean_language(cell: str) -> str | None:
    """Return a BCP 47 tag for a tag or an ISO 639-2 code ("fre" -> "fr"), None for an empty cell.

    Codes and their replacements are those of the langcodes package (the IANA subtag registry and
    CLDR). Raise Unusable for what is no code, such as the name of a language.
    """
    text = clean(cell)
    if not text:
        return None
    if not tag_is_valid(text):
        raise Unusable(f"{_show(text)} is not a language code: write one such as en or eng")
    return standardize_tag(text)


def clean_names(cell: str, separator: str) -> list[str]:
    """Return the names in a cell, trimmed, each once, in the order of their first appearance."""
    names = (clean(name) for name in cell.split(separator))
    return list(dict.fromkeys(name for name in names if name))


def _goodbooks_isbn(cells: Cells) -> str | None:
    # isbn13 is mostly a float without its last digits, which is no ISBN; a whole one will do.
    isbn13 = clean(cells["isbn13"]).removesuffix(".0")
    if not clean(cells["isbn"]) and _ISBN13.fullmatch(isbn13):
        return clean_isbn(isbn13)
    return clean_isbn(cells["isbn"])


_Reader = Callable[[Cells], str | list[str] | None]

_GOODBOOKS: Mapping[str, _Reader] = {
    "isbn": _goodbooks_isbn,
    "title": lambda cells: clean(cells["title"]),
    "authors": lambda cells: clean_names(cells["authors"], ","),
    "published": lambda cells: clean_published(cells["original_publication_year"]),
    "language": lambda cells: clean_language(cells["language_code"]),
}

_PLAIN: Mapping[str, _Reader] = {
    "isbn": lambda cells: clean_isbn(cells.get("isbn", "")),
    "title": lambda cells: clean(cells["title"]),
    "authors": lambda cells: clean_names(cells["authors"], ";"),
    "description": lambda cells: clean(cells.get("description", "")),
    "published": lambda cells: clean_published(cells.get("published", "")),
    "language": lambda cells: clean_language(cells.get("language", "")),
    "subjects": lambda cells: clean_names(cells.get("subjects", ""), ";"),
}

PLAIN_COLUMNS = tuple(_PLAIN)


def _book(readers: Mapping[str, _Reader], cells: Cells) -> Book:
    book: Book = {}
    reasons: list[str] = []
    for field, read in readers.items():
        try:
            value = read(cells)
        except Unusable as error:
            reasons.append(f"{field} {error}")
        else:
            book.update({field: value} if value else {})
    if reasons:
        raise Unusable("; ".join(reasons))
    return book


def _show(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…")
