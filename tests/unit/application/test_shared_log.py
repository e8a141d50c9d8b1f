"""Two domains in one log: each ignores the streams of the other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.errors import KeyReused
from core.application.handling import Accepted
from core.application.log import catch_up, rebuild
from core.application.projection import project
from core.application.queries import QueryHandler
from core.domain.book import BookState
from core.domain.details import BookDetails
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.domain import Domain
from core.ports.event_store import OrderedEventStore
from core.ports.events import NothingChanged
from core.ports.listing import Listing
from core.ports.read_model import Aside, ReadModel
from core.ports.refusals import NotFound
from core.ports.views import View
from tests.support.desk import NOON, Desk, request
from tests.support.example import EMMA
from tests.support.unreliable_stores import Broken
from tests.support.walking import listed
from tests.unit.application.lamps import (
    LAMPS,
    LampDetails,
    Light,
    Lit,
    PutOutLamp,
    lamp_event,
    lamp_handler,
    lit_again,
)

LAMP = "lamp-1"
AnyDomain = Domain[Any, Any, Any, Any]
ReadLog = Callable[[ReadModel[Any], OrderedEventStore[Any], AnyDomain], None]


@pytest.fixture
def catalogue() -> MemoryCatalogue[BookDetails]:
    return MemoryCatalogue(BOOKS.listing)


@pytest.fixture
def store() -> MemoryEventStore[Any]:
    """An event store with a lamp that was lit, put out and lit again."""
    store: MemoryEventStore[Any] = MemoryEventStore()
    store.append(LAMP, 0, lit_again(LAMP))
    return store


@pytest.fixture
def queries(store: MemoryEventStore[Any]) -> QueryHandler[BookState, BookEvent, BookDetails]:
    model = MemoryReadModel(BOOKS.listing)
    return QueryHandler(BOOKS, model, lambda: store, lambda: NOON, lambda _: None, lambda: 0.0)


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


# --- projection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("index", range(3))
def test_a_foreign_event_is_skipped_without_reading_the_log(
    catalogue: MemoryCatalogue[BookDetails], index: int
) -> None:
    event = lit_again(LAMP)[index]
    unread = Broken(AssertionError("the log was read"))

    assert project(event, catalogue, unread, BOOKS) is False
    assert catalogue.get(LAMP) is None


def test_a_record_that_nothing_changed_in_a_foreign_stream_is_skipped(
    catalogue: MemoryCatalogue[BookDetails], store: MemoryEventStore[Any]
) -> None:
    record = lamp_event(LAMP, 4, NothingChanged())
    store.append(LAMP, 3, [record])

    assert project(record, catalogue, store, BOOKS) is False
    assert catalogue.get(LAMP) is None


def follow(model: ReadModel[Any], store: OrderedEventStore[Any], domain: AnyDomain) -> None:
    catch_up("test", model, store, domain, fail)


def rebuild_from(model: ReadModel[Any], store: OrderedEventStore[Any], domain: AnyDomain) -> None:
    rebuild(model, store, domain, fail, lambda _: None)


@pytest.mark.parametrize("read_log", [follow, rebuild_from])
def test_a_read_model_has_the_streams_of_its_own_domain_alone(read_log: ReadLog) -> None:
    desk = Desk()
    lamps = lamp_handler(desk.store)
    book = desk.add().id
    lamp = lamps.create(Light("red"), request("Light", "red", "key")).id
    desk.revise(book, {"title": "Emma"}, "key")
    lamps.handle(lamp, Light("red"), request("Light", "red", "another key"))
    book_model = MemoryReadModel(BOOKS.listing)
    lamp_model = MemoryReadModel(LAMPS.listing)

    read_log(book_model, desk.store, BOOKS)
    read_log(lamp_model, desk.store, LAMPS)

    assert listed(book_model.live(), Listing()) == [book]
    assert listed(lamp_model.live(), Listing()) == [lamp]
    assert book_model.live().get(lamp) is None
    assert lamp_model.live().get(book) is None
    view = lamp_model.live().get(lamp)
    assert isinstance(view, View)
    assert (view.version, view.details) == (2, LampDetails(colour="red"))


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "key"])
@pytest.mark.parametrize("if_match", [None, {3}, {9}])
def test_a_foreign_stream_is_not_found_by_commands(
    store: MemoryEventStore[Any], key: str | None, if_match: set[int] | None
) -> None:
    desk = Desk(store)

    with pytest.raises(NotFound, match="book"):
        desk.revise(LAMP, {"title": "E"}, key, if_match)
    with pytest.raises(NotFound, match="book"):
        desk.remove(LAMP, key, if_match)
    assert len(store.load(LAMP)) == 3


def test_a_foreign_stream_with_a_record_that_nothing_changed_is_not_found_by_commands(
    store: MemoryEventStore[Any],
) -> None:
    lamps = lamp_handler(store)
    lamps.handle(LAMP, Light("green"), request("Light", "green", "key"))

    with pytest.raises(NotFound):
        Desk(store).revise(LAMP, {"title": "E"}, "another key")
    with pytest.raises(KeyReused):
        Desk(store).revise(LAMP, {"title": "E"}, "key")
    assert store.load(LAMP)[3].event == NothingChanged()


def test_a_key_of_a_creation_in_one_domain_is_refused_for_a_creation_in_another() -> None:
    desk = Desk()
    lamps = lamp_handler(desk.store)
    lamp = lamps.create(Light("red"), request("Light", "red", "key")).id

    with pytest.raises(KeyReused):
        desk.add(EMMA, "key")
    assert [e.event for e in desk.events(lamp)] == [Lit(colour="red")]


@pytest.mark.parametrize("invalid", [{"title": ""}, None])
def test_a_key_of_a_creation_in_one_domain_is_refused_for_an_invalid_creation_in_another(
    invalid: object,
) -> None:
    desk = Desk()
    lamp_handler(desk.store).create(Light("red"), request("Light", "red", "key"))

    with pytest.raises(KeyReused):
        desk.add(invalid, "key")


def test_a_key_of_a_change_in_one_domain_may_be_used_for_a_change_in_another(
    store: MemoryEventStore[Any],
) -> None:
    desk = Desk(store)
    book = desk.add().id
    desk.revise(book, {"title": "E"}, "key")

    put_out = lamp_handler(store).handle(LAMP, PutOutLamp(), request("PutOut", None, "key"))

    assert put_out == Accepted(LAMP, 4)


# --- queries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_a_foreign_stream_has_no_history(
    queries: QueryHandler[BookState, BookEvent, BookDetails], limit: int
) -> None:
    with pytest.raises(NotFound, match="book"):
        queries.history(LAMP, 0, limit)


@pytest.mark.parametrize("after", [1, 2, 3, 9])
def test_a_foreign_stream_has_no_later_events_either(
    queries: QueryHandler[BookState, BookEvent, BookDetails], after: int
) -> None:
    assert queries.history(LAMP, after, 10) == ([], None)


@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 60])
def test_a_foreign_stream_has_no_view_as_of_any_instant(
    queries: QueryHandler[BookState, BookEvent, BookDetails], seconds: int
) -> None:
    with pytest.raises(NotFound, match="book"):
        queries.view_as_of(LAMP, NOON + timedelta(seconds=seconds))


def test_a_foreign_stream_with_a_record_that_nothing_changed_has_no_view_as_of_any_instant(
    store: MemoryEventStore[Any], queries: QueryHandler[BookState, BookEvent, BookDetails]
) -> None:
    store.append(LAMP, 3, [lamp_event(LAMP, 4, NothingChanged())])

    with pytest.raises(NotFound):
        queries.view_as_of(LAMP, NOON + timedelta(seconds=60))
    with pytest.raises(NotFound):
        queries.history(LAMP, 0, 10)
