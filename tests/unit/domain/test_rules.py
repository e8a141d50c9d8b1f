"""Parsing of a request's JSON to a book's details."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.details import BookDetails
from core.domain.isbn import ISBN_SCHEMA
from core.domain.language import LANGUAGE_SCHEMA, MAX_TAG_CHARACTERS
from core.domain.published import PUBLISHED_SCHEMA
from core.domain.rules import parse_details, patch_details
from core.ports.records import shown_data
from core.ports.refusals import InvalidInput
from tests.support.json_strategies import values

MINIMAL = {"title": "Emma", "authors": ["Jane Austen"]}


def errors(payload: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as raised:
        parse_details(payload)
    return {e.pointer: e.message for e in raised.value.errors}


def test_a_title_and_an_author_are_enough() -> None:
    assert parse_details(MINIMAL) == BookDetails(title="Emma", authors=("Jane Austen",))


def test_all_errors_are_reported_at_once() -> None:
    assert errors(
        {"authors": [], "isbn": "9780306406158", "published": "1999-02-30", "language": "e", "x": 1}
    ) == {
        "/title": "is required",
        "/authors": "must name 1 to 50",
        "/isbn": "must be an ISBN-10 or ISBN-13 with a right check digit",
        "/published": "has a day that does not exist",
        "/language": "must be a BCP 47 language tag such as en, pt-BR or zh-Hant",
        "/x": "is not a known field",
    }


@pytest.mark.parametrize(
    ("isbn", "stored"),
    [
        ("0-306-40615-2", "9780306406157"),
        ("978-0-306-40615-7", "9780306406157"),
        ("0439023483", "9780439023481"),
        ("043942089X", "9780439420891"),
        ("043942089x", "9780439420891"),
        ("9791034304943", "9791034304943"),
    ],
)
def test_an_isbn_is_stored_as_isbn_13(isbn: str, stored: str) -> None:
    assert parse_details({**MINIMAL, "isbn": isbn}).isbn == stored


@pytest.mark.parametrize(
    "isbn", ["", "439023483", "9780306406158", "4006381333931", "abc", "9.78E+12", "٩٧٨٠٣٠٦٤٠٦١٥٧"]
)
def test_other_texts_are_refused_as_isbn(isbn: str) -> None:
    assert list(errors({**MINIMAL, "isbn": isbn})) == ["/isbn"]


def test_text_is_trimmed_and_normalised() -> None:
    details = parse_details({"title": " E\u0301mile\u00a0", "authors": ["\u2003Rousseau "]})
    assert (details.title, details.authors) == ("\u00c9mile", ("Rousseau",))


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x7f", "\x85x", "\ud800"])
@pytest.mark.parametrize("field", ["title", "authors", "subjects"])
def test_control_characters_and_lone_surrogates_are_refused(field: str, text: str) -> None:
    assert set(errors({**MINIMAL, field: text if field == "title" else [text]}).values()) == {
        "must not hold control characters"
    }


def test_a_description_may_have_lines_and_tabs() -> None:
    assert parse_details({**MINIMAL, "description": "a\r\n\tb"}).description == "a\r\n\tb"
    assert list(errors({**MINIMAL, "description": "a\x0bb"})) == ["/description"]


@pytest.mark.parametrize(("field", "maximum"), [("title", 500), ("description", 20_000)])
def test_lengths_are_counted_in_characters(field: str, maximum: int) -> None:
    assert getattr(parse_details({**MINIMAL, field: "𐐷" * maximum}), field) == "𐐷" * maximum
    assert errors({**MINIMAL, field: "𐐷" * (maximum + 1)}) == {
        "/" + field: f"must have 1 to {maximum:,} characters"
    }


@pytest.mark.parametrize(
    ("field", "minimum", "maximum", "characters"),
    [("authors", 1, 50, 200), ("subjects", 0, 50, 100)],
)
def test_lists_are_bounded(field: str, minimum: int, maximum: int, characters: int) -> None:
    full = [f"{i:02d}" + "x" * (characters - 2) for i in range(maximum)]
    assert getattr(parse_details({**MINIMAL, field: full}), field) == tuple(full)
    assert errors({**MINIMAL, field: [*full, "more"]}) == {
        "/" + field: f"must name {minimum} to {maximum}"
    }
    assert errors({**MINIMAL, field: ["x" * (characters + 1)]}) == {
        f"/{field}/0": f"must have 1 to {characters} characters"
    }


@pytest.mark.parametrize("item", [1, "", "x" * 201])
@pytest.mark.parametrize(("field", "bound"), [("authors", "1 to 50"), ("subjects", "0 to 50")])
def test_a_list_that_is_too_long_is_one_error_whatever_is_in_it(
    field: str, bound: str, item: object
) -> None:
    assert errors({**MINIMAL, field: [item] * 30_000}) == {f"/{field}": f"must name {bound}"}


def test_an_author_named_twice_is_refused() -> None:
    assert errors({**MINIMAL, "authors": ["Ann", " Ann"]}) == {
        "/authors": "must not name one twice"
    }


@pytest.mark.parametrize("payload", [None, [], "x", 7, True])
def test_a_payload_other_than_an_object_is_refused(payload: object) -> None:
    assert errors(payload) == {"": "must be an object"}


@pytest.mark.parametrize("value", [7, True, ["x"], {"a": 1}])
def test_values_are_not_converted(value: object) -> None:
    assert list(errors({**MINIMAL, "description": value})) == ["/description"]


def test_null_means_that_a_field_is_absent() -> None:
    assert parse_details({**MINIMAL, "isbn": None, "subjects": None}) == parse_details(MINIMAL)
    assert errors({**MINIMAL, "title": None}) == {"/title": "is required"}


def test_a_pointer_escapes_slash_and_tilde() -> None:
    assert list(errors({**MINIMAL, "a/b~c": 1})) == ["/a~1b~0c"]


def test_a_patch_keeps_stored_values_that_the_rules_of_today_would_refuse() -> None:
    stored = BookDetails(title="E" + "\u0301" * 500, authors=(), isbn="1", language="?")

    patched = patch_details(stored, {"published": "1815", "language": None})

    assert patched == replace(stored, published="1815", language=None)
    with pytest.raises(InvalidInput):
        patch_details(stored, {"title": stored.title})


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(
    ["title", "authors", "isbn", "description", "published", "language", "subjects", "other"]
)


texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1)
likely_books = st.fixed_dictionaries(
    {"title": texts, "authors": st.lists(texts, min_size=1)},
    optional={
        "description": texts,
        "published": values(PUBLISHED_SCHEMA),
        "language": values(LANGUAGE_SCHEMA),
        "subjects": st.lists(texts),
    },
)


@given(st.one_of(json_values, st.dictionaries(fields, json_values), likely_books))
def test_any_json_is_parsed_or_refused_and_a_parsed_book_parses_to_itself(payload: Any) -> None:
    try:
        details = parse_details(payload)
    except InvalidInput:
        assert errors(payload)
    else:
        assert parse_details(shown_data(details)) == details


@given(values(ISBN_SCHEMA))
def test_an_isbn_of_the_documented_form_is_accepted_with_one_check_digit(text: str) -> None:
    accepted = []
    for digit in "0123456789X":
        try:
            accepted.append(parse_details({**MINIMAL, "isbn": text[:-1] + digit}))
        except InvalidInput:
            continue
    assert len(accepted) == 1


@given(values(PUBLISHED_SCHEMA))
def test_a_date_of_the_documented_form_is_accepted_where_its_month_has_the_day(text: str) -> None:
    try:
        assert parse_details({**MINIMAL, "published": text}).published == text
    except InvalidInput as refusal:
        (error,) = refusal.errors
        assert error.message == "has a day that does not exist" or text.startswith("-0000")


def test_a_language_tag_may_be_as_long_as_its_schema_says() -> None:
    subtags = "en-x-" + "-".join(["abcdefgh"] * 5)
    longest = subtags[:MAX_TAG_CHARACTERS]
    assert LANGUAGE_SCHEMA["maxLength"] == len(longest)
    assert parse_details({**MINIMAL, "language": longest}).language == longest
    too_long = subtags[: MAX_TAG_CHARACTERS + 1]
    assert list(errors({**MINIMAL, "language": too_long})) == ["/language"]
