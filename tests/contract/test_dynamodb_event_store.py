"""What the DynamoDB event store does beyond the contract: pages, limits, odd keys, and no gap anywhere."""

from collections.abc import Iterator
from functools import partial

import pytest

from core.adapters.dynamodb.envelopes import envelope_from_item, is_event, item_from_envelope
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.items import ITEM_BYTES, item_size
from core.domain.book import BookDetails
from core.domain.events import BookAdded, BookRevised, UnknownEvent
from core.ports.event_store import Claims, ClaimTaken, Envelope, EventTooLarge, VersionConflict
from tests.support.dynamodb import client, fresh_events_table
from tests.support.dynamodb_wire import Wire, fresh_wire
from tests.support.racing import race
from tests.support.books import envelope, history

LARGE = 300_000


@pytest.fixture
def wire() -> Wire:
    return fresh_wire()


@pytest.fixture
def table() -> Iterator[str]:
    with fresh_events_table() as name:
        yield name


@pytest.fixture
def store(wire: Wire, table: str) -> DynamoDbEventStore:
    return DynamoDbEventStore(wire.client, table, lambda _: None)


def of_size(stream: str, version: int, characters: int) -> Envelope:
    """Return an event whose item has ``characters`` and a little more."""
    return envelope(stream, version, BookRevised(changes={"description": "x" * characters}))


def items(table: str) -> int:
    return client().scan(TableName=table, Select="COUNT")["Count"]


# --- pages --------------------------------------------------------------------------------------


def test_a_stream_of_several_megabytes_loads_whole(wire: Wire, store: DynamoDbEventStore) -> None:
    events = [of_size("emma", version, LARGE) for version in range(1, 12)]
    for event in events:
        store.append("emma", event.version - 1, [event])
    assert wire.actions(lambda: store.load("emma")) == ["Query"] * 3
    assert store.load("emma") == events
    assert store.load("emma", after=2, limit=7) == events[2:9]
    assert [e for _, e in store.read_all()] == events


def test_a_part_of_a_long_stream_costs_its_own_events(
    wire: Wire, store: DynamoDbEventStore
) -> None:
    for event in (of_size("emma", version, LARGE) for version in range(1, 6)):
        store.append("emma", event.version - 1, [event])
    (call,) = wire.during(lambda: store.load("emma", after=4))
    assert call.units == pytest.approx(LARGE / 4096, abs=1)


def test_a_limit_of_nothing_loads_nothing(store: DynamoDbEventStore) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    assert store.load("emma", limit=0) == []


def test_claims_are_no_events(store: DynamoDbEventStore) -> None:
    store.append("emma", 0, [envelope("emma", 1)], Claims(take=frozenset(["isbn:1"])))
    assert store.load("claim#isbn:1") == []
    assert [e.stream for _, e in store.read_all()] == ["emma"]


# --- limits -------------------------------------------------------------------------------------


def test_an_event_larger_than_an_item_is_refused_before_it_is_sent(
    wire: Wire, store: DynamoDbEventStore
) -> None:
    with pytest.raises(EventTooLarge, match="409,600"):
        store.append("emma", 0, [of_size("emma", 1, ITEM_BYTES)])
    assert wire.calls == []


def test_an_event_of_the_largest_size_is_kept(store: DynamoDbEventStore) -> None:
    spare = ITEM_BYTES - item_size(item_from_envelope(of_size("emma", 1, 0)))
    store.append("emma", 0, [largest := of_size("emma", 1, spare)])
    assert store.load("emma") == [largest]
    with pytest.raises(EventTooLarge):
        store.append("emma", 1, [of_size("emma", 2, spare + 1)])


def test_events_larger_than_a_transaction_are_refused(store: DynamoDbEventStore) -> None:
    events = [of_size("emma", version, LARGE) for version in range(1, 15)]
    with pytest.raises(EventTooLarge, match="4,000,000"):
        store.append("emma", 0, events)
    assert store.load("emma") == []


def test_the_most_events_that_a_transaction_takes_are_appended(store: DynamoDbEventStore) -> None:
    store.append("emma", 0, events := history("emma", 1, 100))
    assert store.load("emma") == events


def test_more_events_than_a_transaction_takes_are_refused(store: DynamoDbEventStore) -> None:
    with pytest.raises(ValueError, match="100 events and claims"):
        store.append("emma", 0, history("emma", 1, 100), Claims(take=frozenset(["isbn:1"])))
    assert store.load("emma") == []


def test_the_largest_book_there_can_be_is_kept(store: DynamoDbEventStore) -> None:
    wide = "\U00020000"
    book = BookDetails(
        title=wide * 500,
        authors=tuple(f"{n:02}" + wide * 198 for n in range(50)),
        description='"' * 20_000,
        subjects=tuple(f"{n:02}" + wide * 98 for n in range(50)),
    )
    store.append("emma", 0, [added := envelope("emma", 1, BookAdded(details=book))])
    assert store.load("emma") == [added]


# --- no gaps --------------------------------------------------------------------------------------


def test_a_gap_is_kept_out_also_by_a_process_that_never_saw_the_stream(
    wire: Wire, table: str, store: DynamoDbEventStore
) -> None:
    store.append("emma", 0, history("emma", 1, 2))
    fresh = DynamoDbEventStore(wire.client, table, lambda _: None)
    with pytest.raises(VersionConflict):
        fresh.append("emma", 3, [envelope("emma", 4)])
    fresh.append("emma", 2, [envelope("emma", 3)])
    assert [e.version for e in store.load("emma")] == [1, 2, 3]


def test_what_was_refused_is_not_taken_for_seen(store: DynamoDbEventStore) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    with pytest.raises(VersionConflict):
        store.append("emma", 0, [envelope("emma", 1)])
    with pytest.raises(VersionConflict):
        store.append("emma", 2, [envelope("emma", 3)])


def test_many_streams_are_appended_to_by_one_process(wire: Wire, table: str) -> None:
    store = DynamoDbEventStore(wire.client, table, lambda _: None, remembered=3)
    for stream in "abcdefg":
        store.append(stream, 0, [envelope(stream, 1)])
    for stream in "abcdefg":
        store.append(stream, 1, [envelope(stream, 2)])
    assert [len(store.load(stream)) for stream in "abcdefg"] == [2] * 7


# --- claims of others -------------------------------------------------------------------------


def test_a_name_of_another_is_not_released_while_ones_own_is(store: DynamoDbEventStore) -> None:
    store.append("emma", 0, [envelope("emma", 1)], Claims(take=frozenset(["mine", "free"])))
    store.append("persuasion", 0, [envelope("persuasion", 1)], Claims(take=frozenset(["theirs"])))
    release = Claims(take=frozenset(["free"]), release=frozenset(["mine", "theirs", "free"]))
    store.append("emma", 1, [envelope("emma", 2)], release)
    rival = partial(store.append, "rival", 0, [envelope("rival", 1)])
    for name, owner in (("theirs", "persuasion"), ("free", "emma")):
        with pytest.raises(ClaimTaken) as taken:
            rival(Claims(take=frozenset([name])))
        assert taken.value.owner == owner
    rival(Claims(take=frozenset(["mine"])))


# --- races: nothing is half written -----------------------------------------------------------

RACERS = 16
TAKE = Claims(take=frozenset(["isbn:1"]))


def test_of_racing_appends_with_claims_one_wins_and_nothing_else_is_written(
    table: str, store: DynamoDbEventStore
) -> None:
    rivals = [history("emma", 1, 2) for _ in range(RACERS)]
    results = race([partial(store.append, "emma", 0, events, TAKE) for events in rivals])
    winners = [events for events, result in zip(rivals, results, strict=True) if result is None]
    assert [store.load("emma")] == winners
    assert {type(r) for r in results if r is not None} == {VersionConflict}
    assert items(table) == 3


def test_of_racing_takers_one_wins_and_nothing_else_is_written(
    table: str, store: DynamoDbEventStore
) -> None:
    rivals = [envelope(f"book-{n}", 1) for n in range(RACERS)]
    results = race([partial(store.append, e.stream, 0, [e], TAKE) for e in rivals])
    assert [type(r) for r in results if r is not None] == [ClaimTaken] * (RACERS - 1)
    assert items(table) == 2


# --- odd keys and images ----------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["", "x" * 2049, "\U00020000" * 513, "\ud800"], ids=ascii)
def test_a_stream_that_can_be_no_key_has_no_events(store: DynamoDbEventStore, stream: str) -> None:
    assert store.load(stream) == []


@pytest.mark.parametrize("after", [-1, 10**18, 10**40])
def test_any_whole_number_is_a_version_to_load_after(store: DynamoDbEventStore, after: int) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    assert len(store.load("emma", after=after)) == (1 if after < 0 else 0)


def test_an_item_that_is_no_event_of_ours_is_unknown(store: DynamoDbEventStore, table: str) -> None:
    item = item_from_envelope(envelope("emma", 1))
    for name in ("type", "data", "occurred_at", "schema_version"):
        with pytest.raises(UnknownEvent):
            envelope_from_item({k: v for k, v in item.items() if k != name})
    client().put_item(TableName=table, Item={**item, "schema_version": {"N": "99"}})
    with pytest.raises(UnknownEvent):
        store.load("emma")


def test_events_and_claims_are_told_apart_by_their_images() -> None:
    assert is_event(item_from_envelope(envelope("emma", 1)))
    assert not is_event({"stream": {"S": "claim#isbn:1"}, "owner": {"S": "emma"}})
    assert not is_event({})
