"""Making snapshots: when, from what, and at what cost."""

from collections.abc import Callable
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.application.past import load_past
from core.application.snapshots import decode, newest
from core.application.snapshotting import MAX_AT_ONCE, keep_snapshot
from core.ports.domain import WriteSide
from core.ports.errors import StoreUnavailable
from core.ports.events import EventCodec, NothingChanged, Unreadable
from tests.support.unreliable_stores import Broken
from tests.unit.application.lamps import LAMPS, LampDetails, PutOut, lamp_event
from tests.unit.application.long_lamps import LAMP, Counting, fail, keep_all, long_history

EVERY = LAMPS.snapshot_every
NO_EVENTS: EventCodec[Any] = EventCodec((), {})
FOREIGN = LAMPS._replace(noun="torch", write_side=lambda: WriteSide(LAMPS.decider, NO_EVENTS))


def versions(store: MemoryEventStore[Any], until: int) -> list[int]:
    """Return the versions of which there is a snapshot."""
    every = range(EVERY, until + 1, EVERY)
    return [v for v in every if decode(store.load_snapshot(LAMP, v), LAMP, LAMPS)]


def newest_version(store: MemoryEventStore[Any]) -> int | None:
    found = newest(LAMP, store, LAMPS)
    return found.view.version if found else None


@pytest.fixture
def store() -> Counting:
    """A lamp with 170 events and no snapshots."""
    store = Counting()
    store.append(LAMP, 0, long_history(170))
    return store


def test_there_is_a_snapshot_at_every_interval(store: Counting) -> None:
    keep_all(store, store.load(LAMP))
    assert (versions(store, 170), newest_version(store)) == ([50, 100, 150], 150)


def test_a_snapshot_is_made_of_the_one_before_and_the_events_since(store: Counting) -> None:
    events = store.load(LAMP)
    keep_all(store, events[:149])
    store.reads.clear()
    keep_snapshot(events[149], store, LAMPS, fail)
    assert store.reads == [0, EVERY]


@pytest.mark.parametrize("version", [1, 49, 51, 149])
def test_nothing_is_read_where_no_snapshot_is_due(store: Counting, version: int) -> None:
    event = store.load(LAMP)[version - 1]
    store.reads.clear()
    keep_snapshot(event, store, LAMPS, fail)
    assert store.reads == []


def test_snapshots_that_were_missed_are_made_with_the_next(store: Counting) -> None:
    keep_snapshot(store.load(LAMP)[149], store, LAMPS, fail)
    assert (versions(store, 170), newest_version(store)) == ([50, 100, 150], 150)


def test_snapshots_do_not_depend_on_which_of_them_were_missed(store: Counting) -> None:
    other = Counting()
    other.append(LAMP, 0, store.load(LAMP))
    keep_all(store, store.load(LAMP))
    keep_snapshot(other.load(LAMP)[149], other, LAMPS, fail)
    assert store._snapshots == other._snapshots


def test_a_repeat_of_an_older_event_makes_nothing(store: Counting) -> None:
    keep_all(store, store.load(LAMP))
    keep_snapshot(store.load(LAMP)[49], store, LAMPS, fail)
    assert newest_version(store) == 150


def test_a_long_stream_without_snapshots_gets_them_in_several_steps() -> None:
    store, most = Counting(), MAX_AT_ONCE * EVERY
    store.append(LAMP, 0, events := long_history(most + 2 * EVERY))
    keep_snapshot(events[-1], store, LAMPS, fail)
    assert newest_version(store) == most
    keep_snapshot(events[-1], store, LAMPS, fail)
    assert newest_version(store) == len(events)


def test_a_snapshot_of_other_code_is_replaced(store: Counting) -> None:
    keep_all(store, store.load(LAMP), LAMPS._replace(state_version=0))
    assert newest_version(store) is None
    keep_snapshot(store.load(LAMP)[149], store, LAMPS, fail)
    assert newest_version(store) == 150


def test_a_stream_that_shows_nothing_at_an_interval_has_no_snapshot_there() -> None:
    store, events = Counting(), long_history(150)
    events[99] = lamp_event(LAMP, 100, PutOut())
    store.append(LAMP, 0, events)
    keep_all(store, events[:100])
    assert (versions(store, 150), newest_version(store)) == ([50], 50)
    keep_all(store, events[100:])
    assert (versions(store, 150), newest_version(store)) == ([50, 150], 150)


def test_a_state_that_its_view_does_not_show_whole_has_no_snapshot(store: Counting) -> None:
    blurred = LAMPS._replace(view=lambda state: state and LampDetails(colour=state.colour[:6]))
    keep_all(store, store.load(LAMP), blurred)
    assert store._snapshots == {}


@pytest.mark.parametrize("last", [None, NothingChanged()])
def test_a_stream_of_another_domain_has_no_snapshot(last: Any) -> None:
    store, events = Counting(), long_history(50)
    if last:
        events[49] = lamp_event(LAMP, 50, last)
    store.append(LAMP, 0, events)
    keep_all(store, events, FOREIGN)
    assert store._snapshots == {}


def test_an_event_that_cannot_be_read_makes_nothing(store: Counting) -> None:
    keep_all(store, [Unreadable(LAMP, 50, "unknown")])
    assert store._snapshots == {}


def _gap(store: Counting) -> Any:
    store._streams[LAMP] = store._streams[LAMP][:120]
    return store


FAILURES: dict[str, Callable[[Counting], Any]] = {
    "an outage": lambda _: Broken(StoreUnavailable("unavailable")),
    "missing events": _gap,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_snapshot_that_cannot_be_made_is_reported_and_stops_nothing(
    store: Counting, failure: str
) -> None:
    event, reported = store.load(LAMP)[149], list[str]()
    keep_snapshot(event, FAILURES[failure](store), LAMPS, lambda s, _: reported.append(s))
    assert reported == [LAMP]
    assert newest_version(store) is None


def test_a_snapshot_of_events_that_are_not_there_is_not_used(store: Counting) -> None:
    keep_all(store, store.load(LAMP))
    store._streams[LAMP] = store._streams[LAMP][:120]
    past = load_past(LAMP, store, LAMPS)
    assert (past.snapshot, past.version) == (None, 120)
