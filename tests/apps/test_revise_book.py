"""PATCH /v1/catalog/books/{id}: JSON Merge Patch (RFC 7396)."""

from typing import Any

import pytest

from core.bootstrap import stores
from core.ports.event_store import NEWEST_SNAPSHOT
from tests.support.api import JSON, UNKNOWN, Api
from tests.support.example import EMMAS_ISBN

KEY = {"Idempotency-Key": "key-1"}


def revised(api: Api, book_id: str, patch: dict[str, Any]) -> dict[str, Any]:
    response = api.revise(book_id, patch)
    assert response.status == 200, response.text
    api.project()
    return api.get(book_id).json  # type: ignore[no-any-return]


def test_a_revision_returns_200_with_the_new_version(api: Api) -> None:
    book_id = api.added()

    response = api.revise(book_id, {"title": "Emma, revised"})

    assert (response.status, response.json) == (200, {"id": book_id, "version": 2})
    assert response.headers["etag"] == '"2"'


def test_only_the_fields_of_the_patch_change(api: Api) -> None:
    book_id = api.added(language="en", subjects=["Courtship"])
    before = api.get(book_id).json

    after = revised(api, book_id, {"title": "Emma Woodhouse"})

    changed = {"title": "Emma Woodhouse", "version": 2, "revised_at": after["revised_at"]}
    assert after == {**before, **changed}


def test_null_clears_a_field(api: Api) -> None:
    book = revised(api, api.added(description="Old.", published="1815"), {"description": None})

    assert "description" not in book
    assert book["published"] == "1815"


def test_null_empties_the_subjects(api: Api) -> None:
    assert revised(api, api.added(subjects=["a"]), {"subjects": None})["subjects"] == []


def test_clearing_an_absent_field_changes_nothing(api: Api) -> None:
    assert api.revise(api.added(), {"language": None}).json["version"] == 1


def test_a_list_is_replaced_as_a_whole(api: Api) -> None:
    book = revised(api, api.added(authors=["A", "B"]), {"authors": ["C"]})

    assert book["authors"] == ["C"]


def test_a_patch_that_changes_nothing_keeps_the_version(api: Api) -> None:
    book_id = api.added(isbn=EMMAS_ISBN)

    responses = [
        api.revise(book_id, patch) for patch in ({}, {"title": " Emma "}, {"isbn": "0141439580"})
    ]

    assert [(r.status, r.json["version"], r.headers["etag"]) for r in responses] == [
        (200, 1, '"1"')
    ] * 3


def test_a_patch_may_be_sent_as_plain_json(api: Api) -> None:
    assert api.revise(api.added(), {"title": "E"}, JSON).status == 200


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"title": None}, ["/title"]),
        ({"authors": None}, ["/authors"]),
        ({"authors": []}, ["/authors"]),
        ({"title": "", "isbn": "1"}, ["/title", "/isbn"]),
        ({"pages": 3}, ["/pages"]),
        ({"pages": None}, ["/pages"]),
        ({"title": {"main": "Emma"}}, ["/title"]),
        ([], [""]),
        ("title", [""]),
        (None, [""]),
        (False, [""]),
    ],
)
def test_a_patch_that_would_make_an_invalid_book_returns_422(
    api: Api, patch: Any, pointers: list[str]
) -> None:
    response = api.revise(api.added(), patch)

    assert (response.status, sorted(response.pointers)) == (422, sorted(pointers))


def test_the_isbn_of_another_book_returns_409_with_that_books_id(api: Api) -> None:
    first, second = api.added(isbn=EMMAS_ISBN), api.added()

    response = api.revise(second, {"isbn": EMMAS_ISBN})

    assert (response.status, response.json["book_id"]) == (409, first)


def test_a_book_can_take_back_its_own_isbn(api: Api) -> None:
    book_id = api.added(isbn=EMMAS_ISBN)
    api.revise(book_id, {"isbn": None})

    assert api.revise(book_id, {"isbn": EMMAS_ISBN}).status == 200


def test_an_unknown_book_returns_404(api: Api) -> None:
    assert api.revise(UNKNOWN, {"title": "E"}).status == 404


def test_a_removed_book_returns_404(api: Api) -> None:
    book_id = api.added()
    api.remove(book_id)

    assert api.revise(book_id, {"title": "E"}).status == 404


def test_an_id_in_upper_case_names_the_same_book(api: Api) -> None:
    book_id = api.added()

    assert api.revise(book_id.upper(), {"title": "E"}).json["id"] == book_id


def test_a_book_with_many_revisions_is_revised_as_one_with_few(api: Api) -> None:
    book_id = api.added()
    first = api.revise(book_id, {"title": "One"}, KEY)
    for number in range(70):
        api.revise(book_id, {"title": f"Edition {number}"})
    api.project()

    assert stores.event_store().load_snapshot(book_id, NEWEST_SNAPSHOT) is not None
    replayed = api.revise(book_id, {"title": "One"}, KEY)
    assert (replayed.status, replayed.json) == (first.status, first.json)
    assert api.revise(book_id, {"title": "Two"}).json["version"] == 73
    assert api.history(book_id, "?as_of=2999-01-01T00:00:00Z").json["title"] == "Two"
