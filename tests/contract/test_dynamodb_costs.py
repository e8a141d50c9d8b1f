"""What each operation costs in requests, so that a new round trip fails a test, and in units."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest

from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.items import item_size
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.domain.manifest import BOOKS
from core.ports.event_store import Claims
from core.ports.listing import Listing
from core.ports.read_model import Aside
from core.ports.views import Tombstone
from tests.support.books import books_by, envelope, history, view
from tests.support.dynamodb_wire import Wire, fresh_wire, twin_tables
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
        self.events_table = events
        self.events = DynamoDbEventStore(wire.client, events, BOOKS.events, lambda _: None)
        self.read_model = DynamoDbReadModel(
            wire.client, catalogue, BOOKS, lambda _: None, lambda: 0.0
        )
        self.catalogue = self.read_model.live()
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


def test_resuming_a_stream_is_one_transaction_of_two_units(stores: Stores) -> None:
    stores.read_model.set_aside(ASIDE)
    (call,) = stores.wire.during(lambda: stores.read_model.resume(ASIDE))
    assert (call.action, call.units) == ("TransactWriteItems", 2)


# --- the catalogue ------------------------------------------------------------------------------


def test_getting_a_book_is_one_get_item_of_one_unit(stores: Stores) -> None:
    put(stores.catalogue, view("b", **USUAL))
    (call,) = stores.wire.during(lambda: stores.catalogue.get("b"))
    assert (call.action, call.units) == ("GetItem", 1)


@pytest.mark.parametrize(
    "listing",
    [
        books_by(),
        books_by(sort="added", descending=True),
        books_by(author="arthur conan doyle"),
        books_by(
            author="arthur conan doyle", subject="fiction", language="en", isbn="9780140437867"
        ),
        books_by(("the", "hound", "bask")),
        books_by(("hou",), language="en"),
    ],
    ids=str,
)
def test_a_page_is_one_query(stores: Stores, listing: Listing) -> None:
    put(stores.catalogue, *(view(f"b{n}", **USUAL) for n in range(30)))
    (call,) = stores.wire.during(lambda: stores.catalogue.find(listing, None, 20))
    assert call.action == "Query"


def test_a_page_costs_the_entries_evaluated_and_not_the_catalogue(stores: Stores) -> None:
    put(stores.catalogue, *(view(f"b{n:03}", **USUAL) for n in range(60)))
    entry = max(map(item_size, index_entries(1, BOOKS, view("b000", **USUAL)).values()))
    (call,) = stores.wire.during(lambda: stores.catalogue.find(books_by(), None, 20))
    assert call.units <= ceil(21 * entry / 4096) / 2


def test_projecting_a_new_book_of_usual_size_is_one_read_and_one_transaction(
    stores: Stores,
) -> None:
    def project() -> None:
        assert stores.catalogue.get("b") is None
        stores.catalogue.replace(None, view("b", **USUAL))

    read, write = stores.wire.during(project)
    assert (read.action, read.units) == ("GetItem", 1)
    assert (write.action, write.units) == ("TransactWriteItems", units_of_all("b"))


def units_of_all(stream: str) -> float:
    """Return what the docstring says of a new book whose items are all of 1 KB at most."""
    book = view(stream, **USUAL)
    terms = 1 + len(book.details.authors) + len(book.details.subjects) + 2
    return 2 + terms * (2 + 3) + len(BOOKS.listing.words(book)) * (2 + 1)


def test_revising_a_field_of_no_key_costs_as_much_as_a_new_book(stores: Stores) -> None:
    put(stores.catalogue, old := view("b", **USUAL))
    new = view("b", 2, **{**USUAL, "description": USUAL["description"] + "!"})
    (call,) = stores.wire.during(lambda: stores.catalogue.replace(old, new))
    assert (call.action, call.units) == ("TransactWriteItems", units_of_all("b"))


def test_revising_a_title_is_one_transaction(stores: Stores) -> None:
    put(stores.catalogue, old := view("b", **USUAL))
    new = view("b", 2, **{**USUAL, "title": "A Study in Scarlet"})
    assert stores.wire.actions(lambda: stores.catalogue.replace(old, new)) == ["TransactWriteItems"]


def test_removing_a_book_is_one_transaction(stores: Stores) -> None:
    put(stores.catalogue, old := view("b", **USUAL))

    def remove() -> None:
        stores.catalogue.replace(old, Tombstone("b", 2))

    assert stores.wire.actions(remove) == ["TransactWriteItems"]


def test_a_book_of_99_entries_is_one_transaction(stores: Stores) -> None:
    book = view("b", title=" ".join(f"word{n}" for n in range(30)), subjects=subjects(65))
    assert len(index_entries(1, BOOKS, book)) == 99
    assert stores.wire.actions(lambda: put(stores.catalogue, book)) == ["TransactWriteItems"]


def test_a_book_of_100_entries_is_two_transactions_after_the_one_that_begins(
    stores: Stores,
) -> None:
    book = view("b", title=" ".join(f"word{n}" for n in range(30)), subjects=subjects(66))
    assert len(index_entries(1, BOOKS, book)) == 100
    actions = stores.wire.actions(lambda: put(stores.catalogue, book))
    assert actions == ["TransactWriteItems"] * 3


def subjects(count: int) -> tuple[str, ...]:
    return tuple(f"Subject {n}" for n in range(count))


def test_the_targets_of_a_batch_are_one_read(stores: Stores) -> None:
    assert stores.wire.actions(stores.read_model.targets) == ["GetItem"]
    stores.read_model.begin_rebuild()
    assert stores.wire.actions(stores.read_model.targets) == ["GetItem"]
