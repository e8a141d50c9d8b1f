"""DynamoDB does what it was asked, but its answer is lost, so it is asked again: by the client, or by our caller."""

from collections.abc import Iterator
from functools import partial

import pytest

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import ATTEMPTS
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.ports.catalogue import Listing, StaleView
from core.ports.errors import StoreUnavailable
from core.ports.event_store import NO_CLAIMS, Claims, ClaimTaken, VersionConflict
from tests.support.dynamodb import (
    fresh_events_table,
    fresh_generation,
    shared_catalogue_table,
)
from tests.support.dynamodb_wire import Wire, fresh_wire, lose_answers
from tests.support.books import envelope, history, view
from tests.support.walking import listed

TAKE = Claims(take=frozenset(["isbn:1"]))
APPENDS = [
    pytest.param("PutItem", 1, NO_CLAIMS, id="one event"),
    pytest.param("TransactWriteItems", 1, TAKE, id="event and claim"),
    pytest.param("TransactWriteItems", 3, NO_CLAIMS, id="several events"),
]


@pytest.fixture
def wire() -> Wire:
    return fresh_wire()


@pytest.fixture
def store(wire: Wire) -> Iterator[DynamoDbEventStore]:
    with fresh_events_table() as table:
        yield DynamoDbEventStore(wire.client, table, lambda _: None)


@pytest.fixture
def catalogue(wire: Wire) -> DynamoDbCatalogue:
    generation = fresh_generation()
    return DynamoDbCatalogue(
        wire.client, shared_catalogue_table(), lambda: generation, lambda _: None
    )


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_an_append_that_the_client_repeats_by_itself_succeeds_and_stores_once(
    wire: Wire, store: DynamoDbEventStore, action: str, last: int, claims: Claims
) -> None:
    wire.meddle = lose_answers(action, ATTEMPTS - 1)
    events = history("emma", 1, last)
    store.append("emma", 0, events, claims)
    assert store.load("emma") == events


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_an_append_whose_answers_were_all_lost_is_unavailability_and_its_repeat_succeeds(
    wire: Wire, store: DynamoDbEventStore, action: str, last: int, claims: Claims
) -> None:
    wire.meddle = lose_answers(action, ATTEMPTS)
    events = history("emma", 1, last)
    with pytest.raises(StoreUnavailable, match="ConnectionClosedError"):
        store.append("emma", 0, events, claims)
    store.append("emma", 0, events, claims)
    assert store.load("emma") == events


@pytest.mark.parametrize(("action", "last", "claims"), APPENDS)
def test_a_lost_answer_does_not_hide_that_another_was_faster(
    wire: Wire, store: DynamoDbEventStore, action: str, last: int, claims: Claims
) -> None:
    winner = envelope("emma", 1)
    store.append("emma", 0, [winner])
    wire.meddle = lose_answers(action, 1)
    with pytest.raises(VersionConflict):
        store.append("emma", 0, history("emma", 1, last), claims)
    assert store.load("emma") == [winner]


def test_a_lost_answer_does_not_hide_that_a_claim_was_taken(
    wire: Wire, store: DynamoDbEventStore
) -> None:
    store.append("emma", 0, [envelope("emma", 1)], TAKE)
    wire.meddle = lose_answers("TransactWriteItems", 1)
    with pytest.raises(ClaimTaken):
        store.append("persuasion", 0, [envelope("persuasion", 1)], TAKE)
    assert store.load("persuasion") == []


def test_a_release_that_is_repeated_gives_nobodys_claim_back(
    wire: Wire, store: DynamoDbEventStore
) -> None:
    store.append("emma", 0, [envelope("emma", 1)], TAKE)
    wire.meddle = lose_answers("TransactWriteItems", ATTEMPTS)
    release = partial(store.append, "emma", 1, [envelope("emma", 2)], Claims(release=TAKE.take))
    with pytest.raises(StoreUnavailable):
        release()
    store.append("persuasion", 0, [envelope("persuasion", 1)], TAKE)
    release()
    with pytest.raises(ClaimTaken) as taken:
        store.append("emma", 2, [envelope("emma", 3)], TAKE)
    assert taken.value.owner == "persuasion"


def test_a_replacement_that_the_client_repeats_by_itself_succeeds(
    wire: Wire, catalogue: DynamoDbCatalogue
) -> None:
    wire.meddle = lose_answers("TransactWriteItems", ATTEMPTS - 1)
    catalogue.replace(None, view("emma"))
    assert listed(catalogue, Listing(words=("emma",))) == ["emma"]


def test_a_replacement_whose_answers_were_all_lost_is_stale_when_it_is_repeated(
    wire: Wire, catalogue: DynamoDbCatalogue
) -> None:
    wire.meddle = lose_answers("TransactWriteItems", ATTEMPTS)
    with pytest.raises(StoreUnavailable):
        catalogue.replace(None, view("emma"))
    with pytest.raises(StaleView):
        catalogue.replace(None, view("emma"))
    assert catalogue.get("emma") == view("emma")
