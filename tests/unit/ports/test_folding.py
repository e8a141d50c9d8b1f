"""Folding: what is the same to a reader who searches."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyuca.collator import Collator_10_0_0  # type: ignore[import-untyped]

from core.ports.folding import fold

EUROPEAN = ("LATIN ", "GREEK ", "CYRILLIC ")
FIRST_IMPLICIT_WEIGHT = 0xFB00
"""Characters without an entry of the table have weights from here on (UTS 10, section 10.1.3)."""


@cache
def collator() -> Collator_10_0_0:
    """Return the Unicode Collation Algorithm with its default table."""
    return Collator_10_0_0()


def primary_weights(text: str) -> tuple[int, ...]:
    """Return the primary weights of ``text``: those before the first zero of its sort key."""
    key = collator().sort_key(text)
    return tuple(key[: key.index(0)])


def known(category: str) -> list[str]:
    """Return the characters of a category (``L``, ``Mn``) that have entries in the table."""
    characters = map(chr, range(0x110000))
    found = [c for c in characters if unicodedata.category(c).startswith(category)]
    return [c for c in found if max(primary_weights(c), default=0) < FIRST_IMPLICIT_WEIGHT]


# й, which here is и, and a mark that stands on a space.
EXCEPTIONS = "йЙ\u037a"
BREVE = "\u0306"


@cache
def european() -> list[str]:
    """Return the letters of European scripts."""
    letters = known("L")
    return [c for c in letters if unicodedata.name(c).startswith(EUROPEAN) and c not in EXCEPTIONS]


@cache
def accents() -> list[str]:
    """Return the marks that have no primary weight."""
    return [c for c in known("Mn") if not primary_weights(c)]


def classes(letters: Iterable[str], key: Callable[[str], object]) -> set[frozenset[str]]:
    """Return the sets of letters that ``key`` makes equal."""
    equal = defaultdict(set)
    for letter in letters:
        equal[key(letter)].add(letter)
    return set(map(frozenset, equal.values()))


def test_letters_are_equal_where_their_primary_weights_are() -> None:
    assert len(european()) > 1_800
    assert classes(european(), fold) == classes(european(), primary_weights)


@st.composite
def european_text(draw: st.DrawFn) -> str:
    """Draw text of European letters and of marks. It takes seconds to know which they are."""
    marks = [mark for mark in accents() if mark != BREVE]
    return draw(st.text(st.sampled_from(european() + marks)))


@given(european_text())
def test_folding_keeps_the_primary_weights_of_european_text(text: str) -> None:
    assert primary_weights(fold(text)) == primary_weights(text)


@pytest.mark.parametrize("letter", ["a", "ø", "ω", "ж"])
def test_marks_of_european_letters_are_ignored(letter: str) -> None:
    assert {fold(letter + mark) for mark in accents()} == {fold(letter)}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Éclair", "eclair"),
        ("STRASSE", "straße"),
        ("ﬁn", "FIN"),
        ("İstanbul", "istanbul"),
        ("a  b\u00a0c", "A B C"),
        ("Ångström", "ångstrom"),
        ("Łódź", "lodz"),
        ("đường", "duong"),
        ("Ærø", "aero"),
        ("Œuvres", "oeuvres"),
        ("Ὀδύσσεια", "οδυσσεια"),
        ("ᾠδή", "ωδη"),
        ("Ёлка", "елка"),
        ("Толстой", "ТОЛСТОИ"),
        ("col·lecció", "colleccio"),
        ("O´Brien", "o brien"),
        ("ﾊﾞｽ", "バス"),
        ("葛\U000e0100城", "葛城"),
        ("辻\ufe00", "辻"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_equal(a: str, b: str) -> None:
    assert fold(a) == fold(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ハス", "バス"),
        ("कल", "कुल"),
        ("בָּרָא", "ברא"),
        ("كَتَبَ", "كتب"),
        ("ไม", "ไม่"),
        ("ŧ", "t"),
        ("þ", "th"),
        ("ı", "i"),
    ],
)
def test_what_is_another_letter_to_a_reader_is_not_equal(a: str, b: str) -> None:
    assert fold(a) != fold(b)


def test_letters_that_keep_their_marks_are_composed() -> None:
    assert fold("ハ\u3099ス") == "バス"
    assert not fold("バス").startswith(fold("ハ"))


@pytest.mark.parametrize("text", ["", " \t\n", "\u0301", " \u0301 ", "\u3099", "\ufe0f"])
def test_a_text_of_spaces_and_marks_folds_to_nothing(text: str) -> None:
    assert fold(text) == ""


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_folded_as_any_text_is(text: str) -> None:
    assert fold(text) == fold(f"{text} é").removesuffix("e").rstrip()


def test_folding_twice_is_folding_once_for_every_character_that_folding_changes() -> None:
    changed = [
        c for c in map(chr, range(0x110000)) if unicodedata.decomposition(c) or c != c.casefold()
    ]
    assert [c for c in changed if fold(fold(c)) != fold(c)] == []


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from(["a", "и", "ハ", "क", "א", "1", " ", "\u0306", "\u3099", "ु", "ּ"])))
def test_folding_is_idempotent_wherever_marks_are(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_does_not_depend_on_how_a_text_is_composed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
