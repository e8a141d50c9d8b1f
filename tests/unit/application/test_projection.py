"""Projection: event n is applied on top of n-1 only, and versions of a view only go up."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.application.projection import MAX_ATTEMPTS, CannotProject, project
from core.domain.details import BookDetails
from core.domain.events import BookRevised
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue, StaleView
from core.ports.decider import ImpossibleHistory
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope, NothingChanged
from core.ports.listing import Listing
from core.ports.views import Projected, Tombstone, View
from tests.support.books import NOON, envelope
from tests.support.desk import Desk
from tests.support.example import EMMAS_ISBN
from tests.support.unreliable_stores import Broken
from tests.unit.application.lamps import LAMPS, LampDetails, lit_again


@pytest.fixture
def store() -> MemoryEventStore[Any]:
    return MemoryEventStore()


@pytest.fixture
def catalogue() -> MemoryCatalogue[BookDetails]:
    return MemoryCatalogue(BOOKS.listing)


@pytest.fixture
def events(store: MemoryEventStore[Any]) -> Sequence[Envelope[Any]]:
    """A book that was added, revised twice and removed, a minute apart."""
    desk = Desk(store)
    book = desk.add().id
    for title in ("Two", "Three"):
        desk.pass_time(60)
        desk.revise(book, {"title": title})
    desk.pass_time(60)
    desk.remove(book)
    return desk.events(book)


def version(catalogue: Catalogue[Any], event: Envelope[Any]) -> int:
    entry = catalogue.get(event.stream)
    return entry.version if entry else 0


def test_the_next_event_is_applied_without_reading_the_log(
    catalogue: MemoryCatalogue[BookDetails], events: Sequence[Envelope[Any]]
) -> None:
    unread = Broken(AssertionError("the log was read"))

    assert [project(event, catalogue, unread, BOOKS) for event in events] == [True] * 4


def test_a_view_has_the_times_of_its_first_and_last_event(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    for event in events[:3]:
        project(event, catalogue, store, BOOKS)

    view = catalogue.get(events[0].stream)
    assert isinstance(view, View)
    assert (view.added_at, view.revised_at) == (NOON, NOON + timedelta(minutes=2))


def test_a_removed_book_leaves_a_tombstone_with_its_version(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    project(events[3], catalogue, store, BOOKS)

    assert catalogue.get(events[0].stream) == Tombstone(events[0].stream, 4)


def test_a_late_event_does_not_bring_a_removed_book_back(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    project(events[3], catalogue, store, BOOKS)

    assert [project(event, catalogue, store, BOOKS) for event in events] == [False] * 4
    assert catalogue.find(Listing(), None, 10).items == ()


def test_a_repeat_is_skipped(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    assert [project(events[0], catalogue, store, BOOKS) for _ in range(3)] == [True, False, False]


def test_a_gap_is_healed_from_the_log(
    catalogue: MemoryCatalogue[BookDetails], store: MemoryEventStore[Any]
) -> None:
    desk = Desk(store)
    book = desk.add().id
    project(desk.events(book)[0], catalogue, store, BOOKS)
    desk.revise(book, {"title": "Two"})
    desk.revise(book, {"isbn": EMMAS_ISBN})
    project(desk.events(book)[2], catalogue, store, BOOKS)

    view = catalogue.get(book)
    assert isinstance(view, View)
    assert (view.version, view.details.title, view.details.isbn) == (3, "Two", EMMAS_ISBN)


def test_healing_a_gap_also_applies_later_events_of_the_log(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    project(events[1], catalogue, store, BOOKS)

    assert version(catalogue, events[0]) == 4


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_last_version_wins_in_whatever_order_events_arrive(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
    order: tuple[int, ...],
) -> None:
    for index in order:
        project(events[index], catalogue, store, BOOKS)

    assert catalogue.get(events[0].stream) == Tombstone(events[0].stream, 4)


def test_a_gap_that_the_log_cannot_heal_is_an_error_and_changes_nothing(
    catalogue: MemoryCatalogue[BookDetails], store: MemoryEventStore[Any]
) -> None:
    with pytest.raises(CannotProject):
        project(envelope("book", 3), catalogue, store, BOOKS)
    assert catalogue.get("book") is None


def test_an_impossible_event_is_an_error_and_changes_nothing(
    catalogue: MemoryCatalogue[BookDetails], store: MemoryEventStore[Any]
) -> None:
    revised = BookRevised(changes={"title": "E"})

    with pytest.raises(ImpossibleHistory):
        project(envelope("book", 1, revised), catalogue, store, BOOKS)
    assert catalogue.get("book") is None


def test_an_unavailable_log_is_reported_when_a_gap_is_to_be_healed(
    catalogue: MemoryCatalogue[BookDetails], events: Sequence[Envelope[Any]]
) -> None:
    with pytest.raises(StoreUnavailable):
        project(events[1], catalogue, Broken(StoreUnavailable("unavailable")), BOOKS)


class Overtaken(MemoryCatalogue[BookDetails]):
    """A catalogue in which another projector is faster ``times`` times."""

    def __init__(
        self, store: MemoryEventStore[Any], others: Sequence[Envelope[Any]], times: int
    ) -> None:
        super().__init__(BOOKS.listing)
        self.store, self.others, self.times = store, others, times

    def replace(self, old: Projected[BookDetails] | None, new: Projected[BookDetails]) -> None:
        if self.times > 0:
            self.times -= 1
            if not self.others:
                raise StaleView(new.id)
            other, *self.others = self.others
            project(other, self, self.store, BOOKS)
        super().replace(old, new)


def test_a_projector_that_was_overtaken_applies_its_event_on_top(
    store: MemoryEventStore[Any], events: Sequence[Envelope[Any]]
) -> None:
    catalogue = Overtaken(store, [events[0]], 1)

    assert project(events[1], catalogue, store, BOOKS) is True
    assert version(catalogue, events[0]) == 2


def test_a_projector_that_was_overtaken_beyond_its_event_skips_it(
    store: MemoryEventStore[Any], events: Sequence[Envelope[Any]]
) -> None:
    catalogue = Overtaken(store, [events[3]], 1)

    assert project(events[0], catalogue, store, BOOKS) is False
    assert version(catalogue, events[0]) == 4


def test_a_projector_that_is_repeatedly_overtaken_is_to_be_called_again(
    store: MemoryEventStore[Any], events: Sequence[Envelope[Any]]
) -> None:
    with pytest.raises(StoreUnavailable):
        project(events[0], Overtaken(store, [], MAX_ATTEMPTS), store, BOOKS)


def test_an_event_after_the_removal_of_a_book_is_an_error_and_changes_nothing(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    stream = events[0].stream
    late = envelope(stream, 5)
    store.append(stream, 4, [late])
    for event in events:
        project(event, catalogue, store, BOOKS)

    with pytest.raises(ImpossibleHistory):
        project(late, catalogue, store, BOOKS)
    assert catalogue.get(stream) == Tombstone(stream, 4)


def test_a_view_can_follow_a_tombstone_where_the_domain_allows_it(
    store: MemoryEventStore[Any],
) -> None:
    lamps: MemoryCatalogue[LampDetails] = MemoryCatalogue(LAMPS.listing)
    events = lit_again("lamp")
    store.append("lamp", 0, events)
    for event in events:
        project(event, lamps, store, LAMPS)

    view = lamps.get("lamp")
    assert isinstance(view, View)
    assert (view.version, view.details.colour) == (3, "green")
    assert (view.added_at, view.revised_at) == (events[0].occurred_at, events[2].occurred_at)


def test_an_event_after_a_tombstone_is_not_applied_when_the_log_lacks_those_before(
    store: MemoryEventStore[Any],
) -> None:
    lamps: MemoryCatalogue[LampDetails] = MemoryCatalogue(LAMPS.listing)
    events = lit_again("lamp")
    lamps.replace(None, Tombstone("lamp", 2))

    with pytest.raises(CannotProject):
        project(events[2], lamps, store, LAMPS)
    assert lamps.get("lamp") == Tombstone("lamp", 2)


def test_a_record_that_nothing_changed_moves_the_version_and_the_time_of_a_view(
    catalogue: MemoryCatalogue[BookDetails],
    store: MemoryEventStore[Any],
    events: Sequence[Envelope[Any]],
) -> None:
    first = events[0]
    record = envelope(first.stream, 2)._replace(event=NothingChanged())
    project(first, catalogue, store, BOOKS)
    project(record, catalogue, store, BOOKS)

    view = catalogue.get(first.stream)
    assert isinstance(view, View)
    assert (view.version, view.revised_at) == (2, record.occurred_at)
    assert view.details == BOOKS.view(BOOKS.fold([first]))


class Interrupted(MemoryCatalogue[BookDetails]):
    """A catalogue that remembers what it was to finish."""

    def __init__(self) -> None:
        super().__init__(BOOKS.listing)
        self.finished: list[Projected[BookDetails]] = []

    def finish(self, projected: Projected[BookDetails], /) -> None:
        self.finished.append(projected)


@pytest.mark.parametrize("again", [0, 1, 3])
def test_an_event_that_comes_again_finishes_what_its_projector_may_have_left_undone(
    store: MemoryEventStore[Any], events: Sequence[Envelope[Any]], again: int
) -> None:
    catalogue = Interrupted()
    for event in events:
        project(event, catalogue, store, BOOKS)
    assert catalogue.finished == []

    assert not project(events[again], catalogue, store, BOOKS)
    assert catalogue.finished == [catalogue.get(events[0].stream)]
