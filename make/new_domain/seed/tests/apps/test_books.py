"""Books over HTTP: what is written is read, found and claimed."""

from tests.support.api import Api
from tests.support.example import BOOKS


def test_a_book_that_is_added_can_be_read(api: Api) -> None:
    response = api.add({"title": "One", "label": "first"})
    api.project()

    assert (response.status, response.headers["etag"]) == (201, '"1"')
    assert response.headers["location"] == f"{BOOKS}/{response.json['id']}"
    book = api.get(response.json["id"]).json
    assert (book["title"], book["label"], book["version"]) == ("One", "first", 1)


def test_every_bad_field_is_reported(api: Api) -> None:
    response = api.add({"title": "", "label": 7})

    assert (response.status, sorted(response.pointers)) == (422, ["/label", "/title"])


def test_a_patch_changes_the_fields_that_it_names(api: Api) -> None:
    book = api.added(title="One", label="first")

    assert api.revise(book, {"label": None}).json["version"] == 2
    api.project()
    assert "label" not in api.get(book).json


def test_books_are_found_by_label_and_by_the_words_of_their_title(api: Api) -> None:
    api.added(title="Two words", label="first")
    api.added(title="One", label="First")
    api.added(title="Other")

    assert api.titles("?label=FIRST") == ["One", "Two words"]
    assert api.titles("?q=words+tw") == ["Two words"]
    assert api.titles("?sort=-title") == ["Two words", "Other", "One"]


def test_a_reference_belongs_to_one_book(api: Api) -> None:
    owner = api.added(reference="1")

    assert api.add({"title": "Two", "reference": "1"}).status == 409
    api.remove(owner)
    assert api.add({"title": "Two", "reference": "1"}).status == 201
