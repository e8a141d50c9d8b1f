"""Listings and histories may be kept by caches, which ask whether they are still the same."""

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.gateway import ANN, Headers, HttpResponse

Get = Callable[[Api, Headers], HttpResponse]


def of_first(path: str) -> Get:
    """Return a function that gets ``path`` of the one book that there is."""

    def get(api: Api, headers: Headers) -> HttpResponse:
        [item] = api.get().json["items"]
        return api.get(path.format(**item), headers, ANN)

    return get


RESPONSES: dict[str, Get] = {
    "a listing": lambda api, headers: api.get("", headers),
    "a history": of_first("{id}/history"),
    "a view as of a time": of_first("{id}/history?as_of=2999-01-01T00:00:00Z"),
}
each = pytest.mark.parametrize("get", RESPONSES.values(), ids=RESPONSES.keys())


@each
def test_a_response_is_revalidated_by_a_strong_entity_tag(api: Api, get: Get) -> None:
    api.added()
    first = get(api, {})

    again = get(api, {"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["etag"].startswith('"')
    assert (again.status, again.text) == (304, "")
    assert (again.headers["etag"], again.headers["cache-control"]) == (
        first.headers["etag"],
        "no-cache",
    )


@each
@pytest.mark.parametrize("tags", ['"other", W/{}', "*"])
def test_one_of_several_tags_and_any_tag_match(api: Api, get: Get, tags: str) -> None:
    api.added()
    tag = get(api, {}).headers["etag"]

    assert get(api, {"If-None-Match": tags.format(tag)}).status == 304


@each
def test_a_response_that_has_changed_is_sent_whole(api: Api, get: Get) -> None:
    book_id = api.added()
    first = get(api, {})
    api.revise(book_id, {"title": "Another"})
    api.project()

    changed = get(api, {"If-None-Match": first.headers["etag"]})

    assert changed.status == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert changed.text != first.text


@each
def test_a_tag_that_is_none_returns_400(api: Api, get: Get) -> None:
    api.added()

    assert get(api, {"If-None-Match": "1"}).status == 400


def test_pages_of_a_listing_have_different_tags(api: Api) -> None:
    for title in ("One", "Two"):
        api.added(title=title)
    first = api.get("?limit=1")

    second = api.get("?limit=1&cursor=" + first.json["next"])

    assert first.headers["etag"] != second.headers["etag"]
    assert "link" in first.headers


@each
@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0", "*/*;q=0"])
def test_accept_is_ignored(api: Api, get: Get, accept: str) -> None:
    api.added()

    response = get(api, {"Accept": accept})

    assert (response.status, response.headers["content-type"]) == (200, "application/json")


def test_accept_is_ignored_by_commands_and_problems_too(api: Api) -> None:
    image = {"Accept": "image/png"}

    added, problem = api.add(headers=image), api.get("?limit=0", image)

    assert (added.status, added.headers["content-type"]) == (201, "application/json")
    assert (problem.status, problem.headers["content-type"]) == (400, "application/problem+json")
