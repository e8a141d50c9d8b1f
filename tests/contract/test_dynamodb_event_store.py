"""What the DynamoDB event store does beyond the contract: pages, limits, odd keys, no gaps."""

from collections.abc import Iterator
from functools import partial

import pytest

from core.adapters.dynamodb.envelopes import envelope_from_item, is_event, item_from_envelope
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.items import MAX_ITEM_BYTES, Item, item_size
from core.application.handling import Accepted, CommandHandler
from core.application.requests import Actor, CommandRequest, IdempotencyKey
from core.domain.commands import ReviseBook
from core.domain.details import BookDetails
from core.domain.events import EVENTS, BookAdded, BookEvent, BookRevised
from core.domain.manifest import BOOKS
from core.ports.errors import UnknownEvent
from core.ports.event_store import Claims, ClaimTaken, EventTooLarge, VersionConflict
from core.ports.events import Envelope, NothingChanged
from tests.support.books import NOON, envelope, history
from tests.support.dynamodb import client, fresh_events_table
from tests.support.dynamodb_wire import Wire, fresh_wire
from tests.support.racing import race

LARGE = 300_000


@pytest.fixture
def wire(carrier: str) -> Wire:
    return fresh_wire(carrier=carrier)


@pytest.fixture
def table() -> Iterator[str]:
    with fresh_events_table() as name:
        yield name


@pytest.fixture
def store(wire: Wire, table: str) -> DynamoDbEventStore[BookEvent]:
    return DynamoDbEventStore(wire.client, table, EVENTS, lambda _: None)


def of_size(stream: str, version: int, characters: int) -> Envelope[BookEvent]:
    """Return an event whose item has ``characters`` and a little more."""
    return envelope(stream, version, BookRevised(changes={"description": "x" * characters}))


def items(table: str) -> int:
    return client().scan(TableName=table, Select="COUNT")["Count"]


# --- pages --------------------------------------------------------------------------------------


def test_a_stream_of_several_megabytes_loads_whole(
    wire: Wire, store: DynamoDbEventStore[BookEvent]
) -> None:
    events = [of_size("emma", version, LARGE) for version in range(1, 12)]
    for event in events:
        store.append("emma", event.version - 1, [event])
    assert wire.actions(lambda: store.load("emma")) == ["Query"] * 3
    assert store.load("emma") == events
    assert store.load("emma", after=2, limit=7) == events[2:9]
    assert [e for _, e in store.read_all()] == events


def test_a_part_of_a_long_stream_costs_its_own_events_only(
    wire: Wire, store: DynamoDbEventStore[BookEvent]
) -> None:
    for event in (of_size("emma", version, LARGE) for version in range(1, 6)):
        store.append("emma", event.version - 1, [event])
    (call,) = wire.during(lambda: store.load("emma", after=4))
    assert call.units == pytest.approx(LARGE / 4096, abs=1)


def test_a_limit_of_0_loads_nothing(store: DynamoDbEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    assert store.load("emma", limit=0) == []


def test_claims_are_not_events(store: DynamoDbEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)], Claims(take=frozenset(["isbn:1"])))
    assert store.load("claim#isbn:1") == []
    assert [e.stream for _, e in store.read_all()] == ["emma"]


def test_snapshots_are_not_events(store: DynamoDbEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    store.save_snapshot("emma", 50, "text")
    assert store.load("snapshot#50#emma") == store.load_last("snapshot#50#emma", 1) == []
    assert [e.stream for _, e in store.read_all()] == ["emma"]


def test_the_last_events_of_several_megabytes_load_whole(
    wire: Wire, store: DynamoDbEventStore[BookEvent]
) -> None:
    events = [of_size("emma", version, LARGE) for version in range(1, 8)]
    for event in events:
        store.append("emma", event.version - 1, [event])
    assert store.load_last("emma", 6) == events[1:]
    assert wire.actions(lambda: store.load_last("emma", 6)) == ["Query"] * 2


def test_a_command_appends_after_the_last_events_without_another_read(
    wire: Wire, store: DynamoDbEventStore[BookEvent], table: str
) -> None:
    store.append("emma", 0, history("emma", 1, 3))
    fresh = DynamoDbEventStore(wire.client, table, EVENTS, lambda _: None)
    fresh.load_last("emma", 2)
    assert wire.actions(lambda: fresh.append("emma", 3, [envelope("emma", 4)])) == ["PutItem"]


# --- limits -------------------------------------------------------------------------------------


def test_an_event_larger_than_an_item_is_refused_before_it_is_sent(
    wire: Wire, store: DynamoDbEventStore[BookEvent]
) -> None:
    with pytest.raises(EventTooLarge, match="409,600"):
        store.append("emma", 0, [of_size("emma", 1, MAX_ITEM_BYTES)])
    assert wire.calls == []


def test_an_event_of_the_maximum_size_is_stored(store: DynamoDbEventStore[BookEvent]) -> None:
    spare = MAX_ITEM_BYTES - item_size(item_from_envelope(of_size("emma", 1, 0), EVENTS))
    store.append("emma", 0, [maximal := of_size("emma", 1, spare)])
    assert store.load("emma") == [maximal]
    with pytest.raises(EventTooLarge):
        store.append("emma", 1, [of_size("emma", 2, spare + 1)])


def test_events_larger_than_a_transaction_are_refused(store: DynamoDbEventStore[BookEvent]) -> None:
    events = [of_size("emma", version, LARGE) for version in range(1, 15)]
    with pytest.raises(EventTooLarge, match="4,000,000"):
        store.append("emma", 0, events)
    assert store.load("emma") == []


def test_as_many_events_as_a_transaction_takes_are_appended(
    store: DynamoDbEventStore[BookEvent],
) -> None:
    store.append("emma", 0, events := history("emma", 1, 100))
    assert store.load("emma") == events


def test_more_events_than_a_transaction_takes_are_refused(
    store: DynamoDbEventStore[BookEvent],
) -> None:
    with pytest.raises(ValueError, match="100 events and claims"):
        store.append("emma", 0, history("emma", 1, 100), Claims(take=frozenset(["isbn:1"])))
    assert store.load("emma") == []


def test_a_book_of_the_maximum_size_is_stored(store: DynamoDbEventStore[BookEvent]) -> None:
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


def test_a_gap_is_prevented_also_by_a_process_that_never_read_the_stream(
    wire: Wire, table: str, store: DynamoDbEventStore[BookEvent]
) -> None:
    store.append("emma", 0, history("emma", 1, 2))
    fresh = DynamoDbEventStore(wire.client, table, EVENTS, lambda _: None)
    with pytest.raises(VersionConflict):
        fresh.append("emma", 3, [envelope("emma", 4)])
    fresh.append("emma", 2, [envelope("emma", 3)])
    assert [e.version for e in store.load("emma")] == [1, 2, 3]


def test_a_refused_version_is_not_remembered(store: DynamoDbEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    with pytest.raises(VersionConflict):
        store.append("emma", 0, [envelope("emma", 1)])
    with pytest.raises(VersionConflict):
        store.append("emma", 2, [envelope("emma", 3)])


def test_many_streams_are_appended_to_by_one_process(wire: Wire, table: str) -> None:
    store = DynamoDbEventStore(wire.client, table, EVENTS, lambda _: None, remembered=3)
    for stream in "abcdefg":
        store.append(stream, 0, [envelope(stream, 1)])
    for stream in "abcdefg":
        store.append(stream, 1, [envelope(stream, 2)])
    assert [len(store.load(stream)) for stream in "abcdefg"] == [2] * 7


# --- claims of others -------------------------------------------------------------------------


def test_a_release_frees_only_claims_of_its_own_stream(
    store: DynamoDbEventStore[BookEvent],
) -> None:
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
    table: str, store: DynamoDbEventStore[BookEvent]
) -> None:
    rivals = [history("emma", 1, 2) for _ in range(RACERS)]
    results = race([partial(store.append, "emma", 0, events, TAKE) for events in rivals])
    winners = [events for events, result in zip(rivals, results, strict=True) if result is None]
    assert [store.load("emma")] == winners
    assert {type(r) for r in results if r is not None} == {VersionConflict}
    assert items(table) == 3


def test_of_racing_takers_one_wins_and_nothing_else_is_written(
    table: str, store: DynamoDbEventStore[BookEvent]
) -> None:
    rivals = [envelope(f"book-{n}", 1) for n in range(RACERS)]
    results = race([partial(store.append, e.stream, 0, [e], TAKE) for e in rivals])
    assert [type(r) for r in results if r is not None] == [ClaimTaken] * (RACERS - 1)
    assert items(table) == 2


# --- odd keys and images ----------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["", "x" * 2049, "\U00020000" * 513, "\ud800"], ids=ascii)
def test_a_stream_that_is_not_a_valid_key_has_no_events(
    store: DynamoDbEventStore[BookEvent], stream: str
) -> None:
    assert store.load(stream) == store.load_last(stream, 1) == []
    assert store.load_snapshot(stream, 50) is None


@pytest.mark.parametrize("after", [-1, 10**18, 10**40])
def test_any_integer_is_a_version_to_load_after(
    store: DynamoDbEventStore[BookEvent], after: int
) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    assert len(store.load("emma", after=after)) == (1 if after < 0 else 0)


def test_an_item_without_the_shape_of_an_event_is_unknown(
    store: DynamoDbEventStore[BookEvent], table: str
) -> None:
    item = item_from_envelope(envelope("emma", 1), EVENTS)
    for name in ("type", "data", "occurred_at", "schema_version"):
        with pytest.raises(UnknownEvent):
            envelope_from_item({k: v for k, v in item.items() if k != name}, EVENTS)
    client().put_item(TableName=table, Item={**item, "schema_version": {"N": "99"}})
    with pytest.raises(UnknownEvent):
        store.load("emma")


def test_images_of_events_and_claims_are_distinguished() -> None:
    assert is_event(item_from_envelope(envelope("emma", 1), EVENTS))
    assert not is_event({"stream": {"S": "claim#isbn:1"}, "owner": {"S": "emma"}})
    assert not is_event({"stream": {"S": "snapshot#50#emma"}, "snapshot": {"S": "text"}})
    assert not is_event({})


# --- the stored form: items of earlier versions load for ever ---------------------------------

OLD_ITEM: Item = {
    "stream": {"S": "emma"},
    "version": {"N": "1"},
    "event_id": {"S": "5d1c1b0e-0c5a-4f4e-8f4b-4c6b3f0d9a11"},
    "type": {"S": "BookAdded"},
    "schema_version": {"N": "1"},
    "data": {"S": '{"details":{"title":"Emma","authors":["Jane Austen"],"year":1815}}'},
    "occurred_at": {"S": "2024-05-17T12:00:01+00:00"},
    "actor": {"S": "ann"},
    "correlation_id": {"S": "request-1"},
    "causation_id": {"S": "message-1"},
    "command_id": {"S": "digest-of-the-key"},
    "fingerprint": {"S": "digest-of-the-request"},
}
OLD_RECORD: Item = {
    **OLD_ITEM,
    "version": {"N": "2"},
    "event_id": {"S": "0f6a7e0c-4a5f-4a55-9d2a-1c4de44a3f02"},
    "type": {"S": "BookRevised"},
    "schema_version": {"N": "2"},
    "data": {"S": '{"changes":{}}'},
}


def test_an_item_of_the_first_schema_version_loads_and_is_recognised_by_its_idempotency_key(
    store: DynamoDbEventStore[BookEvent], table: str
) -> None:
    for item in (OLD_ITEM, OLD_RECORD):
        client().put_item(TableName=table, Item=item)
    added, nothing = store.load("emma")
    assert added.event == BookAdded(
        details=BookDetails(title="Emma", authors=("Jane Austen",), published="1815")
    )
    assert nothing.event == BookRevised(changes={})
    assert {e.idempotency_key for e in (added, nothing)} == {"digest-of-the-key"}
    assert {e.fingerprint for e in (added, nothing)} == {"digest-of-the-request"}
    assert [event for _, event in store.read_all()] == [added, nothing]


def test_a_repeated_command_finds_its_first_response_in_an_old_log(
    store: DynamoDbEventStore[BookEvent], table: str
) -> None:
    request = CommandRequest(
        Actor("https://issuer.test", "ann"),
        "correlation-1",
        "message-1",
        IdempotencyKey("key", "digest-of-the-request"),
    )
    record = {**OLD_RECORD, "command_id": {"S": request.idempotency_key}}
    for item in (OLD_ITEM, record):
        client().put_item(TableName=table, Item=item)
    handler = CommandHandler(BOOKS, store, clock=lambda: NOON, new_id=lambda: "new")
    repeated = handler.handle("emma", ReviseBook({"title": "Emma"}), request)
    assert repeated == Accepted("emma", 2, replayed=True)
    assert len(store.load("emma")) == 2


def test_the_stored_form_of_an_event_is_that_of_earlier_versions() -> None:
    event = envelope_from_item(OLD_RECORD, EVENTS)
    assert item_from_envelope(event, EVENTS) == OLD_RECORD


def test_the_record_of_a_command_that_changed_nothing_is_stored_and_loaded(
    store: DynamoDbEventStore[BookEvent],
) -> None:
    record: Envelope[BookEvent] = Envelope(
        stream="emma",
        version=2,
        event_id="record-1",
        event=NothingChanged(),
        occurred_at=NOON,
        actor="ann",
        correlation_id="request-1",
        causation_id="message-1",
        idempotency_key="key",
        fingerprint="digest",
    )
    store.append("emma", 0, [added := envelope("emma", 1)])
    store.append("emma", 1, [record])
    assert store.load("emma") == [added, record]
    assert [event for _, event in store.read_all()] == [added, record]
    assert is_event(item_from_envelope(record, EVENTS))
