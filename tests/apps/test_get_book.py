"""GET /v1/catalog/books/{id}."""

import pytest

from core.application.queries import WAIT_SECONDS
from tests.apps.conftest import Waiting
from tests.support.api import UNKNOWN, Api

SURPRISING_IDS = [
    "1",
    "null",
    "undefined",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "a%2Fb",
    "%25",
    "é",
    "x" * 5_000,
    UNKNOWN + "%0A",
    UNKNOWN.replace("-", ""),
    "{" + UNKNOWN + "}",
    "urn:uuid:" + UNKNOWN,
    UNKNOWN.replace("0", "٠"),
    "book%3A1",
]


def test_anyone_may_read_a_book(api: Api) -> None:
    book_id = api.added()

    assert (api.get(book_id).status, api.get(book_id).json["id"]) == (200, book_id)


def test_a_book_has_its_version_and_the_times_of_its_first_and_last_event(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "E"})
    api.project()
    first, last = api.history(book_id).json["items"]

    book = api.get(book_id).json

    assert book["version"] == 2
    assert (book["added_at"], book["revised_at"]) == (first["occurred_at"], last["occurred_at"])


def test_times_are_in_utc(api: Api) -> None:
    assert api.get(api.added()).json["added_at"].endswith("Z")


def test_a_cached_book_must_be_revalidated(api: Api) -> None:
    assert api.get(api.added()).headers["cache-control"] == "no-cache"


def test_an_id_in_upper_case_names_the_same_book(api: Api) -> None:
    book_id = api.added()

    assert api.get(book_id.upper()).json["id"] == book_id


def test_an_unknown_book_returns_404(api: Api) -> None:
    assert api.get(UNKNOWN).status == 404


@pytest.mark.parametrize("path", SURPRISING_IDS)
def test_an_invalid_id_returns_404_on_every_route(api: Api, path: str) -> None:
    responses = [
        api.get(path),
        api.get(path + "?min_version=1"),
        api.history(path),
        api.revise(path, {"title": "E"}),
        api.remove(path),
    ]

    assert [response.status for response in responses] == [404] * 5


def test_a_visible_min_version_is_returned_at_once(api: Api, waiting: Waiting) -> None:
    pauses = waiting(lambda: None)

    assert api.get(f"{api.added()}?min_version=1").status == 200
    assert pauses == []


def test_min_version_waits_until_the_write_is_visible(api: Api, waiting: Waiting) -> None:
    book_id = api.added()
    version = api.revise(book_id, {"title": "E"}).json["version"]
    pauses = waiting(lambda: api.project() if len(pauses) == 3 else None)

    response = api.get(f"{book_id}?min_version={version}")

    assert (response.status, response.json["title"], len(pauses)) == (200, "E", 3)


def test_min_version_waits_for_a_new_book(api: Api, waiting: Waiting) -> None:
    book_id = api.add().json["id"]
    waiting(api.project)

    assert api.get(f"{book_id}?min_version=1").status == 200


def test_a_min_version_not_reached_in_time_returns_503_with_retry_after(
    api: Api, waiting: Waiting
) -> None:
    pauses = waiting(lambda: None)
    book_id = api.add().json["id"]

    response = api.get(f"{book_id}?min_version=1")

    assert (response.status, response.headers["retry-after"]) == (503, "1")
    assert 0 < sum(pauses) <= WAIT_SECONDS


@pytest.mark.parametrize("version", [2, 999_999_999])
def test_a_min_version_that_no_command_has_returned_is_refused_at_once(
    api: Api, waiting: Waiting, version: int
) -> None:
    pauses = waiting(lambda: None)

    response = api.get(f"{api.added()}?min_version={version}")

    assert (response.status, pauses) == (404, [])
    assert response.json["type"].endswith("/no-such-version")
    assert f"has no version {version}" in response.json["detail"]


def test_the_min_version_of_an_unknown_book_is_refused_at_once(api: Api, waiting: Waiting) -> None:
    pauses = waiting(lambda: None)

    response = api.get(f"{UNKNOWN}?min_version=1")

    assert (response.status, pauses) == (404, [])
    assert response.json["type"].endswith("/no-such-book")


def test_the_min_version_of_a_removal_waits_for_it_and_returns_404(
    api: Api, waiting: Waiting
) -> None:
    book_id = api.added()
    version = api.remove(book_id).json["version"]
    waiting(api.project)

    assert api.get(f"{book_id}?min_version={version}").status == 404


@pytest.mark.parametrize(
    "value", ["0", "-1", "1.5", "one", "1e3", "+1", " 1", "٣", "1" * 11, "%00"]
)
def test_an_invalid_min_version_returns_400(api: Api, value: str) -> None:
    assert api.get(f"{api.added()}?min_version={value}").status == 400
