"""What each operation costs in requests, so that a new round trip fails a test, and in units."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import pytest

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.places import places, placing_of
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.domain.manifest import BOOKS
from core.ports.event_store import Claims
from core.ports.listing import EVERYTHING, Listing
from core.ports.read_model import Aside
from core.ports.views import Tombstone
from tests.support.books import books_by, envelope, history, view
from tests.support.dynamodb import catalogue_at
from tests.support.dynamodb_wire import Call, Wire, fresh_wire, twin_tables
from tests.support.sample import put

TAKE = Claims(take=frozenset(["isbn:9780141439587"]))
ASIDE = Aside("b", 1, "an event of a newer version")
RELEASE = Claims(release=TAKE.take)
USUAL: dict[str, Any] = {
    "title": "The Hound of the Baskervilles",
    "authors": ("Arthur Conan Doyle",),
    "isbn": "9780140437867",
    "language": "en",
    "published": "1902-03-25",
    "subjects": ("Detective and mystery stories", "Dartmoor (England)", "Fiction"),
    "description": "Sherlock Holmes and a legend. " * 20,
}


class Stores:
    """The adapters on one wire, in tables whose twins say what transactions cost."""

    def __init__(self, wire: Wire, events: str, catalogue: str) -> None:
        self.wire = wire
        self.events_table, self.catalogue_table = events, catalogue
        self.events = DynamoDbEventStore(wire.client, events, BOOKS.events, lambda _: None)
        self.read_model = DynamoDbReadModel(
            wire.client, catalogue, BOOKS, lambda _: None, lambda: 0.0
        )
        self.catalogue = self.read_model.live()
        self.read_model.targets()  # writes the pointer
        self.catalogue.get("warm up: it reads the pointer")


@pytest.fixture
def stores() -> Iterator[Stores]:
    with twin_tables() as (events, catalogue, twins):
        yield Stores(fresh_wire(twins), events, catalogue)


# --- the event store ----------------------------------------------------------------------------


def test_adding_a_book_is_one_put_of_one_unit(stores: Stores) -> None:
    (call,) = stores.wire.during(lambda: stores.events.append("emma", 0, [envelope("emma", 1)]))
    assert (call.action, call.units) == ("PutItem", 1)


def test_adding_a_book_with_an_isbn_is_one_transaction_of_four_units(stores: Stores) -> None:
    def add() -> None:
        stores.events.append("emma", 0, [envelope("emma", 1)], TAKE)

    (call,) = stores.wire.during(add)
    assert (call.action, call.units) == ("TransactWriteItems", 4)


def test_revising_a_book_is_one_query_and_one_put(stores: Stores) -> None:
    stores.events.append("emma", 0, [envelope("emma", 1)])

    def revise() -> None:
        version = len(stores.events.load("emma"))
        stores.events.append("emma", version, [envelope("emma", version + 1)])

    calls = stores.wire.during(revise)
    assert [(call.action, call.units) for call in calls] == [("Query", 1), ("PutItem", 1)]


@pytest.mark.parametrize("length", [200, 1_000])
def test_the_last_events_of_a_stream_cost_the_same_whatever_its_length(
    stores: Stores, length: int
) -> None:
    for first in range(1, length, 100):
        stores.events.append("emma", first - 1, history("emma", first, first + 99))

    (call,) = stores.wire.during(lambda: stores.events.load_last("emma", 60))
    assert (call.action, ceil(call.units)) == ("Query", 4)


@pytest.mark.parametrize(("characters", "written", "read"), [(500, 1, 0.5), (40_000, 40, 5)])
def test_a_snapshot_is_one_put_and_one_query_of_half_as_many_units(
    stores: Stores, characters: int, written: int, read: float
) -> None:
    text = "x" * characters
    (save,) = stores.wire.during(lambda: stores.events.save_snapshot("emma", 50, text))
    (load,) = stores.wire.during(lambda: stores.events.load_snapshot("emma", 50))
    assert (save.action, save.units) == ("PutItem", written)
    assert (load.action, load.units) == ("Query", read)


def test_removing_a_book_with_an_isbn_is_one_query_and_one_transaction(stores: Stores) -> None:
    stores.events.append("emma", 0, [envelope("emma", 1)], TAKE)

    def remove() -> None:
        version = len(stores.events.load("emma"))
        stores.events.append("emma", version, [envelope("emma", version + 1)], RELEASE)

    calls = stores.wire.during(remove)
    assert [(c.action, c.units) for c in calls] == [("Query", 1), ("TransactWriteItems", 4)]


def test_appending_after_a_version_that_was_never_read_costs_a_read_once(stores: Stores) -> None:
    stores.events.append("emma", 0, history("emma", 1, 2))
    fresh = DynamoDbEventStore(
        stores.wire.client, stores.events_table, BOOKS.events, lambda _: None
    )
    actions = stores.wire.actions
    assert actions(lambda: fresh.append("emma", 2, [envelope("emma", 3)])) == ["GetItem", "PutItem"]
    assert actions(lambda: fresh.append("emma", 3, [envelope("emma", 4)])) == ["PutItem"]


def test_the_health_checks_are_one_read_of_half_a_unit(stores: Stores) -> None:
    for check in (stores.events.check, stores.catalogue.check):
        (call,) = stores.wire.during(check)
        assert (call.action, call.units) == ("GetItem", 0.5)


# --- the read model -----------------------------------------------------------------------------


def test_setting_a_stream_aside_is_one_put_of_one_unit(stores: Stores) -> None:
    (call,) = stores.wire.during(lambda: stores.read_model.set_aside(ASIDE))
    assert (call.action, call.units) == ("PutItem", 1)


@pytest.mark.parametrize("count", [1, 20])
def test_what_is_aside_is_one_query(stores: Stores, count: int) -> None:
    for number in range(count):
        stores.read_model.set_aside(ASIDE._replace(stream=f"b{number}"))
    (call,) = stores.wire.during(stores.read_model.aside)
    assert (call.action, call.units) == ("Query", 1)


def test_resuming_a_stream_is_one_deletion_of_one_unit(stores: Stores) -> None:
    stores.read_model.set_aside(ASIDE)
    (call,) = stores.wire.during(lambda: stores.read_model.resume(ASIDE))
    assert (call.action, call.units) == ("DeleteItem", 1)


# --- the catalogue ------------------------------------------------------------------------------


def test_getting_a_book_is_one_get_item_of_one_unit(stores: Stores) -> None:
    put(stores.catalogue, view("b", **USUAL))
    (call,) = stores.wire.during(lambda: stores.catalogue.get("b"))
    assert (call.action, call.units) == ("GetItem", 1)


def test_a_get_that_is_due_to_read_the_pointer_is_one_request_of_two_units(
    stores: Stores,
) -> None:
    put(stores.catalogue, view("b", **USUAL))
    fresh = DynamoDbReadModel(
        stores.wire.client, stores.catalogue_table, BOOKS, lambda _: None, lambda: 0.0
    )
    (call,) = stores.wire.during(lambda: fresh.live().get("b"))
    assert (call.action, call.units) == ("BatchGetItem", 2)


@pytest.mark.parametrize(
    "listing",
    [
        books_by(),
        books_by(sort="added", descending=True),
        books_by(author="arthur conan doyle"),
        books_by(
            author="arthur conan doyle", subject="fiction", language="en", isbn="9780140437867"
        ),
        books_by(isbn="9780140437867", sort="published"),
        books_by(("the", "hound", "bask")),
        books_by(("hou",), language="en"),
    ],
    ids=str,
)
def test_a_page_is_one_query_and_one_batch(stores: Stores, listing: Listing) -> None:
    put(stores.catalogue, *(view(f"b{n}", **USUAL) for n in range(30)))
    query, batch = stores.wire.during(lambda: stores.catalogue.find(listing, None, 20))
    assert (query.action, batch.action) == ("Query", "BatchGetItem")


def test_an_empty_page_is_one_query(stores: Stores) -> None:
    nobody = books_by(author="x")
    assert stores.wire.actions(lambda: stores.catalogue.find(nobody, None, 20)) == ["Query"]


def test_a_page_costs_half_a_unit_for_each_view_and_not_the_catalogue(stores: Stores) -> None:
    put(stores.catalogue, *(view(f"b{n:03}", **USUAL) for n in range(60)))
    query, batch = stores.wire.during(lambda: stores.catalogue.find(books_by(), None, 20))
    assert (query.units, batch.units) == (0.5, 10)


def test_a_spread_term_costs_a_query_for_each_of_its_partitions(stores: Stores) -> None:
    spread = BOOKS._replace(listing=replace(BOOKS.listing, spread={EVERYTHING: 3}))
    catalogue = catalogue_at(stores.wire.client, stores.catalogue_table, spread, 7)
    put(catalogue, *(view(f"b{n:03}", **USUAL) for n in range(30)))
    actions = stores.wire.actions(lambda: catalogue.find(books_by(), None, 20))
    assert actions == ["Query", "Query", "Query", "BatchGetItem"]


def writes(calls: Sequence[Call]) -> tuple[dict[str, int], float]:
    """Return how many writes of each kind there are, and their units."""
    made = [call for call in calls if call.action not in {"GetItem", "BatchGetItem", "Query"}]
    return Counter(call.action for call in made), sum(call.units for call in made)


def test_projecting_a_new_book_of_usual_size_is_a_unit_for_each_place_and_one_for_the_view(
    stores: Stores,
) -> None:
    def project() -> None:
        assert stores.catalogue.get("b") is None
        stores.catalogue.replace(None, view("b", **USUAL))

    calls = stores.wire.during(project)
    assert (calls[0].action, calls[0].units) == ("GetItem", 1)
    assert writes(calls) == ({"PutItem": 27}, 27)


@pytest.mark.parametrize(
    ("changes", "made", "units"),
    [
        ({"description": "Shorter."}, {"PutItem": 1}, 1),
        ({"title": "A Study in Scarlet"}, {"PutItem": 15, "DeleteItem": 14}, 30),
        ({"subjects": (*USUAL["subjects"], "Dogs")}, {"PutItem": 15}, 15),
    ],
    ids=["of no key", "the title", "one subject more"],
)
def test_a_revision_costs_the_places_that_change(
    stores: Stores, changes: dict[str, Any], made: dict[str, int], units: float
) -> None:
    put(stores.catalogue, old := view("b", **USUAL))
    new = view("b", 2, **{**USUAL, **changes})
    assert writes(stores.wire.during(lambda: stores.catalogue.replace(old, new))) == (made, units)


def test_a_revision_after_one_that_left_places_behind_is_a_read_more(stores: Stores) -> None:
    put(stores.catalogue, first := view("b", **USUAL))
    stores.catalogue.replace(first, second := view("b", 2, **{**USUAL, "title": "Scarlet"}))
    third = view("b", 3, **{**USUAL, "title": "Scarlet", "description": "Shorter."})
    calls = stores.wire.during(lambda: stores.catalogue.replace(second, third))
    assert [(call.action, call.units) for call in calls] == [("PutItem", 2), ("GetItem", 1)]


def test_removing_a_book_is_a_unit_for_each_place_and_one_for_the_tombstone(
    stores: Stores,
) -> None:
    put(stores.catalogue, old := view("b", **USUAL))
    calls = stores.wire.during(lambda: stores.catalogue.replace(old, Tombstone("b", 2)))
    assert writes(calls) == ({"PutItem": 1, "DeleteItem": 26}, 27)


def test_projecting_an_event_again_is_a_read_more(stores: Stores) -> None:
    put(stores.catalogue, old := view("b", **USUAL))
    stores.catalogue.replace(old, gone := Tombstone("b", 2))
    calls = stores.wire.during(lambda: stores.catalogue.finish(gone))
    assert [(call.action, call.units) for call in calls] == [("GetItem", 1), ("GetItem", 1)]


def test_the_places_of_a_book_of_usual_size_are_small() -> None:
    found = places(1, BOOKS.listing, placing_of(BOOKS.listing, view("b" * 36, **USUAL)))
    sizes = [len(key.partition) + len(key.sort_key) + 5 * len(p.terms) for key, p in found.items()]
    assert (len(found), max(sizes) < 250) == (26, True)


def test_the_targets_of_a_batch_are_one_read(stores: Stores) -> None:
    assert stores.wire.actions(stores.read_model.targets) == ["GetItem"]
    stores.read_model.begin_rebuild()
    assert stores.wire.actions(stores.read_model.targets) == ["GetItem"]
