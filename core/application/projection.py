"""Projection: events become the views of the catalogue.

Event n is applied only on top of n-1. A repeat is skipped, a gap is healed from the event store, and a view is only
ever replaced by one of a higher version, so records may come late, twice, in any order and from several projectors.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from core.domain.book import Book, BookState, NoBook, RemovedBook
from core.domain.decider import evolve
from core.ports.catalogue import BookView, Catalogue, Entry, StaleEntry, Tombstone
from core.ports.event_store import Envelope, EventStore

ATTEMPTS = 10
"""How often an event is applied again when another projector has changed the entry in between."""


class CannotProject(Exception):
    """An event that cannot be applied now: its predecessors are not in the event store, or others are always faster."""


def project(event: Envelope, catalogue: Catalogue, store: EventStore) -> bool:
    """Bring a book's entry in ``catalogue`` up to ``event``; return False where it was there already.

    Raises CannotProject, ImpossibleHistory or StoreUnavailable; then the entry is as it was.
    """
    for _ in range(ATTEMPTS):
        entry = catalogue.get(event.stream)
        version = entry.version if entry else 0
        if event.version <= version:
            return False
        events = [event] if event.version == version + 1 else _missing(event, version, store)
        try:
            catalogue.replace(entry, apply(entry, events))
        except StaleEntry:
            continue
        return True
    raise CannotProject(f"the entry of {event.stream} changes all the time")


def _missing(event: Envelope, after: int, store: EventStore) -> list[Envelope]:
    events = store.load(event.stream, after=after)
    if [e.version for e in events[: event.version - after]] != list(
        range(after + 1, event.version + 1)
    ):
        raise CannotProject(
            f"the event store has not all events of {event.stream} up to version {event.version}"
        )
    return events


def apply(entry: Entry | None, events: Sequence[Envelope]) -> Entry:
    """Return the entry after ``events``, one or more, which continue ``entry``. Pure. Raises ImpossibleHistory."""
    state = _state(entry)
    for event in events:
        state = evolve(state, event.event)
    added_at = entry.added_at if isinstance(entry, BookView) else events[0].occurred_at
    return _entry(state, events[-1], added_at)


def _state(entry: Entry | None) -> BookState:
    match entry:
        case None:
            return NoBook()
        case BookView(details=details):
            return Book(details)
        case Tombstone():
            return RemovedBook()
        case _:
            assert_never(entry)


def _entry(state: BookState, last: Envelope, added_at: datetime) -> Entry:
    match state:
        case Book(details=details):
            return BookView(
                last.stream, last.version, details, added_at, revised_at=last.occurred_at
            )
        case RemovedBook() | NoBook():
            return Tombstone(last.stream, last.version)
        case _:
            assert_never(state)
