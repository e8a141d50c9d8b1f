"""Text as a domain takes it in: bounded before anything is done with it that takes more time.

Normalisation sorts each run of combining marks, in a time that grows with the square of its length.
So texts are checked first for what no real one has.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import Any, Final

MAX_MARKS_IN_A_ROW: Final = 30
"""As in the Stream-Safe Text Format (UAX 15, section 13): more than any language needs."""

_CONTROL_REFUSED: Final = "must not hold control characters"
_TOO_MANY_MARKS: Final = f"must not have more than {MAX_MARKS_IN_A_ROW} combining marks in a row"

_MAX_COMPOSED: Final = 4
"""Characters that NFC makes one of, at most (UAX 15, section 9: by how much NFD expands)."""

_MARKS: Final = (
    "[\u0300-\u036f\u0483-\u1fff\u20d0-\u2dff\u302a-\u302f"
    "\u3099\u309a\ua66f-\uabff\ufb00-\U0010ffff]"
)
"""The ranges that have all combining marks; most letters are in none of them."""

_MAY_HAVE_LONG_RUN: Final = re.compile(f"{_MARKS}{_MARKS}{{14}}")
"""A long run takes at least 15 characters of those ranges. Each mark decomposes to two at most, and
the character before them ends in two marks at most, or in three if it is in the ranges itself."""

_CONTROL: Final = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
"""The characters of the category Cc."""


def clean(text: str) -> str:
    """Return ``text`` as it is stored: NFC-normalised, without white space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def plain_text(max_characters: int, *, allowed: str = "") -> Callable[[str], str]:
    """Return the check of a text of 1 to ``max_characters``, which returns it as ``clean`` does.

    It raises ValueError, with a message for the client, for other lengths, for control characters
    but those ``allowed``, and for too many combining marks in a row. It takes time in proportion to
    the text.
    """
    refused = re.compile(f"[{_refused(allowed)}\ud800-\udfff]")
    refused_ascii = "".join(c for c in _CONTROL if c.isascii() and c not in allowed).encode()

    def check(text: str) -> str:
        cleaned = text.strip()
        if text.isascii():  # it is normalised and has no marks
            if len(text.encode().translate(None, refused_ascii)) < len(text):
                raise ValueError(_CONTROL_REFUSED)
        elif refused.search(text):
            raise ValueError(_CONTROL_REFUSED)
        elif len(cleaned) <= _MAX_COMPOSED * max_characters:
            if _has_long_run_of_marks(cleaned):
                raise ValueError(_TOO_MANY_MARKS)
            cleaned = clean(cleaned)
        if 1 <= len(cleaned) <= max_characters:
            return cleaned
        raise ValueError(f"must have 1 to {max_characters:,} characters")

    return check


def plain_text_schema(max_characters: int, *, allowed: str = "") -> dict[str, Any]:
    """Return the JSON Schema of the texts that ``plain_text`` accepts.

    It says all of them that ``clean`` leaves as they are and that have no long run of combining
    marks; its description says the rest.
    """
    refused = _refused(allowed)
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": max_characters,
        # White space, one other character, and anything: each without what is refused.
        "pattern": rf"^[^\S{refused}]*[^\s{refused}][^{refused}]*$",
        "description": (
            "Normalised (NFC) and trimmed before its characters are counted. It has no control"
            f" characters and at most {MAX_MARKS_IN_A_ROW} combining marks in a row."
        ),
    }


def _refused(allowed: str) -> str:
    """Return the control characters but those ``allowed``, as ranges of a regular expression."""
    codes = [code for code in map(ord, _CONTROL) if chr(code) not in allowed]
    runs = groupby(enumerate(codes), key=lambda numbered: numbered[1] - numbered[0])
    ends = [[code for _, code in run] for _, run in runs]
    return "".join(rf"\x{run[0]:02x}-\x{run[-1]:02x}" for run in ends)


def _has_long_run_of_marks(text: str) -> bool:
    """Return whether ``text`` is not in Stream-Safe Text Format (UAX 15, definition D3).

    Counted are the nonstarters of the compatibility decomposition, one character at a time.
    """
    if not _MAY_HAVE_LONG_RUN.search(text):
        return False
    run = 0
    for character in text:
        for part in unicodedata.normalize("NFKD", character):
            run = run + 1 if unicodedata.combining(part) else 0
            if run > MAX_MARKS_IN_A_ROW:
                return True
    return False
