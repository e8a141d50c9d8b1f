"""Folding: what makes two texts the same to a reader who searches.

Letters of the Latin, Greek and Cyrillic scripts are equal where the Unicode Collation Algorithm
(UTS 10) gives them the same primary weights in its default table: whatever their case, their
accents and their strokes. A test compares them with that table. There is one exception: й is и,
as it has been in every index so far. In other scripts a mark makes another letter (ハ and バ, क and
कु), so marks stay there.

What is folded is stored in every index: after a change here, the read model has to be rebuilt.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Final

_EUROPEAN: Final = ("LATIN ", "GREEK ", "CYRILLIC ")
"""What the names of all letters of these scripts begin with."""

_SAME_LETTERS: Final = str.maketrans(
    {
        letter: same
        for same, letters in {
            "a": "ꞛ",
            "aa": "ꜳ",
            "ae": "æ",
            "ao": "ꜵ",
            "au": "ꜷ",
            "av": "ꜹꜻ",
            "ay": "ꜽ",
            "d": "ðđꝺ",
            "db": "ȸ",
            "dz": "ʣ",
            "dʐ": "ꭦ",
            "dʑ": "ʥ",
            "dʒ": "ʤ",
            "f": "ꝼ",
            "fŋ": "ʩ",
            "g": "ᵹꞡ",
            "h": "ħ",
            "k": "ꞣ",
            "l": "ł",
            "ll": "ỻ",
            "ls": "ʪ",
            "lz": "ʫ",
            "n": "ꞥ",
            "o": "øꞝ",
            "oe": "œ",
            "oo": "ꝏ",
            "qp": "ȹ",
            "r": "ꞃꞧ",
            "s": "ꞅꞩ",
            "t": "ꞇ",
            "th": "ᵺ",
            "ts": "ƾʦ",
            "tz": "ꜩ",
            "tɕ": "ʨ",
            "tʂ": "ꭧ",
            "tʃ": "ʧ",
            "u": "ꞟ",
            "vy": "ꝡ",
            "zw": "ƍ",
            "και": "ϗ",
            "г": "ґ",
            "о": "ꙩꙫꙭꙮꚙꚛ",
        }.items()
        for letter in letters
    }
)
"""Letters that are the same as others and do not decompose into them: ł is an l, æ is a and e."""

_DOTTED_L: Final = re.compile("l·+")
"""The ela geminada of Catalan: col·lecció is col and lecció written together."""

_IGNORED: Final = re.compile("[\u034f\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors, and the combining grapheme joiner: marks without a meaning to a reader."""

_MARKED: Final = re.compile("[\0-\x7f][^\0-\x7f]+")
"""What can have marks: a run of characters beyond ASCII, and the one before it."""


def fold(text: str) -> str:
    """Return ``text`` without case, repeated white space and what else is not compared.

    Folding twice is folding once. Takes time in proportion to the text, once its runs of marks are
    bounded (``core.ports.plain_text``).
    """
    lower = text.lower()
    if lower.isascii():
        return " ".join(lower.split())
    # In lower case first: case folding makes letters of some marks, and marks of some letters.
    letters = _without_marks(unicodedata.normalize("NFKD", lower)).casefold()
    return " ".join(_DOTTED_L.sub("l", letters.translate(_SAME_LETTERS)).split())


def _without_marks(text: str) -> str:
    # The space in front gives marks at the beginning a character to belong to.
    return _MARKED.sub(_letters, f" {_IGNORED.sub('', text)}")


def _letters(run: re.Match[str]) -> str:
    text = run[0]
    categories = map(unicodedata.category, text)
    starts = [at for at, category in enumerate(categories) if category[0] != "M"]
    if len(starts) == len(text):
        return text
    ranges = pairwise([*starts, len(text)])
    return "".join(text[at] if end - at == 1 else _letter(text[at:end]) for at, end in ranges)


def _letter(cluster: str) -> str:
    """Return a character with those of the marks after it that make it another one."""
    if _keeps_marks(cluster[0]):
        return unicodedata.normalize("NFC", cluster)
    return "".join(c for c in cluster if unicodedata.category(c) != "Mn")


def _keeps_marks(character: str) -> bool:
    """Return whether a character is a letter of any other script."""
    is_letter = unicodedata.category(character)[0] == "L"
    return is_letter and not unicodedata.name(character, "").startswith(_EUROPEAN)
