"""POST /v1/catalog/books."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.api import Api
from tests.support.example import EMMA, EMMAS_ISBN

WHOLE: dict[str, Any] = {
    "isbn": EMMAS_ISBN,
    "title": "Emma",
    "authors": ["Jane Austen", "Fiona Stafford"],
    "description": "Handsome,\nclever, and rich.",
    "published": "1815-12-23",
    "language": "en-GB",
    "subjects": ["Comedy of manners", "Courtship"],
}


def stored(api: Api, book: dict[str, Any]) -> dict[str, Any]:
    return api.get(api.added(**book)).json  # type: ignore[no-any-return]


def test_adding_a_book_returns_201_with_its_id_and_version(api: Api) -> None:
    response = api.add()

    assert response.status == 201
    assert response.json == {"id": str(UUID(response.json["id"])), "version": 1}


def test_a_new_book_has_the_etag_of_version_1(api: Api) -> None:
    assert api.add().headers["etag"] == '"1"'


def test_location_is_the_url_of_the_new_book(api: Api) -> None:
    location = api.add().headers["location"]
    api.project()

    assert api.gateway.send("GET", location).json["title"] == "Emma"


def test_without_a_key_the_same_book_is_added_twice(api: Api) -> None:
    assert api.add().json["id"] != api.add().json["id"]


def test_every_field_is_returned(api: Api) -> None:
    book = stored(api, WHOLE)

    assert {name: book[name] for name in WHOLE} == WHOLE


def test_null_fields_are_omitted(api: Api) -> None:
    book = stored(api, {"isbn": None, "description": None, "published": None, "language": None})

    assert book.keys() == {
        "id",
        "version",
        "title",
        "authors",
        "subjects",
        "added_at",
        "revised_at",
    }


@pytest.mark.parametrize("isbn", ["0141439580", "0-14-143958-0", "978-0-14-143958-7"])
def test_an_isbn_is_stored_as_isbn_13_without_hyphens(api: Api, isbn: str) -> None:
    assert stored(api, {"isbn": isbn})["isbn"] == EMMAS_ISBN


def test_text_is_stored_trimmed_and_composed(api: Api) -> None:
    book = stored(api, {"title": "  Cafe\u0301 ", "authors": ["\u00a0Zoe\u0308"]})

    assert (book["title"], book["authors"]) == ("Caf\u00e9", ["Zo\u00eb"])


@pytest.mark.parametrize("text", ["東京物語", "🜁" * 500, "\u202eمرحبا", 'a"\\/<>&', "ﬀ"])
def test_text_in_any_script_is_returned_unchanged(api: Api, text: str) -> None:
    assert stored(api, {"title": text})["title"] == text


@pytest.mark.parametrize(
    "published",
    ["1999", "1999-02", "1999-02-28", "2024-02-29", "0999", "0000", "-0750", "-0001-03"],
)
def test_a_date_is_a_year_a_month_or_a_day_of_any_era(api: Api, published: str) -> None:
    assert stored(api, {"published": published})["published"] == published


def test_a_book_of_the_maximum_size_is_accepted(api: Api) -> None:
    book = {
        "title": "t" * 500,
        "authors": [f"{n:03d}" + "a" * 197 for n in range(50)],
        "description": "d" * 20_000,
        "subjects": [f"{n:03d}" + "s" * 97 for n in range(50)],
    }

    assert api.add(book).status == 201


INVALID = {
    "nothing": ({}, ["/title", "/authors"]),
    "no object": ([EMMA], [""]),
    "null": (None, [""]),
    "a number": (7, [""]),
    "an empty title": ({**EMMA, "title": ""}, ["/title"]),
    "a title of blanks": ({**EMMA, "title": " \u00a0 "}, ["/title"]),
    "a title too long": ({**EMMA, "title": "t" * 501}, ["/title"]),
    "a title that is a number": ({**EMMA, "title": 1984}, ["/title"]),
    "a title with a control character": ({**EMMA, "title": "a\u0000b"}, ["/title"]),
    "no author": ({**EMMA, "authors": []}, ["/authors"]),
    "authors as text": ({**EMMA, "authors": "Jane Austen"}, ["/authors"]),
    "too many authors": ({**EMMA, "authors": [str(n) for n in range(51)]}, ["/authors"]),
    "an author twice": ({**EMMA, "authors": ["A", " A"]}, ["/authors"]),
    "an author too long": ({**EMMA, "authors": ["A", "a" * 201]}, ["/authors/1"]),
    "an author that is null": ({**EMMA, "authors": [None]}, ["/authors/0"]),
    "too many subjects": ({**EMMA, "subjects": [str(n) for n in range(51)]}, ["/subjects"]),
    "a subject too long": ({**EMMA, "subjects": ["s" * 101]}, ["/subjects/0"]),
    "a description too long": ({**EMMA, "description": "d" * 20_001}, ["/description"]),
    "a wrong check digit": ({**EMMA, "isbn": "9780141439580"}, ["/isbn"]),
    "an ISBN as a number": ({**EMMA, "isbn": 9780141439587}, ["/isbn"]),
    "a month 13": ({**EMMA, "published": "1999-13"}, ["/published"]),
    "a 29 February of no leap year": ({**EMMA, "published": "1900-02-29"}, ["/published"]),
    "a short year": ({**EMMA, "published": "999"}, ["/published"]),
    "digits of another script": ({**EMMA, "published": "١٩٩٩"}, ["/published"]),
    "a language in words": ({**EMMA, "language": "English, old"}, ["/language"]),
    "an unknown field": ({**EMMA, "pages": 474}, ["/pages"]),
    "an unknown field that is null": ({**EMMA, "pages": None}, ["/pages"]),
    "an id of one's own": ({**EMMA, "id": "1"}, ["/id"]),
    "a name with / and ~": ({**EMMA, "a/b~c": 1}, ["/a~1b~0c"]),
    "an empty name": ({**EMMA, "": 1}, ["/"]),
}


@pytest.mark.parametrize("wrong", INVALID)
def test_an_invalid_book_returns_422_with_a_pointer_to_each_bad_field(api: Api, wrong: str) -> None:
    book, pointers = INVALID[wrong]

    response = api.add(book)

    assert (response.status, response.pointers) == (422, pointers)


def test_all_errors_are_reported_at_once(api: Api) -> None:
    wrong = {
        "title": "",
        "authors": ["ok", 7, "a" * 201],
        "isbn": "123",
        "description": "\u0007",
        "published": "soon",
        "language": "??",
        "subjects": [None],
        "pages": 1,
    }

    assert set(api.add(wrong).pointers) == {
        "/title",
        "/authors/1",
        "/authors/2",
        "/isbn",
        "/description",
        "/published",
        "/language",
        "/subjects/0",
        "/pages",
    }


def test_every_error_has_a_message_that_says_what_is_required(api: Api) -> None:
    title, authors = api.add({"title": "", "authors": []}).json["errors"]

    assert title == {"pointer": "/title", "message": "must have 1 to 500 characters"}
    assert authors == {"pointer": "/authors", "message": "must name 1 to 50"}


def test_an_invalid_book_is_not_stored(api: Api) -> None:
    api.add({"title": ""})
    api.project()

    assert api.titles() == []


def test_the_isbn_of_another_book_returns_409_with_that_books_id(api: Api) -> None:
    first = api.added(isbn=EMMAS_ISBN)

    response = api.add({**EMMA, "isbn": "0-14-143958-0"})

    assert (response.status, response.json["book_id"], response.json["isbn"]) == (
        409,
        first,
        EMMAS_ISBN,
    )
    assert first in response.json["detail"]


def test_the_isbn_of_a_removed_book_can_be_taken(api: Api) -> None:
    api.remove(api.added(isbn=EMMAS_ISBN))

    assert api.add({**EMMA, "isbn": EMMAS_ISBN}).status == 201


def test_an_isbn_released_by_a_revision_can_be_taken(api: Api) -> None:
    api.revise(api.added(isbn=EMMAS_ISBN), {"isbn": None})

    assert api.add({**EMMA, "isbn": EMMAS_ISBN}).status == 201
