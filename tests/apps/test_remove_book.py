"""DELETE /v1/catalog/books/{id}."""

from tests.support.api import UNKNOWN, Api
from tests.support.example import BOOKS
from tests.support.gateway import ANN


def test_a_removal_returns_200_with_the_last_version(api: Api) -> None:
    book_id = api.added()

    response = api.remove(book_id)

    assert (response.status, response.json) == (200, {"id": book_id, "version": 2})
    assert response.headers["etag"] == '"2"'


def test_a_removed_book_is_no_longer_found(api: Api) -> None:
    book_id = api.added()
    api.remove(book_id)
    api.project()

    assert api.get(book_id).status == 404


def test_a_removed_book_is_no_longer_listed(api: Api) -> None:
    api.added(title="Persuasion")
    api.remove(api.added(title="Emma"))
    api.project()

    assert api.titles() == ["Persuasion"]


def test_a_book_can_be_removed_only_once(api: Api) -> None:
    book_id = api.added()

    assert [api.remove(book_id).status for _ in range(2)] == [200, 404]


def test_an_unknown_book_returns_404(api: Api) -> None:
    assert api.remove(UNKNOWN).status == 404


def test_the_body_of_a_removal_is_ignored(api: Api) -> None:
    target = f"{BOOKS}/{api.added()}"

    assert api.gateway.send("DELETE", target, body=b"{", caller=ANN).status == 200
