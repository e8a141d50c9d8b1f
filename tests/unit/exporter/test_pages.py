import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from apps.exporter.pages import NoBooks, Page, QueryClient, book_of
from apps.importer.retrying import Backoff, GaveUp, Patience

Service = Callable[[httpx.Request], httpx.Response]

VIEW = {
    "id": "a",
    "version": 3,
    "title": "A",
    "authors": ["B"],
    "subjects": [],
    "description": "C",
    "added_at": "2024-05-17T12:00:00.000000Z",
    "revised_at": "2024-05-18T12:00:00.000000Z",
}
BOOK = {"title": "A", "authors": ["B"], "description": "C"}


@contextmanager
def client_of(service: Service, parallel: int = 2) -> Iterator[QueryClient]:
    http = httpx.Client(transport=httpx.MockTransport(service), base_url="http://query.test")
    patience = Patience(lambda _: False, Backoff(attempts=3), jitter=lambda: 1.0)
    with ThreadPoolExecutor(parallel) as workers:
        yield QueryClient(http, patience, workers)


def listing(*ids: str, following: str | None = None) -> httpx.Response:
    items = [{"id": book_id} for book_id in ids]
    return httpx.Response(200, json={"items": items} | ({"next": following} if following else {}))


def is_listing(request: httpx.Request) -> bool:
    return request.url.path.endswith("/books")


def test_a_page_has_each_book_in_full_in_the_order_of_the_listing() -> None:
    asked: list[dict[str, str]] = []

    def service(request: httpx.Request) -> httpx.Response:
        if is_listing(request):
            asked.append(dict(request.url.params))
            return listing("a", "b", following="two")
        return httpx.Response(200, json={**VIEW, "title": request.url.path.rpartition("/")[2]})

    with client_of(service) as client:
        expected = Page([{**BOOK, "title": "a"}, {**BOOK, "title": "b"}], "two")
        assert client.page(None) == expected
        assert client.page("one") == expected
    first = {"sort": "added", "limit": "100"}
    assert asked == [first, {**first, "cursor": "one"}]


def test_a_book_is_what_a_post_takes_and_keeps_fields_that_are_not_known_here() -> None:
    assert book_of(VIEW) == BOOK
    assert book_of({**VIEW, "pages": 7}) == {**BOOK, "pages": 7}


def test_a_book_that_was_removed_since_it_was_listed_is_left_out() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        if is_listing(request):
            return listing("a", "gone")
        gone = request.url.path.endswith("gone")
        return httpx.Response(404 if gone else 200, json=VIEW)

    with client_of(service) as client:
        assert client.page(None) == Page([BOOK], None)


def test_an_empty_page_is_not_the_last_while_there_is_a_next_one() -> None:
    with client_of(lambda request: listing(following="two")) as client:
        assert client.page(None) == Page([], "two")


def test_the_books_of_a_page_are_read_concurrently() -> None:
    together = threading.Barrier(4, timeout=30)

    def service(request: httpx.Request) -> httpx.Response:
        if is_listing(request):
            return listing(*"abcdefgh")
        together.wait()
        return httpx.Response(200, json=VIEW)

    with client_of(service, 4) as client:
        assert len(client.page(None).books) == 8


@pytest.mark.parametrize("fault", [503, 429, 500, httpx.ReadError("lost")])
def test_temporary_failures_are_retried(fault: int | Exception) -> None:
    faults = iter([fault, fault])

    def service(request: httpx.Request) -> httpx.Response:
        match next(faults, None):
            case int(status):
                return httpx.Response(status)
            case Exception() as error:
                raise error
        return listing("a") if is_listing(request) else httpx.Response(200, json=VIEW)

    with client_of(service) as client:
        assert client.page(None) == Page([BOOK], None)


def test_a_book_that_stays_unavailable_ends_the_export() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        return listing("a") if is_listing(request) else httpx.Response(503, json={"detail": "No."})

    with client_of(service) as client, pytest.raises(GaveUp, match=r"returned 503: No\., 3 times"):
        client.page(None)


@pytest.mark.parametrize(
    ("listed", "read", "reason"),
    [
        (httpx.Response(404), VIEW, "books.* returned 404"),
        (httpx.Response(200, text="<html>"), VIEW, "Is that the query service"),
        (httpx.Response(400, json={"detail": "Bad cursor."}), VIEW, r"returned 400: Bad cursor\."),
        (listing("a"), [], "books/a returned 200"),
    ],
)
def test_a_response_that_is_no_query_services_ends_the_export(
    listed: httpx.Response, read: object, reason: str
) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        return listed if is_listing(request) else httpx.Response(200, json=read)

    with client_of(service) as client, pytest.raises(NoBooks, match=reason):
        client.page(None)
