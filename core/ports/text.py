"""Text as listings compare it.

Every adapter sorts and matches by the strings made here, never by a database's own collation, so
all of them agree. Strings compare by code point, which is also the order of their UTF-8 bytes (The
Unicode Standard, section 2.5) and so the order of SQLite's BINARY collation and of DynamoDB's sort
keys.
"""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from core.ports.folding import fold

MAX_WORD_CHARACTERS: Final = 50
"""Words are cut here before they are compared, in the index and in a query alike."""

MAX_WORDS: Final = 300
"""A view is found by the first 300 different words of its texts."""

MAX_SORT_KEY_BYTES: Final = 600
"""Sort keys that agree in their first 600 bytes of UTF-8 are ordered by the view's id.

With a word and an id beside it, a key stays under DynamoDB's 1,024 bytes of a sort key.
"""


_ASCII_WORDS: Final = "".join(c.lower() if c.isalnum() else " " for c in map(chr, range(128)))
"""What each character of ASCII is in a word, by its code: itself in lower case, or a space."""


def words(text: str) -> tuple[str, ...]:
    """Return the different words of ``text``, folded, in order of first appearance.

    A word is a run of letters, numbers and marks, cut to ``MAX_WORD_CHARACTERS``.
    """
    return tuple(dict.fromkeys(_words(text)))


def wanted_words(text: str) -> tuple[str, ...]:
    """Return the words that a search for ``text`` asks for (``core.ports.listing.Listing``).

    The last one typed is the last one, also when it has been typed before; the others are there
    once.
    """
    *whole, last = _words(text) or [""]
    return (*dict.fromkeys(whole), last) if last else ()


def _words(text: str) -> list[str]:
    folded = text if text.isascii() else fold(text)
    if folded.isascii():
        found = folded.translate(_ASCII_WORDS).split()
    else:
        found = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded).split()
    return [word[:MAX_WORD_CHARACTERS] for word in found]


def index_words(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the different words of ``texts``, sorted: the first ``MAX_WORDS`` of them."""
    different = dict.fromkeys(word for text in texts for word in _words(text))
    return tuple(sorted(list(different)[:MAX_WORDS]))


def cut_sort_key(key: str) -> str:
    """Return ``key``, cut to ``MAX_SORT_KEY_BYTES`` of UTF-8 between two characters."""
    if len(key) <= MAX_SORT_KEY_BYTES and key.isascii():
        return key
    return key.encode()[:MAX_SORT_KEY_BYTES].decode(errors="ignore")


def instant_key(instant: datetime) -> str:
    """Return ``instant`` as a string of fixed length that orders as time does."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
