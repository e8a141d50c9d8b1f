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

MAX_WORD_CHARACTERS: Final = 50
"""Words are cut here before they are compared, in the index and in a query alike."""

MAX_WORDS: Final = 300
"""A view is found by the first 300 different words of its texts."""

MAX_SORT_KEY_BYTES: Final = 600
"""Sort keys that agree in their first 600 bytes of UTF-8 are ordered by the view's id.

With a word and an id beside it, a key stays under DynamoDB's 1,024 bytes of a sort key.
"""


def fold(text: str) -> str:
    """Return ``text`` without accents, case and repeated white space.

    Compatibility decomposition, full case folding and removal of nonspacing marks, repeated until
    nothing changes (case folding can bring forth marks: U+0130 gives "i" and U+0307), so folding
    twice is folding once.
    """
    folded = " ".join(_fold_once(text).split())
    return folded if folded == text else fold(folded)


def _fold_once(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def words(text: str) -> tuple[str, ...]:
    """Return the different words of ``text``, folded, in order of first appearance.

    A word is a run of letters, numbers and (spacing) marks, cut to ``MAX_WORD_CHARACTERS``.
    """
    spaced = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in fold(text))
    return tuple(dict.fromkeys(word[:MAX_WORD_CHARACTERS] for word in spaced.split()))


def index_words(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the different words of ``texts``, sorted: the first ``MAX_WORDS`` of them."""
    different = dict.fromkeys(word for text in texts for word in words(text))
    return tuple(sorted(list(different)[:MAX_WORDS]))


def cut_sort_key(key: str) -> str:
    """Return ``key``, cut to ``MAX_SORT_KEY_BYTES`` of UTF-8 between two characters."""
    return key.encode()[:MAX_SORT_KEY_BYTES].decode(errors="ignore")


def instant_key(instant: datetime) -> str:
    """Return ``instant`` as a string of fixed length that orders as time does."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
