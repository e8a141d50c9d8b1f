"""Dates, languages and text: what is accepted, and how it is ordered and compared."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.language import canonical_language
from core.domain.published import published_key, validate_published
from core.domain.text import MAX_SORT_KEY_BYTES, MAX_WORDS, fold, index_words, sort_key, words


@pytest.mark.parametrize(
    "text",
    [
        "1999",
        "0008",
        "-0750",
        "0000",
        "1999-12",
        "2000-02-29",
        "1900-02-28",
        "-0004-02-29",
        "0000-02-29",
    ],
)
def test_years_months_and_days_are_dates(text: str) -> None:
    assert validate_published(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "99",
        "19999",
        "-0000",
        "1999-13",
        "1999-00",
        "1900-02-29",
        "1999-04-31",
        "1999-1",
        "1999-01-01T00:00",
        " 1999",
        "١٩٩٩",
        "1999\n",
    ],
)
def test_other_forms_are_no_dates(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a year|does not exist"):
        validate_published(text)


def test_dates_order_as_numbers_do_and_no_date_comes_first() -> None:
    in_order = [
        None,
        "-0750",
        "-0044",
        "-0044-03",
        "-0044-03-15",
        "0008",
        "0999",
        "1000",
        "1999",
        "1999-01",
        "1999-01-02",
    ]
    keys = [published_key(text) for text in in_order]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@given(st.integers(-9999, 9999), st.integers(-9999, 9999))
def test_years_order_as_numbers_do(a: int, b: int) -> None:
    def written(year: int) -> str:
        return f"{'-' if year < 0 else ''}{abs(year):04d}"

    assert (published_key(written(a)) < published_key(written(b))) == (a < b)


@pytest.mark.parametrize(
    ("given_tag", "stored"),
    [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("EN-x-Mine", "en-x-mine"),
    ],
)
def test_language_tags_get_their_recommended_case(given_tag: str, stored: str) -> None:
    assert canonical_language(given_tag) == stored


@pytest.mark.parametrize(
    "text", ["", "e", "english language", "en_GB", "en-", "-en", "en-abcdefghi", "é", "x" * 36]
)
def test_other_texts_are_no_language_tags(text: str) -> None:
    with pytest.raises(ValueError, match="BCP 47"):
        canonical_language(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Éclair", "eclair"),
        ("STRASSE", "straße"),
        ("ﬁn", "FIN"),
        ("İstanbul", "istanbul"),
        ("a  b\u00a0c", "A B C"),
        ("Ångström", "ångstrom"),
    ],
)
def test_accents_case_and_spaces_are_folded(a: str, b: str) -> None:
    assert fold(a) == fold(b)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_does_not_see_how_a_text_is_composed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text())
def test_words_of_words_are_the_same_words(text: str) -> None:
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


def test_a_book_is_found_by_all_words_of_its_title_first() -> None:
    title = " ".join(chr(0x4E00 + i) for i in range(250))
    found_by = index_words(title, [" ".join(chr(0x5E00 + i) for i in range(100))] * 2)
    assert set(words(title)) <= set(found_by)
    assert len(found_by) == MAX_WORDS
    assert list(found_by) == sorted(found_by)


@given(st.text(), st.text())
def test_sort_keys_order_as_their_utf_8_bytes_do_and_are_bounded(a: str, b: str) -> None:
    keys = sort_key(a), sort_key(b)
    assert (keys[0] < keys[1]) == (keys[0].encode() < keys[1].encode())
    assert all(len(key.encode()) <= MAX_SORT_KEY_BYTES for key in keys)
    assert all(fold(text).startswith(key) for text, key in zip((a, b), keys, strict=True))
