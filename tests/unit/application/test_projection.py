"""Projection: event n only on top of n-1, and a view only ever over one of a lower version."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from core.adapters.memory.catalogue import MemoryCatalogue
from core.adapters.memory.event_store import MemoryEventStore
from core.application.projection import ATTEMPTS, CannotProject, apply, project
from core.domain.decider import ImpossibleHistory
from core.ports.catalogue import BookView, Catalogue, Projected, Listing, StaleView, Tombstone
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Envelope
from tests.support.books import NOON, envelope
from tests.support.desk import Desk
from tests.support.unreliable_stores import Broken


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore()


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    return MemoryCatalogue(BOOKS.listing)


@pytest.fixture
def events(store: MemoryEventStore) -> Sequence[Envelope]:
    """A book that was added, revised twice and removed, a minute apart."""
    desk = Desk(store)
    book = desk.add().id
    for title in ("Two", "Three"):
        desk.pass_time(60)
        desk.revise(book, {"title": title})
    desk.pass_time(60)
    desk.remove(book)
    return desk.events(book)


def version(catalogue: Catalogue, event: Envelope) -> int:
    entry = catalogue.get(event.stream)
    return entry.version if entry else 0


def test_an_event_that_is_next_is_applied_without_a_look_at_the_log(
    catalogue: MemoryCatalogue, events: Sequence[Envelope]
) -> None:
    nowhere = Broken(AssertionError("the log was read"))

    assert [project(event, catalogue, nowhere) for event in events] == [True] * 4


def test_a_view_has_the_moments_of_its_first_and_last_event(
    catalogue: MemoryCatalogue, store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    for event in events[:3]:
        project(event, catalogue, store)

    view = catalogue.get(events[0].stream)
    assert isinstance(view, BookView)
    assert (view.added_at, view.revised_at) == (NOON, NOON + timedelta(minutes=2))


def test_a_removed_book_leaves_a_mark_with_its_version(
    catalogue: MemoryCatalogue, store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    project(events[3], catalogue, store)

    assert catalogue.get(events[0].stream) == Tombstone(events[0].stream, 4)


def test_a_late_record_does_not_bring_a_removed_book_back(
    catalogue: MemoryCatalogue, store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    project(events[3], catalogue, store)

    assert [project(event, catalogue, store) for event in events] == [False] * 4
    assert catalogue.find(Listing(), None, 10).items == ()


def test_a_repeat_is_skipped(
    catalogue: MemoryCatalogue, store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    assert [project(events[0], catalogue, store) for _ in range(3)] == [True, False, False]


def test_a_gap_is_healed_from_the_log(catalogue: MemoryCatalogue, store: MemoryEventStore) -> None:
    desk = Desk(store)
    book = desk.add().id
    project(desk.events(book)[0], catalogue, store)
    desk.revise(book, {"title": "Two"})
    desk.revise(book, {"language": "en"})
    project(desk.events(book)[2], catalogue, store)

    view = catalogue.get(book)
    assert isinstance(view, BookView)
    assert (view.version, view.details.title, view.details.language) == (3, "Two", "en")


def test_what_the_log_has_beyond_the_event_comes_along_when_a_gap_is_healed(
    catalogue: MemoryCatalogue, store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    project(events[1], catalogue, store)

    assert version(catalogue, events[0]) == 4


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_records_come_the_last_version_wins(
    catalogue: MemoryCatalogue,
    store: MemoryEventStore,
    events: Sequence[Envelope],
    order: tuple[int, ...],
) -> None:
    for index in order:
        project(events[index], catalogue, store)

    assert catalogue.get(events[0].stream) == Tombstone(events[0].stream, 4)


def test_a_gap_that_the_log_cannot_fill_is_an_error_and_changes_nothing(
    catalogue: MemoryCatalogue, store: MemoryEventStore
) -> None:
    with pytest.raises(CannotProject):
        project(envelope("book", 3), catalogue, store)
    assert catalogue.get("book") is None


def test_an_event_that_cannot_have_happened_is_an_error_and_changes_nothing(
    catalogue: MemoryCatalogue, store: MemoryEventStore
) -> None:
    revised = envelope("book", 2).event

    with pytest.raises(ImpossibleHistory):
        project(envelope("book", 1, revised), catalogue, store)
    assert catalogue.get("book") is None


def test_a_log_that_is_away_when_a_gap_is_to_be_healed_is_not_hidden(
    catalogue: MemoryCatalogue, events: Sequence[Envelope]
) -> None:
    with pytest.raises(StoreUnavailable):
        project(events[1], catalogue, Broken(StoreUnavailable("away")))


class Overtaken(MemoryCatalogue):
    """A catalogue in which another projector is faster, as often as said."""

    def __init__(self, store: MemoryEventStore, others: Sequence[Envelope], times: int) -> None:
        super().__init__()
        self.store, self.others, self.times = store, others, times

    def replace(self, old: Projected | None, new: Projected) -> None:
        if self.times > 0:
            self.times -= 1
            if not self.others:
                raise StaleView(new.id)
            other, *self.others = self.others
            project(other, self, self.store)
        super().replace(old, new)


def test_a_projector_that_was_overtaken_applies_its_event_on_top(
    store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    catalogue = Overtaken(store, [events[0]], 1)

    assert project(events[1], catalogue, store) is True
    assert version(catalogue, events[0]) == 2


def test_a_projector_that_was_overtaken_by_more_than_its_event_skips_it(
    store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    catalogue = Overtaken(store, [events[3]], 1)

    assert project(events[0], catalogue, store) is False
    assert version(catalogue, events[0]) == 4


def test_a_projector_that_is_overtaken_all_the_time_gives_up_in_the_end(
    store: MemoryEventStore, events: Sequence[Envelope]
) -> None:
    with pytest.raises(CannotProject):
        project(events[0], Overtaken(store, [], ATTEMPTS), store)


def test_nothing_happens_to_a_removed_book() -> None:
    with pytest.raises(ImpossibleHistory):
        apply(Tombstone("book", 2), [envelope("book", 3)])
