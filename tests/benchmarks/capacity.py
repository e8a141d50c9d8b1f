"""The requests and capacity units of operations on DynamoDB, and their price.

Measured with a book of usual size in DynamoDB Local (or in DYNAMODB_ENDPOINT), by DynamoDB's own
ConsumedCapacity. Prices: on-demand, Standard table class, US East (N. Virginia), in force since
2024-11-01 (https://aws.amazon.com/dynamodb/pricing/on-demand/). A table's stream read by Lambda
costs no read units.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.items import item_size
from core.adapters.dynamodb.placement import overwritten
from core.adapters.dynamodb.places import places, placing_of
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.adapters.dynamodb.views import projected_attributes
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookRevised
from core.domain.manifest import BOOKS
from core.ports.event_store import Claims
from core.ports.views import Tombstone, View
from tests.benchmarks.measuring import Data
from tests.support.books import NOON, BookView, books_by, envelope
from tests.support.dynamodb_wire import Call, Wire, fresh_wire, twin_tables
from tests.support.sample import put

_WRITES = {"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"}

WRITE_DOLLARS = 0.625
READ_DOLLARS = 0.125
"""For a million request units."""

DETAILS = BookDetails(
    title="The Hound of the Baskervilles",
    authors=("Arthur Conan Doyle",),
    isbn="9780140437867",
    language="en",
    published="1902-03-25",
    subjects=("Detective and mystery stories", "Dartmoor (England)", "Fiction"),
    description="Sherlock Holmes looks into a legend. " * 10,
)
CLAIM = frozenset({"isbn:9780140437867"})


@dataclass(frozen=True, slots=True)
class Row:
    """An operation and its requests."""

    name: str
    calls: list[Call]

    def units(self, *, writes: bool) -> float:
        """Return the write units, or the read units."""
        return sum(call.units for call in self.calls if (call.action in _WRITES) == writes)

    def dollars(self) -> float:
        """Return the price of a million."""
        return self.units(writes=True) * WRITE_DOLLARS + self.units(writes=False) * READ_DOLLARS

    def data(self) -> Data:
        """Return the row."""
        counted = Counter(call.action for call in self.calls)
        return {
            "name": self.name,
            "requests": [n if many == 1 else f"{many} {n}" for n, many in counted.items()],
            "reads": self.units(writes=False),
            "writes": self.units(writes=True),
            "dollars": round(self.dollars(), 2),
        }


def shown(version: int, **changes: Any) -> BookView:
    """Return the book of usual size as the catalogue shows it."""
    return View(
        "0190163d-8694-739b-aea5-966c26f8ad91",
        version,
        replace(DETAILS, **changes),
        NOON,
        NOON,
    )


def rows(wire: Wire, events_table: str, catalogue_table: str) -> list[Row]:
    """Do every operation once and return its requests."""
    events = DynamoDbEventStore(wire.client, events_table, BOOKS.events, lambda _: None)
    read_model = DynamoDbReadModel(wire.client, catalogue_table, BOOKS, lambda _: None, lambda: 0.0)
    catalogue = read_model.live()
    first, second = shown(1), shown(2, description="Shorter.")
    third = shown(3, description="Shorter.", title="The Hound of the Baskervilles, revised")
    book_id = first.id
    read_model.targets()  # writes the pointer
    catalogue.get(book_id)  # from here on the pointer is cached

    def row(name: str, act: Callable[[], object]) -> Row:
        return Row(name, wire.during(act))

    def add() -> None:
        added = envelope(book_id, 1, BookAdded(details=DETAILS))
        events.append(book_id, 0, [added], Claims(take=CLAIM))

    def add_without_isbn() -> None:
        details = replace(DETAILS, isbn=None)
        events.append("other", 0, [envelope("other", 1, BookAdded(details=details))])

    def revise() -> None:
        version = len(events.load(book_id))
        revised = BookRevised(changes={"title": third.details.title})
        events.append(book_id, version, [envelope(book_id, version + 1, revised)])

    def remove() -> None:
        version = len(events.load(book_id))
        events.append(book_id, version, [envelope(book_id, version + 1)], Claims(release=CLAIM))

    def project(new: BookView | Tombstone) -> None:
        read_model.targets()
        catalogue.replace(catalogue.get(book_id), new)

    def again(present: Tombstone) -> None:
        read_model.targets()
        catalogue.get(book_id)
        catalogue.finish(present)

    def fill() -> None:
        put(catalogue, *(View(f"{n:036}", 1, DETAILS, NOON, NOON) for n in range(40)))

    written = [
        row("AddBook", add),
        row("AddBook without ISBN", add_without_isbn),
        row("ReviseBook (its title)", revise),
        row("RemoveBook", remove),
        row("projecting AddBook", lambda: project(first)),
        row("projecting ReviseBook (its description)", lambda: project(second)),
        row("projecting ReviseBook (its title)", lambda: project(third)),
        row("projecting ReviseBook after that", lambda: project(shown(4, title="Hound"))),
        row("projecting RemoveBook", lambda: project(Tombstone(book_id, 5))),
        row("projecting RemoveBook again", lambda: again(Tombstone(book_id, 5))),
    ]
    fill()
    some = f"{0:036}"
    fresh = DynamoDbReadModel(wire.client, catalogue_table, BOOKS, lambda _: None, lambda: 0.0)
    read = [
        row("get", lambda: catalogue.get(some)),
        row("get, when the pointer is due", lambda: fresh.live().get(some)),
        row("page of 20", lambda: catalogue.find(books_by(), None, 20)),
        row("page of 100, of 40 books", lambda: catalogue.find(books_by(), None, 100)),
        row("by an ISBN", lambda: catalogue.find(books_by(isbn="9780140437867"), None, 1)),
        row("page of 20, by a word", lambda: catalogue.find(books_by(("hou",)), None, 20)),
        row(
            "page of 20, filters combined (40 evaluated; 500 at most)",
            lambda: catalogue.find(books_by(author="arthur conan doyle", language="en"), None, 20),
        ),
    ]
    return [*written, *read, row("sweeping 40 books", lambda: sweep(wire, catalogue_table))]


def sweep(wire: Wire, catalogue_table: str) -> None:
    """Delete the first generation, as the end of a rebuild does."""
    delete_generations_before(2, wire.client, catalogue_table, lambda _: None)


def bytes_kept() -> int:
    """Return what is stored of the book of usual size, without DynamoDB's 100 bytes an item."""
    view = shown(1)
    items = {
        "pk": {"S": f"000001#book#{view.id}"},
        "sk": {"S": "view"},
        **projected_attributes(view),
    }
    found = places(1, BOOKS.listing, placing_of(BOOKS.listing, view))
    return item_size(items) + sum(
        item_size(overwritten(key, place, 0, 1)["Put"]["Item"]) for key, place in found.items()
    )


def measure(rounds: int = 1) -> Data:
    """Return the table. It has one round, however many are asked for: units do not vary."""
    with twin_tables() as (events, catalogue, twins):
        measured = rows(fresh_wire(twins), events, catalogue)
    return {"rows": [row.data() for row in measured], "bytes_kept": bytes_kept()}
