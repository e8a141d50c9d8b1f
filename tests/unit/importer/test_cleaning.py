import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.importer.cleaning import (
    PLAIN_COLUMNS,
    Unusable,
    clean_isbn,
    clean_language,
    clean_names,
    clean_published,
    encode_book,
    goodbooks_book,
    idempotency_key,
    plain_book,
)
from core.domain.published import published_key, validate_published

TEXT = st.text(max_size=30)
PLAIN_CELLS = st.fixed_dictionaries(dict.fromkeys(PLAIN_COLUMNS, TEXT))
BOOKS = st.dictionaries(st.sampled_from(PLAIN_COLUMNS), TEXT | st.lists(TEXT, max_size=3))


def isbn10(nine_digits: str) -> str:
    remainder = -sum((10 - i) * int(digit) for i, digit in enumerate(nine_digits)) % 11
    return nine_digits + "0123456789X"[remainder]


def goodbooks_row(**cells: str) -> dict[str, str]:
    row = {
        "isbn": "306406152",
        "isbn13": "9.78030640615e+12",
        "authors": "Ada Quill",
        "original_publication_year": "1998.0",
        "title": "The Lighthouse Ledger",
        "language_code": "eng",
    }
    return row | cells


@pytest.mark.parametrize(
    ("cell", "isbn"),
    [
        ("", None),
        ("   ", None),
        ("0306406152", "9780306406157"),
        ("306406152", "9780306406157"),
        ("306406152.0", "9780306406157"),
        ("0-306-40615-2", "9780306406157"),
        ("080442957x", "9780804429573"),
        ("80442957X", "9780804429573"),
        ("9780306406157", "9780306406157"),
        ("9780306406157.0", "9780306406157"),
    ],
)
def test_an_isbn_that_can_be_restored_becomes_an_isbn13(cell: str, isbn: str | None) -> None:
    assert clean_isbn(cell) == isbn


@pytest.mark.parametrize(
    "cell", ["306406153", "0", "6152", "9780306406158", "n/a", "97893806587.0"]
)
def test_an_isbn_that_cannot_be_restored_is_refused(cell: str) -> None:
    with pytest.raises(Unusable, match="check digit"):
        clean_isbn(cell)


@pytest.mark.parametrize("cell", ["9.78030640615e+12", "9.78E+12", "9.78030640615E12"])
def test_an_isbn_that_was_stored_as_a_float_is_refused_with_the_cause(cell: str) -> None:
    with pytest.raises(Unusable, match="lost digits: write it as text"):
        clean_isbn(cell)


@given(
    st.from_regex(r"0{1,3}[1-9][0-9]{5}[0-9]{0,2}", fullmatch=True).filter(lambda s: len(s) == 9)
)
def test_an_isbn10_gets_back_the_leading_zeros_that_a_spreadsheet_removed(nine_digits: str) -> None:
    whole = isbn10(nine_digits)
    assert clean_isbn(whole.lstrip("0")) == clean_isbn(whole)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
def test_an_isbn10_with_one_wrong_digit_is_never_taken_for_another_book(
    nine_digits: str, position: int, by: int
) -> None:
    whole = isbn10(nine_digits)
    wrong = whole[:position] + str((int(whole[position]) + by) % 10) + whole[position + 1 :]
    with pytest.raises(Unusable):
        clean_isbn(wrong)


@pytest.mark.parametrize(
    ("cell", "published"),
    [
        ("", None),
        ("1997.0", "1997"),
        ("1997", "1997"),
        ("-750.0", "-0750"),
        ("-17.0", "-0017"),
        ("8.0", "0008"),
        ("0.0", "0000"),
        ("-0.0", "0000"),
        (" 800 ", "0800"),
        ("1999-05-17", "1999-05-17"),
        ("1997.5", "1997.5"),
        ("about 1900", "about 1900"),
    ],
)
def test_a_year_gets_four_digits_and_an_invalid_one_is_left_to_the_service(
    cell: str, published: str | None
) -> None:
    assert clean_published(cell) == published


@given(st.integers(-9999, 9999), st.integers(-9999, 9999), st.sampled_from(["", ".0"]))
def test_every_year_is_valid_and_sorts_as_the_number_did(one: int, other: int, tail: str) -> None:
    years = [clean_published(f"{year}{tail}") or "" for year in (one, other)]
    assert [validate_published(year) for year in years] == years
    assert (published_key(years[0]) < published_key(years[1])) == (one < other)


@pytest.mark.parametrize(
    ("cell", "language"),
    [
        ("", None),
        ("eng", "en"),
        ("en-US", "en-US"),
        ("en_gb", "en-GB"),
        ("fre", "fr"),
        ("fra", "fr"),
        ("ger", "de"),
        ("spa", "es"),
        ("ara", "ar"),
        ("jpn", "ja"),
        ("nor", "no"),
        ("ind", "id"),
        ("per", "fa"),
        ("grc", "grc"),
        ("zh-Hant", "zh-Hant"),
    ],
)
def test_a_language_becomes_a_bcp_47_tag(cell: str, language: str | None) -> None:
    assert clean_language(cell) == language


@pytest.mark.parametrize("cell", ["English", "klingonese", "e", "12", "xyz", "en-", "??"])
def test_a_language_without_a_code_is_refused(cell: str) -> None:
    with pytest.raises(Unusable, match="is not a language code"):
        clean_language(cell)


def test_names_are_trimmed_and_unique_in_their_order() -> None:
    assert clean_names(" Bo, Al ,Bo,, Al  B", ",") == ["Bo", "Al", "Al  B"]


def test_a_goodbooks_row_keeps_its_series_and_drops_a_float_isbn13() -> None:
    title = "The Lighthouse Ledger (Harbour Papers, #1)"
    row = goodbooks_row(isbn="", title=f" {title} ", authors="Ada Quill, Bo Reed")
    assert goodbooks_book(row) == {
        "title": title,
        "authors": ["Ada Quill", "Bo Reed"],
        "published": "1998",
        "language": "en",
    }


def test_a_whole_isbn13_replaces_an_empty_isbn() -> None:
    assert goodbooks_book(goodbooks_row(isbn="", isbn13="9780804429573"))["isbn"] == "9780804429573"


def test_all_errors_of_a_row_are_reported_at_once() -> None:
    with pytest.raises(Unusable, match=r"isbn '12' must be .*; language 'English' is no"):
        goodbooks_book(goodbooks_row(isbn="12", language_code="English"))


def test_a_long_cell_is_shortened_in_the_reason() -> None:
    with pytest.raises(Unusable) as refusal:
        clean_isbn("7" * 10_000)
    assert len(str(refusal.value)) < 120


def test_a_plain_row_separates_names_by_semicolons() -> None:
    cells = {"title": "T", "authors": "Reed, Bo; Quill, Ada", "subjects": "Salt; Sea"}
    assert plain_book(cells) == {
        "title": "T",
        "authors": ["Reed, Bo", "Quill, Ada"],
        "subjects": ["Salt", "Sea"],
    }


@given(PLAIN_CELLS)
def test_cleaning_is_idempotent(cells: dict[str, str]) -> None:
    book = plain_book(cells | {"isbn": "306406152", "language": "fre"})
    row = {name: ";".join(v) if isinstance(v, list) else v for name, v in book.items()}
    assert plain_book({"title": "", "authors": ""} | row) == book


@given(BOOKS, st.randoms(use_true_random=False))
def test_the_key_depends_on_the_book_alone(book: dict[str, object], random: object) -> None:
    items = list(book.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    key = idempotency_key(encode_book(dict(items)))
    assert key == idempotency_key(encode_book(book))
    assert key.isascii()
    assert 1 <= len(key) <= 255


@given(BOOKS, BOOKS)
def test_different_books_have_different_keys(
    one: dict[str, object], other: dict[str, object]
) -> None:
    keys = {idempotency_key(encode_book(book)) for book in (one, other)}
    assert (len(keys) == 1) == (one == other)
