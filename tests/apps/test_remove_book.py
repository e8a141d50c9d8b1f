"""DELETE /v1/catalog/books/{id}."""

from tests.support.api import UNKNOWN, Api
from tests.support.example import BOOKS
from tests.support.gateway import ANN


def test_a_removal_is_answered_with_200_and_the_last_version(api: Api) -> None:
    book_id = api.added()

    answer = api.remove(book_id)

    assert (answer.status, answer.json) == (200, {"id": book_id, "version": 2})
    assert answer.headers["etag"] == '"2"'


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


def test_a_book_is_removed_once(api: Api) -> None:
    book_id = api.added()

    assert [api.remove(book_id).status for _ in range(2)] == [200, 404]


def test_a_book_that_never_was_is_answered_with_404(api: Api) -> None:
    assert api.remove(UNKNOWN).status == 404


def test_a_body_on_a_removal_is_not_read(api: Api) -> None:
    target = f"{BOOKS}/{api.added()}"

    assert api.gateway.send("DELETE", target, body=b"{", caller=ANN).status == 200
