from collections.abc import Callable, Iterator

import httpx
import pytest

from apps.importer.client import Halted
from apps.importer.outcomes import Outcome, Verdict, Written
from apps.importer.retrying import Backoff, wait_asked_for
from apps.local.token import NoToken
from tests.unit.importer.fake_catalogue import BASE, FakeCatalogue, Fault, command_client

BOOK = {"title": "A", "authors": ["B"], "isbn": "9780306406157"}


def in_turn(*faults: Fault | None) -> Callable[[], Fault | None]:
    waiting = iter(faults)
    return lambda: next(waiting, None)


class Waits(list[float]):
    """Pauses that take no time."""

    def pause(self, seconds: float) -> bool:
        self.append(seconds)
        return False


def always(response: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: response


def problem_response(status: int, **members: object) -> httpx.Response:
    return httpx.Response(status, json=members)


def test_a_new_book_is_added_and_its_response_is_stamped() -> None:
    catalogue = FakeCatalogue()
    outcome = command_client(catalogue).send(BOOK)
    (book_id,) = catalogue.books
    assert outcome == Outcome(Verdict.ADDED, written=Written(book_id, 1, 1.0))


def test_the_same_book_again_is_already_there() -> None:
    client = command_client(FakeCatalogue())
    client.send(BOOK)
    assert client.send(dict(reversed(BOOK.items()))) == Outcome(Verdict.ALREADY_THERE)


def test_a_request_carries_the_book_the_key_and_the_token() -> None:
    catalogue = FakeCatalogue()
    command_client(catalogue).send(BOOK)
    (request,) = catalogue.requests
    assert str(request.url) == f"{BASE}/v1/catalog/books"
    assert request.headers["Authorization"] == "Bearer token"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"].startswith("import-")
    assert list(catalogue.books.values()) == [BOOK]


def test_the_isbn_of_another_book_is_rejected_with_that_books_id() -> None:
    catalogue = FakeCatalogue()
    client = command_client(catalogue)
    client.send(BOOK)
    outcome = client.send(BOOK | {"title": "Z"})
    assert outcome.verdict is Verdict.REJECTED
    assert next(iter(catalogue.books)) in outcome.reason


def test_an_invalid_book_is_rejected_with_all_errors() -> None:
    errors = [
        {"pointer": "/title", "message": "is required"},
        {"pointer": "/published", "message": "must be\na year"},
    ]
    outcome = command_client(always(problem_response(422, errors=errors))).send(BOOK)
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.reason == "/title is required; /published must be a year"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_row_that_is_refused_without_a_problem_document_is_rejected(status: int) -> None:
    outcome = command_client(always(httpx.Response(status, text="<html>"))).send(BOOK)
    assert outcome == Outcome(Verdict.REJECTED, f"status {status}")


@pytest.mark.parametrize(
    "fault",
    [
        problem_response(503, detail="The store is throttled or unavailable."),
        problem_response(429),
        problem_response(500),
        problem_response(409, detail="Others repeatedly changed the book."),
        httpx.Response(502, text="<html>"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("closed"),
    ],
)
def test_temporary_failures_are_retried(fault: Fault) -> None:
    catalogue = FakeCatalogue(in_turn(fault))
    assert command_client(catalogue).send(BOOK).verdict in {Verdict.ADDED, Verdict.ALREADY_THERE}
    assert len(catalogue.requests) == 2
    assert len(catalogue.books) == 1


def test_a_service_that_stays_unavailable_fails_the_row_with_its_last_response() -> None:
    waits = Waits()
    client = command_client(
        always(problem_response(503, detail="The store is throttled.")),
        pause=waits.pause,
        attempts=4,
    )
    outcome = client.send(BOOK)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason == "the service returned 503: The store is throttled., 4 times"
    assert waits == [0.25, 0.5, 1.0]


def test_an_unreachable_service_is_reported() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    outcome = command_client(refuse).send(BOOK)
    assert outcome.verdict is Verdict.FAILED
    assert "no response from http://command.test" in outcome.reason


def test_retry_after_is_honoured() -> None:
    waits = Waits()
    busy = httpx.Response(503, headers={"Retry-After": "7"})
    catalogue = FakeCatalogue(in_turn(busy))
    command_client(catalogue, pause=waits.pause).send(BOOK)
    assert waits == [7.0]


def test_a_retry_after_beyond_patience_fails_the_row_at_once() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "3600"})
    outcome = command_client(always(busy), pause=lambda _: pytest.fail("waited")).send(BOOK)
    assert outcome.verdict is Verdict.FAILED
    assert "asks to wait 3,600 s" in outcome.reason


def test_a_stop_ends_the_wait() -> None:
    catalogue = FakeCatalogue(lambda: problem_response(503))
    outcome = command_client(catalogue, pause=lambda _: True).send(BOOK)
    assert outcome.verdict is Verdict.FAILED
    assert "when it was stopped" in outcome.reason
    assert len(catalogue.requests) == 1


def test_an_expired_token_is_replaced_once_for_all() -> None:
    tokens: Iterator[str] = iter(["old", "new"])
    catalogue = FakeCatalogue()

    def service(request: httpx.Request) -> httpx.Response:
        fresh = request.headers["Authorization"] == "Bearer new"
        return catalogue(request) if fresh else problem_response(401, message="Unauthorized")

    client = command_client(service, fetch_token=lambda: next(tokens))
    assert client.send(BOOK).verdict is Verdict.ADDED
    assert client.send(BOOK).verdict is Verdict.ALREADY_THERE


def test_a_token_that_another_worker_has_replaced_is_not_fetched_again() -> None:
    tokens = command_client(FakeCatalogue(), fetch_token=iter(["old", "new"]).__next__).tokens
    assert tokens.current() == "old"
    assert tokens.instead_of("old") == "new"
    assert tokens.instead_of("old") == "new"


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (problem_response(401, message="Unauthorized"), "refuses the token"),
        (problem_response(403, message="Forbidden"), "lacks the scope books:write"),
        (problem_response(404, message="Not Found"), "is that the command service"),
        (httpx.Response(302, headers={"Location": "/"}), "is that the command service"),
        (httpx.Response(201, text="hello"), "without an id"),
    ],
)
def test_a_response_that_every_row_would_get_halts_the_import(
    refusal: httpx.Response, reason: str
) -> None:
    with pytest.raises(Halted, match=reason):
        command_client(always(refusal)).send(BOOK)


def test_no_token_halts_the_import_with_the_reason() -> None:
    def fetch() -> str:
        raise NoToken("Start it: make run")

    with pytest.raises(Halted, match="make run"):
        command_client(FakeCatalogue(), fetch_token=fetch).send(BOOK)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("-3", 0.0),
        ("soon", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_ignored_when_invalid(
    header: str | None, seconds: float
) -> None:
    assert wait_asked_for(header) == seconds


def test_retry_after_may_be_a_date_in_the_future() -> None:
    assert wait_asked_for("Fri, 01 Jan 2999 00:00:00 GMT") > 3600


def test_backoff_doubles_up_to_its_maximum() -> None:
    delays = list(Backoff(attempts=5, first_seconds=1.0, max_seconds=3.0).delays(lambda: 1.0))
    assert delays == [1.0, 2.0, 3.0, 3.0, None]
