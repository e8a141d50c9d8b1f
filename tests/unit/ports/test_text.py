"""Text as listings compare it: words and sort keys."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports.folding import fold
from core.ports.text import (
    MAX_SORT_KEY_BYTES,
    MAX_WORD_CHARACTERS,
    MAX_WORDS,
    cut_sort_key,
    index_words,
    instant_key,
    wanted_words,
    words,
)

instants = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001  # hypothesis wants naive bounds
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)


@given(st.text())
def test_the_words_of_words_are_the_same_words(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


def test_words_are_runs_of_letters_digits_and_marks() -> None:
    assert words("The Hobbit, or There & Back-Again (2nd ed.) — हिन्दी") == (
        "the",
        "hobbit",
        "or",
        "there",
        "back",
        "again",
        "2nd",
        "ed",
        fold("हिन्दी"),
    )


def slow_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` as the definition says it, character by character."""
    kept = (c if unicodedata.category(c)[0] in "LNM" else " " for c in fold(text))
    return tuple(dict.fromkeys(word[:MAX_WORD_CHARACTERS] for word in "".join(kept).split()))


@given(st.text() | st.text(st.characters(codec="ascii")) | st.text(st.sampled_from("aB1é- \x1f")))
def test_words_are_those_that_the_slow_definition_finds(text: str) -> None:
    assert words(text) == slow_words(text)


def test_words_are_cut_and_then_compared() -> None:
    long = "a" * MAX_WORD_CHARACTERS

    assert words(f"{long} {long}b {long}c d") == (long, "d")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("the sea the", ("the", "sea", "the")),
        ("The THE", ("the", "the")),
        ("a b a c", ("a", "b", "c")),
        ("Émile", ("emile",)),
        ("— ", ()),
    ],
)
def test_a_search_wants_whole_words_and_the_last_one_typed(
    text: str, wanted: tuple[str, ...]
) -> None:
    assert wanted_words(text) == wanted


def test_a_view_is_found_by_all_words_of_its_first_text() -> None:
    title = " ".join(chr(0x4E00 + i) for i in range(250))
    others = " ".join(chr(0x5E00 + i) for i in range(100))
    found_by = index_words([title, others, others])

    assert set(words(title)) <= set(found_by)
    assert len(found_by) == MAX_WORDS
    assert list(found_by) == sorted(found_by)


def test_a_word_in_several_texts_is_indexed_once() -> None:
    assert index_words(["Emma b", "EMMA a"]) == ("a", "b", "emma")


def test_texts_without_words_have_no_index_words() -> None:
    assert index_words([]) == index_words(["", "—"]) == ()


@given(st.text(), st.text())
def test_sort_keys_order_as_their_utf_8_bytes_do_and_are_bounded(a: str, b: str) -> None:
    keys = cut_sort_key(fold(a)), cut_sort_key(fold(b))

    assert (keys[0] < keys[1]) == (keys[0].encode() < keys[1].encode())
    assert all(len(key.encode()) <= MAX_SORT_KEY_BYTES for key in keys)
    assert all(fold(text).startswith(key) for text, key in zip((a, b), keys, strict=True))


@pytest.mark.parametrize("character", ["a", "é", "東", "\U0001f600"])
def test_a_long_sort_key_is_cut_between_characters(character: str) -> None:
    size = len(character.encode())
    key = cut_sort_key("x" + character * MAX_SORT_KEY_BYTES)

    assert key == "x" + character * ((MAX_SORT_KEY_BYTES - 1) // size)


def test_a_short_sort_key_is_kept() -> None:
    assert cut_sort_key("emma") == "emma"
    assert cut_sort_key("é" * (MAX_SORT_KEY_BYTES // 2)) == "é" * (MAX_SORT_KEY_BYTES // 2)


@given(instants, instants)
def test_instant_keys_order_as_time_does(a: datetime, b: datetime) -> None:
    assert (instant_key(a) < instant_key(b)) == (a < b)
    assert len(instant_key(a)) == len(instant_key(b))


def test_one_instant_has_one_key_in_all_zones() -> None:
    noon = datetime(2024, 5, 17, 12, tzinfo=UTC)

    assert instant_key(noon) == "2024-05-17T12:00:00.000000+00:00"
    assert instant_key(noon.astimezone(timezone(timedelta(hours=9)))) == instant_key(noon)
