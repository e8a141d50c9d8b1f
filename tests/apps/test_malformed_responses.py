"""What a client sees while the responses of a DynamoDB are cut off: 503, and nothing is lost."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from core.adapters.dynamodb.client import MAX_ATTEMPTS
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.application.projection import project
from core.domain.manifest import BOOKS
from tests.apps.conftest import Use
from tests.support.api import Api
from tests.support.dynamodb import fresh_catalogue_table, fresh_events_table
from tests.support.dynamodb_responses import Response, cut
from tests.support.dynamodb_wire import Interceptor, Wire, new_wire
from tests.support.dynamodb_wire import Send as SendOn
from tests.support.example import EMMA
from tests.support.gateway import HttpResponse

Send = Callable[[Api, str], HttpResponse]
Serve = Callable[[Api, Wire], str]

CHANGE = {"title": "Emma, revised"}
REQUESTS: dict[str, tuple[Send, int]] = {
    "POST": (lambda api, _: api.add(), 201),
    "PATCH": (lambda api, book_id: api.revise(book_id, CHANGE), 200),
    "DELETE": (lambda api, book_id: api.remove(book_id), 200),
    "GET": (lambda api, book_id: api.get(book_id), 200),
    "GET a list": (lambda api, _: api.get("?limit=5"), 200),
    "GET a history": (lambda api, book_id: api.history(book_id), 200),
    "command health": (lambda api, _: api.gateway.send("GET", "/v1/catalog/health/command"), 200),
    "query health": (lambda api, _: api.gateway.send("GET", "/v1/catalog/health/query"), 200),
}


@pytest.fixture(scope="module")
def tables() -> Iterator[tuple[str, str]]:
    """Yield the names of the tables, which all these tests share: each has a book of its own."""
    with fresh_events_table() as events, fresh_catalogue_table() as catalogue:
        yield events, catalogue


@pytest.fixture
def serve(use: Use, tables: tuple[str, str]) -> Serve:
    """Return what lets both services use a wire, and returns the id of a book that they show."""
    events, catalogue = tables

    def put(api: Api, wire: Wire) -> str:
        store = DynamoDbEventStore(wire.client, events, BOOKS.events, lambda _: None)
        model = DynamoDbReadModel(wire.client, catalogue, BOOKS, lambda _: None, lambda: 0.0)
        use(store, model)
        book_id = str(api.add().json["id"])
        for event in store.load(book_id):
            project(event, model.live(), store, BOOKS)
        return book_id

    return put


@cache
def wire_without_retries() -> Wire:
    """Return a wire whose quota of retries is soon used up, so that these tests take less time."""
    return new_wire()


def cut_all(part: float, count: int | None = None) -> Interceptor:
    """Return what cuts off ``count`` responses, or all of them, of each action."""
    left: dict[str, int] = {}

    def intercept(action: str, send: SendOn) -> Response:
        response = send()
        left[action] = left.get(action, count if count is not None else 10**9) - 1
        return cut(response, part) if left[action] >= 0 else response

    return intercept


@pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.9999])
@pytest.mark.parametrize("request_line", REQUESTS)
def test_responses_that_are_cut_off_return_503_with_retry_after(
    api: Api, serve: Serve, request_line: str, part: float
) -> None:
    wire = wire_without_retries()
    book_id = serve(api, wire)
    wire.intercept = cut_all(part)
    response = REQUESTS[request_line][0](api, book_id)
    wire.intercept = None
    assert response.status == 503, response.text
    assert int(response.headers["retry-after"]) >= 1
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("request_line", REQUESTS)
def test_a_client_does_not_see_responses_that_are_cut_off_less_often_than_they_are_requested(
    api: Api, serve: Serve, request_line: str
) -> None:
    wire = new_wire()
    book_id = serve(api, wire)
    wire.intercept = cut_all(0.5, MAX_ATTEMPTS - 1)
    send, status = REQUESTS[request_line]
    assert send(api, book_id).status == status


def test_a_command_whose_responses_were_cut_off_is_accepted_once_when_it_is_repeated(
    api: Api, serve: Serve
) -> None:
    wire = new_wire()
    serve(api, wire)
    wire.intercept = cut_all(0.5)
    key = {"Idempotency-Key": "key-1"}
    assert api.add(EMMA, key).status == 503
    wire.intercept = None
    response = api.add(EMMA, key)
    assert response.status == 201
    history = api.history(str(response.json["id"])).json["items"]
    assert [event["version"] for event in history] == [1]
