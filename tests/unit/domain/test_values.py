"""Dates and languages: what is accepted, and how dates are ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.language import canonical_language
from core.domain.published import published_key, validate_published


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
def test_years_months_and_days_are_accepted(text: str) -> None:
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
def test_other_forms_of_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a year|does not exist"):
        validate_published(text)


def test_dates_order_as_numbers_do_after_a_missing_date() -> None:
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
def test_other_texts_are_refused_as_language_tags(text: str) -> None:
    with pytest.raises(ValueError, match="BCP 47"):
        canonical_language(text)
