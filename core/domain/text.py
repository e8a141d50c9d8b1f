"""Text as the catalogue keeps it and as it compares it.

Every adapter sorts and matches by the strings made here, never by a database's own collation, so that
all of them answer alike. Strings compare by code point, which is also the order of their UTF-8 bytes
(The Unicode Standard, section 2.5) and so the order of SQLite's BINARY collation and of DynamoDB's sort keys.
"""

import unicodedata
from collections.abc import Iterable

MAX_WORD_CHARACTERS = 50
"""Words are cut here before they are compared, in the index and in a query alike."""

MAX_WORDS = 300
"""A book is found by its first 300 different words: all that a title can have (250), then authors'."""

MAX_SORT_KEY_BYTES = 600
"""Titles that agree in the first 600 bytes of their folded form are ordered by the book's id.

With a word and an id beside it, a key stays under DynamoDB's 1,024 bytes of a sort key.
"""


def clean(text: str) -> str:
    """Return ``text`` NFC-normalised and without white space at its ends (the form that is stored)."""
    return unicodedata.normalize("NFC", text).strip()


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    """Tell whether ``text`` holds a control character (Cc) or a lone surrogate (Cs) that is not in ``allowed``."""
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text)


def fold(text: str) -> str:
    """Return ``text`` without accents, case and repeated white space: equal folds are equal for a reader.

    Compatibility decomposition, full case folding and removal of nonspacing marks, repeated until nothing
    changes (case folding can bring forth marks: U+0130 gives "i" and U+0307), so folding twice is folding once.
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


def index_words(title: str, authors: Iterable[str]) -> tuple[str, ...]:
    """Return the words that find a book, sorted: those of its title, then of its authors, at most ``MAX_WORDS``."""
    different = dict.fromkeys(words(title))
    for author in authors:
        different.update(dict.fromkeys(words(author)))
    return tuple(sorted(list(different)[:MAX_WORDS]))


def sort_key(text: str) -> str:
    """Return the key by which ``text`` is ordered: its fold, cut to ``MAX_SORT_KEY_BYTES`` of UTF-8."""
    return fold(text).encode()[:MAX_SORT_KEY_BYTES].decode(errors="ignore")
