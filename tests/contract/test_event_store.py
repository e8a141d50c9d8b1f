"""What every event store promises (core.ports.event_store)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.ports.domain import WriteSide
from core.ports.errors import UnknownEvent
from core.ports.event_store import (
    NEWEST_SNAPSHOT,
    Claims,
    ClaimTaken,
    EventStore,
    VersionConflict,
)
from core.ports.events import (
    Envelope,
    EventCodec,
    NothingChanged,
    StoredEvent,
    Unreadable,
)
from tests.support.adapters import EVENT_STORES, ORDERED_EVENT_STORES, AnyDomain
from tests.support.racing import race
from tests.support.samples import AnySample

NAME = "kind:one"
OTHER_NAME = "kind:two"


def take(*names: str) -> Claims:
    return Claims(take=frozenset(names))


def release(*names: str) -> Claims:
    return Claims(release=frozenset(names))


def everything(store: EventStore[Any]) -> list[Envelope[Any] | Unreadable]:
    return [event for _, event in store.read_all()]


def owner(sample: AnySample, store: EventStore[Any], name: str) -> str | None:
    """Return who holds ``name``, found by a stream that tries to take it."""
    try:
        store.append("asker", 0, [asked := sample.envelope("asker", 1)], take(name))
    except ClaimTaken as taken:
        return taken.owner
    raise AssertionError(f"{name} was free, {asked.stream} has it now")


def is_free(sample: AnySample, store: EventStore[Any], name: str) -> bool:
    """Return whether ``name`` could be taken; take it."""
    try:
        store.append(f"taker of {name}", 0, [sample.envelope(f"taker of {name}", 1)], take(name))
    except ClaimTaken:
        return False
    return True


# --- load ---------------------------------------------------------------------------------------


def test_an_unknown_stream_has_no_events(event_store: EventStore[Any]) -> None:
    assert event_store.load("nowhere") == []


def test_a_stream_loads_in_the_order_of_its_versions(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = sample.history("emma", 1, 12)
    for event in events:
        event_store.append("emma", event.version - 1, [event])
    assert event_store.load("emma") == events


def test_a_stream_loads_its_own_events_alone(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    emma, persuasion = sample.history("emma", 1, 2), sample.history("persuasion", 1, 2)
    event_store.append("emma", 0, emma)
    event_store.append("persuasion", 0, persuasion)
    assert event_store.load("persuasion") == persuasion


def test_events_up_to_a_version_are_left_out(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = sample.history("emma", 1, 5)
    event_store.append("emma", 0, events)
    assert event_store.load("emma", after=2) == events[2:]


def test_nothing_is_loaded_after_the_last_version(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, sample.history("emma", 1, 2))
    assert event_store.load("emma", after=2) == []


def test_a_limit_keeps_the_oldest_events(event_store: EventStore[Any], sample: AnySample) -> None:
    events = sample.history("emma", 1, 5)
    event_store.append("emma", 0, events)
    assert event_store.load("emma", after=1, limit=2) == events[1:3]


def test_a_limit_above_the_length_of_a_stream_changes_nothing(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = sample.history("emma", 1, 2)
    event_store.append("emma", 0, events)
    assert event_store.load("emma", limit=100) == events


@pytest.mark.parametrize(("count", "first"), [(0, 6), (1, 5), (4, 2), (5, 1), (100, 1)])
def test_the_last_events_of_a_stream_load_in_the_order_of_their_versions(
    event_store: EventStore[Any], sample: AnySample, count: int, first: int
) -> None:
    events = sample.history("emma", 1, 5)
    event_store.append("emma", 0, events)
    event_store.append("persuasion", 0, sample.history("persuasion", 1, 3))
    assert event_store.load_last("emma", count) == events[first - 1 :]


def test_an_unknown_stream_has_no_last_events(event_store: EventStore[Any]) -> None:
    assert event_store.load_last("nowhere", 3) == []


# --- snapshots ----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [NEWEST_SNAPSHOT, 50])
def test_a_snapshot_is_loaded_as_it_was_saved_last(
    event_store: EventStore[Any], version: int
) -> None:
    event_store.save_snapshot("emma", version, "before")
    event_store.save_snapshot("emma", version, text := 'Émile "\u6771\n\U0001f4da" {}')
    assert event_store.load_snapshot("emma", version) == text


def test_there_is_no_snapshot_where_none_was_saved(event_store: EventStore[Any]) -> None:
    event_store.save_snapshot("emma", 50, "of version 50")
    found = [event_store.load_snapshot(*other) for other in (("emma", 0), ("emma", 5), ("e", 50))]
    assert found == [None, None, None]


def test_a_snapshot_is_no_event(event_store: EventStore[Any], sample: AnySample) -> None:
    events = sample.history("emma", 1, 2)
    event_store.append("emma", 0, events[:1])
    event_store.save_snapshot("emma", NEWEST_SNAPSHOT, "one")
    event_store.save_snapshot("emma", 1, "two")
    event_store.append("emma", 1, events[1:])
    assert everything(event_store) == event_store.load("emma") == events
    assert event_store.load_last("emma", 9) == events


# --- append -------------------------------------------------------------------------------------


def test_several_events_are_appended_at_once(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = sample.history("emma", 1, 3)
    event_store.append("emma", 0, events)
    assert event_store.load("emma") == events


def test_a_new_stream_cannot_begin_above_version_0(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    with pytest.raises(VersionConflict):
        event_store.append("emma", 3, [sample.envelope("emma", 4)])


@pytest.mark.parametrize("expected_version", [0, 1, 3])
def test_an_append_at_another_version_than_the_streams_is_a_conflict(
    event_store: EventStore[Any], expected_version: int, sample: AnySample
) -> None:
    event_store.append("emma", 0, sample.history("emma", 1, 2))
    with pytest.raises(VersionConflict):
        event_store.append(
            "emma", expected_version, [sample.envelope("emma", expected_version + 1)]
        )


def test_a_conflict_names_the_stream_and_the_version_expected(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    with pytest.raises(VersionConflict) as conflict:
        event_store.append("emma", 3, [sample.envelope("emma", 4)])
    assert (conflict.value.stream, conflict.value.expected_version) == ("emma", 3)


def test_a_conflict_writes_nothing(event_store: EventStore[Any], sample: AnySample) -> None:
    events = sample.history("emma", 1, 2)
    event_store.append("emma", 0, events)
    with pytest.raises(VersionConflict):
        event_store.append("emma", 1, sample.history("emma", 2, 4))
    assert event_store.load("emma") == events


def test_an_append_of_nothing_is_an_error(event_store: EventStore[Any]) -> None:
    with pytest.raises(ValueError, match="do not continue"):
        event_store.append("emma", 0, [])


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([("emma", 1), ("persuasion", 2)], id="of two streams"),
        pytest.param([("persuasion", 1)], id="of another stream"),
        pytest.param([("emma", 1), ("emma", 3)], id="with a gap"),
        pytest.param([("emma", 2), ("emma", 1)], id="out of order"),
        pytest.param([("emma", 2)], id="not after the expected version"),
    ],
)
def test_events_that_do_not_continue_the_stream_are_an_error(
    event_store: EventStore[Any], events: list[tuple[str, int]], sample: AnySample
) -> None:
    with pytest.raises(ValueError, match="do not continue"):
        event_store.append("emma", 0, [sample.envelope(*event) for event in events])
    assert everything(event_store) == []


# --- the same append again ----------------------------------------------------------------------


@pytest.mark.parametrize("last", [1, 3])
@pytest.mark.parametrize("claims", [Claims(), take(NAME)])
def test_the_same_append_again_stores_nothing(
    event_store: EventStore[Any], last: int, claims: Claims, sample: AnySample
) -> None:
    events = sample.history("emma", 1, last)
    event_store.append("emma", 0, events, claims)
    event_store.append("emma", 0, events, claims)
    assert everything(event_store) == events


@pytest.mark.parametrize("last", [1, 3])
@pytest.mark.parametrize("claims", [Claims(), take(NAME)])
def test_the_same_append_again_succeeds_after_later_versions(
    event_store: EventStore[Any], last: int, claims: Claims, sample: AnySample
) -> None:
    events, later = sample.history("emma", 1, last), sample.envelope("emma", last + 1)
    event_store.append("emma", 0, events, claims)
    event_store.append("emma", last, [later])
    event_store.append("emma", 0, events, claims)
    assert everything(event_store) == [*events, later]


def test_the_same_append_again_does_not_take_back_a_claim_that_moved_on(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    added = sample.envelope("emma", 1)
    event_store.append("emma", 0, [added], take(NAME))
    event_store.append("emma", 1, [sample.envelope("emma", 2)], release(NAME))
    event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], take(NAME))
    event_store.append("emma", 0, [added], take(NAME))
    assert owner(sample, event_store, NAME) == "persuasion"


def test_equal_events_with_other_ids_are_another_append(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    first = sample.envelope("emma", 1)
    event_store.append("emma", 0, [first])
    with pytest.raises(VersionConflict):
        event_store.append("emma", 0, [first._replace(event_id="another")])


def test_an_append_that_repeats_only_its_first_event_is_a_conflict(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    first = sample.envelope("emma", 1)
    event_store.append("emma", 0, [first])
    with pytest.raises(VersionConflict):
        event_store.append("emma", 0, [first, sample.envelope("emma", 2)])
    assert everything(event_store) == [first]


# --- claims -------------------------------------------------------------------------------------


def test_a_claim_that_is_taken_names_its_owner(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    with pytest.raises(ClaimTaken) as taken:
        event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], take(NAME))
    assert (taken.value.name, taken.value.owner) == (NAME, "emma")


def test_a_taken_claim_prevents_the_event(event_store: EventStore[Any], sample: AnySample) -> None:
    first = sample.envelope("emma", 1)
    event_store.append("emma", 0, [first], take(NAME))
    with pytest.raises(ClaimTaken):
        event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], take(NAME))
    assert everything(event_store) == [first]


def test_a_taken_claim_prevents_the_other_claims_of_the_append(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    with pytest.raises(ClaimTaken):
        event_store.append("x", 0, [sample.envelope("x", 1)], take("a:first", NAME, "z:last"))
    assert is_free(sample, event_store, "a:first")
    assert is_free(sample, event_store, "z:last")


def test_a_taken_claim_prevents_the_releases_of_the_append(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], take(OTHER_NAME))
    swap = Claims(take=frozenset([NAME]), release=frozenset([OTHER_NAME]))
    with pytest.raises(ClaimTaken):
        event_store.append("persuasion", 1, [sample.envelope("persuasion", 2)], swap)
    assert owner(sample, event_store, OTHER_NAME) == "persuasion"


def test_a_conflict_takes_no_claim(event_store: EventStore[Any], sample: AnySample) -> None:
    with pytest.raises(VersionConflict):
        event_store.append("emma", 1, [sample.envelope("emma", 2)], take(NAME))
    assert is_free(sample, event_store, NAME)


def test_a_conflict_releases_no_claim(event_store: EventStore[Any], sample: AnySample) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    with pytest.raises(VersionConflict):
        event_store.append("emma", 0, [sample.envelope("emma", 1)], release(NAME))
    assert owner(sample, event_store, NAME) == "emma"


def test_a_conflict_is_reported_before_a_taken_claim(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    with pytest.raises(VersionConflict):
        event_store.append("persuasion", 1, [sample.envelope("persuasion", 2)], take(NAME))


def test_a_stream_takes_its_own_claim_again(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    event_store.append("emma", 1, [sample.envelope("emma", 2)], take(NAME))
    assert owner(sample, event_store, NAME) == "emma"


def test_a_released_claim_can_be_taken(event_store: EventStore[Any], sample: AnySample) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    event_store.append("emma", 1, [sample.envelope("emma", 2)], release(NAME))
    event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], take(NAME))
    assert owner(sample, event_store, NAME) == "persuasion"


def test_one_append_takes_a_claim_and_releases_another(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    swap = Claims(take=frozenset([OTHER_NAME]), release=frozenset([NAME]))
    event_store.append("emma", 1, [sample.envelope("emma", 2)], swap)
    assert owner(sample, event_store, OTHER_NAME) == "emma"
    assert is_free(sample, event_store, NAME)


def test_the_claim_of_another_stream_cannot_be_released(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], take(NAME))
    event_store.append("persuasion", 0, [sample.envelope("persuasion", 1)], release(NAME))
    assert owner(sample, event_store, NAME) == "emma"


def test_a_claim_that_nobody_holds_can_be_released(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)], release(NAME))
    assert is_free(sample, event_store, NAME)


# --- what is stored of an event -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["first", "later", "last", "nothing changed"])
def test_an_event_is_loaded_as_it_was_appended(
    event_store: EventStore[Any], kind: str, sample: AnySample
) -> None:
    events = {"first": sample.first, "later": sample.later(2), "last": sample.last}
    event = events.get(kind, NothingChanged())
    event_store.append("emma", 0, [sample.envelope("emma", 1, event)])
    assert event_store.load("emma")[0].event == event


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "auth0|zoë-\U0001f600"},
        {"correlation_id": "Root=1-67891233-abcdef012345678912345678"},
        {"causation_id": "message/ü"},
        {"idempotency_key": "ann key-1", "fingerprint": "9f86d081884c7d65"},
        {"idempotency_key": None, "fingerprint": None},
        {"idempotency_key": "", "fingerprint": ""},
        {"event_id": "0190163d-8694-739b-aea5-966c26f8ad91"},
        {"occurred_at": datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
        {"occurred_at": datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC)},
        {"occurred_at": datetime(2024, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_an_envelope_is_loaded_with_all_its_fields(
    event_store: EventStore[Any], changes: dict[str, Any], sample: AnySample
) -> None:
    stored = sample.envelope("emma", 1, **changes)
    event_store.append("emma", 0, [stored])
    assert event_store.load("emma") == everything(event_store) == [stored]


def test_times_are_loaded_aware_and_in_utc(event_store: EventStore[Any], sample: AnySample) -> None:
    event_store.append("emma", 0, [sample.envelope("emma", 1)])
    assert event_store.load("emma")[0].occurred_at.tzinfo is UTC


# --- read_all -----------------------------------------------------------------------------------


def fill(sample: AnySample, store: EventStore[Any]) -> list[Envelope[Any]]:
    """Append to three streams in turns; return what was appended."""
    appended: list[Envelope[Any]] = []
    for version in range(1, 5):
        for stream in ("emma", "persuasion", "sanditon"):
            events = sample.history(stream, 2 * version - 1, 2 * version)
            store.append(stream, 2 * version - 2, events)
            appended += events
    return appended


def test_an_empty_store_has_no_events(event_store: EventStore[Any]) -> None:
    assert everything(event_store) == []


def test_every_event_is_read_once(event_store: EventStore[Any], sample: AnySample) -> None:
    appended = fill(sample, event_store)
    read = everything(event_store)
    assert sorted(read, key=lambda e: (e.stream, e.version)) == sorted(
        appended, key=lambda e: (e.stream, e.version)
    )


def test_the_events_of_one_stream_are_read_in_the_order_of_their_versions(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    fill(sample, event_store)
    for stream in ("emma", "persuasion", "sanditon"):
        versions = [e.version for e in everything(event_store) if e.stream == stream]
        assert versions == list(range(1, 9))


def test_reading_continues_after_any_position(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    fill(sample, event_store)
    read = list(event_store.read_all())
    for index, (position, _) in enumerate(read):
        assert list(event_store.read_all(position)) == read[index + 1 :]


@pytest.mark.parametrize("adapter", ORDERED_EVENT_STORES)
def test_an_ordered_log_can_be_followed(adapter: str, tmp_path: Path, sample: AnySample) -> None:
    with ORDERED_EVENT_STORES[adapter](sample.domain, tmp_path) as store:
        assert list(store.follow(None)) == []
        appended = fill(sample, store)
        followed = list(store.follow(None))
        assert [event for _, event in followed] == appended
        new = sample.envelope("northanger", 1)
        store.append("northanger", 0, [new])
        assert [event for _, event in store.follow(followed[-1][0])] == [new]


def test_positions_differ(event_store: EventStore[Any], sample: AnySample) -> None:
    fill(sample, event_store)
    positions = [position for position, _ in event_store.read_all()]
    assert len(set(positions)) == len(positions)


def test_appending_continues_while_the_log_is_read(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    appended = fill(sample, event_store)
    reading = event_store.read_all()
    next(reading)
    event_store.append("emma", 8, [sample.envelope("emma", 9)])
    assert len(list(reading)) + 1 >= len(appended)


# --- races --------------------------------------------------------------------------------------

RACERS = 16


def test_of_racing_appends_to_one_stream_one_wins(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    rivals = [sample.envelope("emma", 1) for _ in range(RACERS)]
    results = race([partial(event_store.append, "emma", 0, [rival]) for rival in rivals])
    winners = [e for e, result in zip(rivals, results, strict=True) if result is None]
    assert [type(r) for r in results if r is not None] == [VersionConflict] * (RACERS - 1)
    assert everything(event_store) == event_store.load("emma") == winners


def test_of_racing_takers_of_one_name_one_wins(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    rivals = [sample.envelope(f"book-{number}", 1) for number in range(RACERS)]
    results = race([partial(event_store.append, e.stream, 0, [e], take(NAME)) for e in rivals])
    winners = [e for e, result in zip(rivals, results, strict=True) if result is None]
    assert [type(r) for r in results if r is not None] == [ClaimTaken] * (RACERS - 1)
    assert everything(event_store) == winners
    assert owner(sample, event_store, NAME) == winners[0].stream


def test_concurrent_repeats_of_an_append_succeed_and_store_once(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = sample.history("emma", 1, 2)
    results = race([partial(event_store.append, "emma", 0, events, take(NAME))] * RACERS)
    assert results == [None] * RACERS
    assert everything(event_store) == events


def test_racing_appends_to_different_streams_all_succeed(
    event_store: EventStore[Any], sample: AnySample
) -> None:
    events = [sample.envelope(f"book-{number}", 1) for number in range(RACERS)]
    results = race([partial(event_store.append, e.stream, 0, [e]) for e in events])
    assert results == [None] * RACERS
    assert {e.stream for e in everything(event_store)} == {e.stream for e in events}


def test_a_store_that_responds_passes_its_check(event_store: EventStore[Any]) -> None:
    event_store.check()


# --- events that this version of the code cannot read ---------------------------------------------


class Forgetful(EventCodec[Any]):
    """The codec of a version of the code that knows less than the one that has stored events."""

    def __init__(self, codec: EventCodec[Any]) -> None:
        self._codec = codec
        self.forgotten: set[str] = set()

    def encode(self, event: Any) -> StoredEvent:
        return self._codec.encode(event)

    def decode(self, name: str, schema_version: int, data: Mapping[str, Any]) -> Any:
        if name in self.forgotten:
            raise UnknownEvent(f"{name} is not known")
        return self._codec.decode(name, schema_version, data)


def with_codec(domain: AnyDomain, codec: EventCodec[Any]) -> AnyDomain:
    return domain._replace(write_side=lambda: WriteSide(domain.decider, codec))


@pytest.mark.parametrize("adapter", sorted(EVENT_STORES.keys() - {"memory"}))
def test_an_event_that_cannot_be_read_is_yielded_as_unreadable_and_the_others_as_they_are(
    adapter: str, sample: AnySample, tmp_path: Path
) -> None:
    codec = Forgetful(sample.domain.events)
    first, later = sample.history("a", 1, 2)
    with EVENT_STORES[adapter](with_codec(sample.domain, codec), tmp_path) as store:
        store.append("a", 0, [first, later])
        store.append("b", 0, [other := sample.envelope("b", 1)])
        codec.forgotten = {name := codec.encode(later.event).type}
        logged = sorted((found for _, found in store.read_all()), key=_stream_and_version)

        assert logged == [first, Unreadable("a", 2, f"{name} is not known"), other]
        with pytest.raises(UnknownEvent, match=name):
            store.load("a")
        assert store.load("a", limit=1) == [first]


def _stream_and_version(logged: Envelope[Any] | Unreadable) -> tuple[str, int]:
    return logged.stream, logged.version


@pytest.mark.parametrize("adapter", sorted(EVENT_STORES.keys() - {"memory"}))
def test_a_reading_continues_after_an_event_that_cannot_be_read(
    adapter: str, sample: AnySample, tmp_path: Path
) -> None:
    codec = Forgetful(sample.domain.events)
    with EVENT_STORES[adapter](with_codec(sample.domain, codec), tmp_path) as store:
        store.append("a", 0, sample.history("a", 1, 3))
        codec.forgotten = {codec.encode(sample.later(2)).type}
        positions = [position for position, _ in store.read_all()]
        rest = [[found for _, found in store.read_all(after=p)] for p in positions]

        assert [len(left) for left in rest] == [2, 1, 0]
