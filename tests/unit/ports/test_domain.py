"""A domain as one value: folding its events, and recognising those of others."""

from dataclasses import replace

import pytest

from core.domain.book import Book, NoBook, RemovedBook
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.domain.manifest import BOOKS
from core.ports.decider import ImpossibleHistory
from core.ports.events import Envelope, NothingChanged
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.books import EMMA
from tests.unit.application.lamps import LAMPS, Lit, PutOut, lamp_event

ADDED = BookAdded(details=EMMA)
REVISED = BookRevised(changes={"title": "E"})
REVISED_EMMA = Book(replace(EMMA, title="E"))
BookFact = BookEvent | NothingChanged


def stream(*events: BookFact) -> list[Envelope[BookEvent]]:
    return [BOOK_SAMPLE.envelope("book", version, event) for version, event in enumerate(events, 1)]


def test_without_events_the_state_is_the_initial_one() -> None:
    assert BOOKS.fold([]) == NoBook()


def test_events_are_folded_in_order() -> None:
    assert BOOKS.fold(stream(ADDED, REVISED)) == REVISED_EMMA
    assert BOOKS.fold(stream(ADDED, REVISED, BookRemoved())) == RemovedBook()


def test_events_are_folded_on_top_of_a_given_state() -> None:
    assert BOOKS.fold(stream(REVISED), Book(EMMA)) == REVISED_EMMA
    assert BOOKS.fold([], Book(EMMA)) == Book(EMMA)


def test_a_given_state_that_is_none_is_the_initial_one() -> None:
    assert LAMPS.fold([lamp_event("lamp", 1, PutOut())], None) is None


@pytest.mark.parametrize(
    "events",
    [
        [NothingChanged()],
        [NothingChanged(), NothingChanged()],
    ],
)
def test_records_that_nothing_changed_leave_the_initial_state(events: list[BookFact]) -> None:
    assert BOOKS.fold(stream(*events)) == NoBook()


@pytest.mark.parametrize("index", range(3))
def test_records_that_nothing_changed_are_skipped_anywhere(index: int) -> None:
    events: list[BookFact] = [ADDED, REVISED]
    events.insert(index, NothingChanged())

    assert BOOKS.fold(stream(*events)) == REVISED_EMMA


def test_records_that_nothing_changed_are_skipped_after_the_end() -> None:
    assert BOOKS.fold(stream(ADDED, BookRemoved(), NothingChanged())) == RemovedBook()


def test_an_impossible_order_of_events_is_an_error() -> None:
    with pytest.raises(ImpossibleHistory):
        BOOKS.fold(stream(REVISED))
    with pytest.raises(ImpossibleHistory):
        BOOKS.fold(stream(ADDED, BookRemoved(), NothingChanged(), REVISED))


@pytest.mark.parametrize("event", [ADDED, REVISED, BookRemoved()])
def test_an_event_is_foreign_to_every_domain_but_its_own(event: BookFact) -> None:
    (envelope,) = stream(event)

    assert not BOOKS.is_foreign(envelope)
    assert LAMPS.is_foreign(envelope)


def test_an_event_of_another_domain_is_foreign() -> None:
    lit = lamp_event("lamp", 1, Lit(colour="red"))

    assert BOOKS.is_foreign(lit)
    assert not LAMPS.is_foreign(lit)


def test_a_record_that_nothing_changed_is_foreign_to_no_domain() -> None:
    record = lamp_event("lamp", 1, NothingChanged())

    assert not BOOKS.is_foreign(record)
    assert not LAMPS.is_foreign(record)


def test_the_events_of_two_domains_fit_in_one_log() -> None:
    log = BOOKS.events.joined(LAMPS.events)

    for event in (ADDED, REVISED, BookRemoved(), Lit(colour="red"), PutOut(), NothingChanged()):
        assert log.decode(*log.encode(event)) == event
