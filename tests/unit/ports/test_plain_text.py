"""Text as a domain takes it in: what is refused, and before what."""

import re
import unicodedata
from functools import cache
from itertools import groupby, takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import plain_text as module
from core.ports.plain_text import MAX_MARKS_IN_A_ROW, clean, plain_text

ACUTE = "\u0301"
TOO_MANY_MARKS = "must not have more than 30 combining marks in a row"
CONTROL = "must not hold control characters"


check_of = cache(plain_text)


def problem_of(text: str, max_characters: int = 100, allowed: str = "") -> str | None:
    """Return why ``text`` is refused, None when it is not."""
    try:
        check_of(max_characters, allowed=allowed)(text)
    except ValueError as error:
        return str(error)
    return None


def test_text_is_trimmed_and_normalised() -> None:
    assert plain_text(5)(f" \u2003E{ACUTE}mile\u00a0 ") == "\u00c9mile"


@pytest.mark.parametrize("text", ["", "  ", "abcdef", "  abcdef  "])
def test_text_of_another_length_is_refused(text: str) -> None:
    assert problem_of(text, 5) == "must have 1 to 5 characters"


def test_exactly_the_control_characters_and_lone_surrogates_are_refused() -> None:
    characters = [chr(code) for code in range(0x110000)]
    refused = {c for c in characters if problem_of(c) == CONTROL}
    assert refused == {c for c in characters if unicodedata.category(c) in {"Cc", "Cs"}}


def test_control_characters_can_be_allowed() -> None:
    check = plain_text(10, allowed="\t\n\r")
    assert check("a\t\r\nb") == "a\t\r\nb"
    with pytest.raises(ValueError, match=CONTROL):
        check("a\x0bb")


@pytest.mark.parametrize("character", ["e" + ACUTE * 3, "\u1f00\u0301\u0345", "한", "Ệ"])
def test_text_that_fits_when_it_is_composed_is_taken(character: str) -> None:
    decomposed = unicodedata.normalize("NFD", character)
    composed = unicodedata.normalize("NFC", character)
    assert plain_text(10 * len(composed))(decomposed * 10) == composed * 10


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("aᾂ한\u0301 ")))
def test_text_is_refused_for_its_length_only_if_it_is_too_long_when_stored(text: str) -> None:
    stored = clean(text)
    assert (problem_of(text, 5) is None) == (1 <= len(stored) <= 5)


@pytest.mark.parametrize("mark", [ACUTE, "\u0345", "\u3099", "\U0001d165", "\u0344"])
def test_thirty_marks_in_a_row_are_taken_and_more_are_refused(mark: str) -> None:
    marks = len(unicodedata.normalize("NFKD", mark))
    most = "a" + mark * (MAX_MARKS_IN_A_ROW // marks)
    assert problem_of(most) is None
    assert problem_of(most + ACUTE) == TOO_MANY_MARKS


def test_marks_are_counted_as_they_are_when_everything_is_decomposed() -> None:
    assert problem_of("a" + ACUTE * 28 + "\u0344") is None
    assert problem_of("\u1e69" + ACUTE * 28) is None  # an s with two marks
    assert problem_of("\u1e69" + ACUTE * 29) == TOO_MANY_MARKS
    assert problem_of(("a" + ACUTE * 20) * 4) is None
    assert problem_of("\u1f82" + "\u0344" * 13) is None  # an alpha with three, and 13 times two
    assert problem_of("\u1f82" + "\u0344" * 14) == TOO_MANY_MARKS


def marks_at_the_end(text: str) -> int:
    return len(list(takewhile(unicodedata.combining, reversed(text))))


def test_a_long_run_of_marks_has_fifteen_characters_of_the_ranges_of_marks() -> None:
    decomposed = {chr(code): unicodedata.normalize("NFKD", chr(code)) for code in range(0x110000)}
    in_ranges = {c for c in decomposed if re.match(module._MARKS, c)}
    marks = {c: text for c, text in decomposed.items() if unicodedata.combining(text[0])}
    others = {c: marks_at_the_end(text) for c, text in decomposed.items() if c not in marks}

    assert marks.keys() <= in_ranges
    assert max(map(len, marks.values())) == 2
    assert max(others.values()) == 3
    assert max(count for c, count in others.items() if c not in in_ranges) == 2
    assert MAX_MARKS_IN_A_ROW >= 3 + 2 * 13  # as many as 14 characters of the ranges make
    assert MAX_MARKS_IN_A_ROW >= 2 + 2 * 14


def slow_problem_of(text: str, max_characters: int, allowed: str = "") -> str | None:
    """Return why ``text`` is refused, as the definitions say it, character by character."""
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text):
        return CONTROL
    parts = [part for c in text.strip() for part in unicodedata.normalize("NFKD", c)]
    runs = [len(list(run)) for is_mark, run in groupby(parts, is_nonstarter) if is_mark]
    if len(text.strip()) <= 4 * max_characters and max(runs, default=0) > MAX_MARKS_IN_A_ROW:
        return TOO_MANY_MARKS
    fits = 1 <= len(clean(text)) <= max_characters
    return None if fits else f"must have 1 to {max_characters} characters"


def is_nonstarter(character: str) -> bool:
    return unicodedata.combining(character) != 0


ascii_texts = st.text(st.characters(codec="ascii"), max_size=60)
long_runs = st.builds(
    "{}{}{}".format,
    st.text(st.sampled_from("aé\u1fb7\u0f77東"), max_size=2),
    st.text(st.sampled_from("\u0301\u0344\u0f73\u3099\U0001d165"), min_size=13, max_size=32),
    st.text(max_size=2),
)


@given(st.text(max_size=60) | ascii_texts | long_runs, st.sampled_from(["", "\t\n\r"]))
def test_text_is_refused_as_the_slow_definitions_refuse_it(text: str, allowed: str) -> None:
    assert problem_of(text, 20, allowed) == slow_problem_of(text, 20, allowed)


def test_no_character_decomposes_to_more_than_are_reckoned_with() -> None:
    longest = max(len(unicodedata.normalize("NFD", chr(code))) for code in range(0x110000))
    assert longest == module._MAX_COMPOSED


@pytest.mark.parametrize(
    "text", ["a" + ACUTE * 31, ACUTE * 20_000, "a" * 401, "a" * 60_000, "a\0" + ACUTE * 60]
)
def test_text_is_not_normalised_before_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    normalised: list[int] = []

    def normalize(form: Any, part: str) -> str:
        normalised.append(len(part))
        return unicodedata.normalize(form, part)

    only = type("Unicode", (), {"normalize": normalize, "combining": unicodedata.combining})
    monkeypatch.setattr(module, "unicodedata", only)

    assert problem_of(text) is not None
    assert max(normalised, default=1) == 1
