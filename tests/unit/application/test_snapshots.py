"""Snapshots as text: what is not whole, or not of this code, counts as missing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.memory.event_store import MemoryEventStore
from core.application.snapshots import (
    Snapshot,
    decode,
    encode,
    microseconds,
    newest,
    short_keys,
)
from core.ports.domain import WriteSide
from core.ports.event_store import NEWEST_SNAPSHOT
from core.ports.events import EventCodec, EventType, unchanged
from core.ports.views import View
from tests.support.desk import NOON
from tests.unit.application.lamps import LAMPS, LampDetails, LampEvent, Lit, PutOut
from tests.unit.application.long_lamps import LAMP, long_history

instants = st.datetimes(timezones=st.just(UTC))
views = st.builds(
    View,
    st.just(LAMP),
    st.integers(1, 10**9),
    st.builds(LampDetails, colour=st.text(st.characters(exclude_categories=["Cs"]))),
    instants,
    instants,
)
snapshots = st.builds(
    Snapshot, views, st.text("ab+/", max_size=8), st.lists(st.integers()).map(tuple)
)
KEPT = encode(Snapshot(View(LAMP, 50, LampDetails(colour="red"), NOON, NOON), "abcd", (1,)), LAMPS)


@given(snapshots)
def test_a_snapshot_is_decoded_as_it_was_encoded(snapshot: Snapshot[LampDetails]) -> None:
    assert decode(encode(snapshot, LAMPS), LAMP, LAMPS) == snapshot


def test_what_is_missing_is_missing() -> None:
    assert decode(None, LAMP, LAMPS) is None


@given(st.integers(0, len(KEPT)), st.integers(0, 9), st.text(max_size=3))
def test_a_damaged_snapshot_counts_as_missing(start: int, length: int, other: str) -> None:
    damaged = KEPT[:start] + other + KEPT[start + length :]
    assert (decode(damaged, LAMP, LAMPS) is None) == (damaged != KEPT)


REVISED_EVENTS: EventCodec[LampEvent] = EventCodec(
    (Lit, PutOut), {"Lit": EventType(Lit, unchanged), "PutOut": EventType(PutOut)}
)
OTHERS = {
    "state version": LAMPS._replace(state_version=2),
    "noun": LAMPS._replace(noun="torch"),
    "snapshots at other versions": LAMPS._replace(snapshot_every=49),
    "schema version of an event": LAMPS._replace(
        write_side=lambda: WriteSide(LAMPS.decider, REVISED_EVENTS)
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_snapshot_of_other_code_counts_as_missing(other: str) -> None:
    assert decode(KEPT, LAMP, OTHERS[other]) is None


def test_a_snapshot_of_another_stream_counts_as_missing() -> None:
    assert decode(KEPT, "lamp-2", LAMPS) is None


@pytest.mark.parametrize(("segments", "found"), [(0, False), (1, True), (2, False)])
def test_the_newest_snapshot_knows_the_times_of_all_events_before_it(
    segments: int, found: bool
) -> None:
    view = View(LAMP, LAMPS.snapshot_every, LampDetails(colour="red"), NOON, NOON)
    store = MemoryEventStore[object]()
    kept = encode(Snapshot(view, "", (0,) * segments), LAMPS)
    store.save_snapshot(LAMP, NEWEST_SNAPSHOT, kept)
    assert (newest(LAMP, store, LAMPS) is not None) == found


def test_every_key_is_recognised_and_few_others_are() -> None:
    events = long_history(1_000)
    kept = Snapshot(View(LAMP, 1_000, LampDetails(colour="red"), NOON, NOON), short_keys(events))
    others = [event.idempotency_key or "" for event in long_history(2_000)[1_000:]]
    assert all(kept.may_have(event.idempotency_key or "") for event in events)
    assert sum(map(kept.may_have, others)) < 10
    assert len(kept.keys) == 4 * 1_000


@given(instants, instants)
def test_microseconds_order_as_time_does_and_lose_nothing(a: datetime, b: datetime) -> None:
    assert (microseconds(a) <= microseconds(b)) == (a <= b)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(a)) == a
