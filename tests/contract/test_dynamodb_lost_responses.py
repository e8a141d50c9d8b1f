"""DynamoDB carries a request out, but its response is lost or cut off, so it is sent again.

The repeat is the client's own or that of the adapter's caller.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import MAX_ATTEMPTS
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.domain.details import BookDetails
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.event_store import NO_CLAIMS, Claims, ClaimTaken, VersionConflict
from tests.support.books import BookView, books_by, envelope, history, view
from tests.support.dynamodb import (
    catalogue_at,
    fresh_events_table,
    fresh_generation,
    shared_catalogue_table,
)
from tests.support.dynamodb_responses import Response, cut_responses
from tests.support.dynamodb_wire import Interceptor, Send, Wire, lose_responses, new_wire
from tests.support.walking import listed

Lose = Callable[[str, int], Interceptor]
TAKE = Claims(take=frozenset(["isbn:1"]))
APPENDS = [
    pytest.param("PutItem", 1, NO_CLAIMS, id="one event"),
    pytest.param("TransactWriteItems", 1, TAKE, id="event and claim"),
    pytest.param("TransactWriteItems", 3, NO_CLAIMS, id="several events"),
]


@pytest.fixture(params=[lose_responses, cut_responses])
def lose(request: pytest.FixtureRequest) -> Lose:
    """Return what loses the responses to the next requests for an action."""
    chosen: Lose = request.param
    return chosen


@pytest.fixture
def wire(carrier: str) -> Wire:
    """Return a wire whose quota of retries no test before has used."""
    return new_wire(carrier)


@pytest.fixture
def store(wire: Wire) -> Iterator[DynamoDbEventStore[BookEvent]]:
    with fresh_events_table() as table:
        yield DynamoDbEventStore(wire.client, table, BOOKS.events, lambda _: None)


@pytest.fixture
def catalogue(wire: Wire) -> DynamoDbCatalogue[BookDetails]:
    generation = fresh_generation()
    return catalogue_at(wire.client, shared_catalogue_table(), BOOKS, generation)


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_an_append_that_the_client_retries_succeeds_and_stores_once(
    wire: Wire,
    store: DynamoDbEventStore[BookEvent],
    lose: Lose,
    action: str,
    last: int,
    claims: Claims,
) -> None:
    wire.intercept = lose(action, MAX_ATTEMPTS - 1)
    events = history("emma", 1, last)
    store.append("emma", 0, events, claims)
    assert store.load("emma") == events


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_an_append_whose_responses_are_all_lost_raises_store_unavailable_and_its_repeat_succeeds(
    wire: Wire,
    store: DynamoDbEventStore[BookEvent],
    lose: Lose,
    action: str,
    last: int,
    claims: Claims,
) -> None:
    wire.intercept = lose(action, MAX_ATTEMPTS)
    events = history("emma", 1, last)
    with pytest.raises(StoreUnavailable, match=r"NoResponse|Malformed"):
        store.append("emma", 0, events, claims)
    store.append("emma", 0, events, claims)
    assert store.load("emma") == events


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_a_lost_response_does_not_hide_a_conflict(
    wire: Wire,
    store: DynamoDbEventStore[BookEvent],
    lose: Lose,
    action: str,
    last: int,
    claims: Claims,
) -> None:
    winner = envelope("emma", 1)
    store.append("emma", 0, [winner])
    wire.intercept = lose(action, 1)
    with pytest.raises(VersionConflict):
        store.append("emma", 0, history("emma", 1, last), claims)
    assert store.load("emma") == [winner]


def test_a_lost_response_does_not_hide_that_a_claim_is_taken(
    wire: Wire, store: DynamoDbEventStore[BookEvent], lose: Lose
) -> None:
    store.append("emma", 0, [envelope("emma", 1)], TAKE)
    wire.intercept = lose("TransactWriteItems", 1)
    with pytest.raises(ClaimTaken):
        store.append("persuasion", 0, [envelope("persuasion", 1)], TAKE)
    assert store.load("persuasion") == []


def test_a_repeated_release_releases_no_claim_of_another_stream(
    wire: Wire, store: DynamoDbEventStore[BookEvent], lose: Lose
) -> None:
    store.append("emma", 0, [envelope("emma", 1)], TAKE)
    wire.intercept = lose("TransactWriteItems", MAX_ATTEMPTS)
    release = partial(store.append, "emma", 1, [envelope("emma", 2)], Claims(release=TAKE.take))
    with pytest.raises(StoreUnavailable):
        release()
    store.append("persuasion", 0, [envelope("persuasion", 1)], TAKE)
    release()
    with pytest.raises(ClaimTaken) as taken:
        store.append("emma", 2, [envelope("emma", 3)], TAKE)
    assert taken.value.owner == "persuasion"


@pytest.mark.parametrize("old", [None, view("emma")], ids=["new", "replaced"])
@pytest.mark.parametrize("action", ["PutItem", "DeleteItem"])
def test_a_replacement_that_the_client_retries_succeeds(
    wire: Wire,
    catalogue: DynamoDbCatalogue[BookDetails],
    lose: Lose,
    action: str,
    old: BookView | None,
) -> None:
    if old is not None:
        catalogue.replace(None, old)
    wire.intercept = lose(action, MAX_ATTEMPTS - 1)
    catalogue.replace(old, view("emma", 2, title="Else"))
    assert listed(catalogue, books_by(("else",))) == ["emma"]


@pytest.mark.parametrize("part", [0, 0.5, 1], ids=["from the first", "from the middle", "the last"])
def test_a_replacement_whose_responses_are_all_lost_succeeds_when_it_is_repeated(
    wire: Wire, catalogue: DynamoDbCatalogue[BookDetails], lose: Lose, part: float
) -> None:
    actions = wire.actions(lambda: catalogue.replace(None, view("other", title="Else")))
    puts = [number for number, action in enumerate(actions) if action == "PutItem"]
    left = [puts[round(part * (len(puts) - 1))]]
    losing = lose("PutItem", MAX_ATTEMPTS)

    def lose_later(action: str, send: Send) -> Response | None:
        left[0] -= 1
        return losing(action, send) if left[0] < 0 else None

    wire.intercept = lose_later
    with pytest.raises(StoreUnavailable):
        catalogue.replace(None, view("emma"))
    wire.intercept = None
    catalogue.replace(None, view("emma"))
    assert catalogue.get("emma") == view("emma")
    assert listed(catalogue, books_by(("emma",))) == ["emma"]
