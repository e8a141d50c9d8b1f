"""What every erasure of actors promises (core.ports.erasure)."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest

from apps.local.stream_reader import StreamReader
from core.adapters.dynamodb.client import DynamoDb, Response
from core.adapters.dynamodb.erasure import DynamoDbActorErasure
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.sqlite.erasure import SqliteActorErasure
from core.adapters.sqlite.event_store import SqliteEventStore
from core.ports.erasure import ERASED, ActorErasure
from core.ports.event_store import NEWEST_SNAPSHOT, Claims, ClaimTaken, EventStore
from core.ports.events import Unreadable
from tests.support import dynamodb
from tests.support.adapters import ERASURES
from tests.support.samples import SAMPLES, AnySample

ANN, BOB, PSEUDONYM = "auth0|ann-5f7c8ec7", "bob", "hmac:0123"

ANY: AnySample = next(iter(SAMPLES.values()))

Log = tuple[EventStore[Any], ActorErasure]


@pytest.fixture(params=ERASURES)
def log(request: pytest.FixtureRequest, sample: AnySample, tmp_path: Path) -> Iterator[Log]:
    """Yield an event store with its erasure. Ann, Bob and a pseudonym have written in turn."""
    with ERASURES[request.param](sample.domain, tmp_path) as (store, erasure):
        for stream in ("emma", "persuasion"):
            for version, actor in enumerate((ANN, BOB, PSEUDONYM, ANN), 1):
                key = {"idempotency_key": f"k{version}", "fingerprint": f"f{version}"}
                event = sample.envelope(stream, version, actor=actor, **key)
                store.append(stream, version - 1, [event], Claims(frozenset({f"kind:{stream}"})))
        store.save_snapshot("emma", NEWEST_SNAPSHOT, ANN)
        yield store, erasure


def test_the_actor_of_every_event_of_a_subject_is_replaced_and_nothing_else(log: Log) -> None:
    store, erasure = log
    before = dict(store.read_all())

    *_, done = erasure.erase({ANN})

    expected = {
        position: event._replace(actor=ERASED) if event.actor == ANN else event
        for position, event in before.items()
        if not isinstance(event, Unreadable)
    }
    assert list(store.read_all()) == list(expected.items())
    assert done.changed == 4
    assert done.seen >= len(before)


def test_several_names_of_an_actor_are_erased_at_once(log: Log) -> None:
    store, erasure = log
    *_, done = erasure.erase([ANN, PSEUDONYM])
    assert [event.actor for event in store.load("emma")] == [ERASED, BOB, ERASED, ERASED]
    assert done.changed == 6


def test_an_actor_is_erased_only_by_the_whole_name(log: Log) -> None:
    store, erasure = log
    before = list(store.read_all())
    *_, done = erasure.erase([ANN[:-1], f"{ANN} ", ANN.upper(), "%", "*", ""])
    assert (done.changed, list(store.read_all())) == (0, before)


def test_the_same_erasure_again_changes_nothing_more(log: Log) -> None:
    store, erasure = log
    list(erasure.erase([ANN]))
    after = list(store.read_all())
    *_, done = erasure.erase([ANN])
    assert (done.changed, list(store.read_all())) == (0, after)


def test_claims_and_snapshots_stay(log: Log, sample: AnySample) -> None:
    store, erasure = log
    list(erasure.erase([ANN]))
    with pytest.raises(ClaimTaken):
        store.append("asker", 0, [sample.envelope("asker", 1)], Claims(frozenset({"kind:emma"})))
    assert store.load_snapshot("emma", NEWEST_SNAPSHOT) == ANN


def test_an_append_whose_response_was_lost_may_be_repeated_after_an_erasure(
    log: Log, sample: AnySample
) -> None:
    store, erasure = log
    last = sample.envelope("emma", 5, actor=ANN)
    store.append("emma", 4, [last])
    list(erasure.erase([ANN]))
    store.append("emma", 4, [last])
    assert store.load("emma", after=4) == [last._replace(actor=ERASED)]


def test_a_stream_goes_on_while_its_actor_is_erased(log: Log, sample: AnySample) -> None:
    store, erasure = log
    parts = erasure.erase([ANN])
    next(parts)
    store.append("emma", 4, [sample.envelope("emma", 5, actor=ANN)])
    list(parts)
    actors = [event.actor for event in store.load("emma")]
    assert actors[:4] == [ERASED, BOB, PSEUDONYM, ERASED]
    assert actors[4] in {ERASED, ANN}


@pytest.mark.parametrize("name", ERASURES)
def test_an_empty_log_has_nobody_to_erase(name: str, tmp_path: Path) -> None:
    with ERASURES[name](ANY.domain, tmp_path) as (_, erasure):
        assert [tuple(part) for part in erasure.erase([ANN])] == [(0, 0)]


# --- SQLite -------------------------------------------------------------------------------------


def test_sqlite_keeps_no_byte_of_the_subject_in_its_files(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SqliteEventStore(path, ANY.domain.events)) as store:
        store.append("s", 0, [ANY.envelope("s", n, actor=ANN) for n in range(1, 301)])
        long = ANY.envelope("long", 1, actor=ANN, correlation_id="x" * 9_000)
        store.append("long", 0, [long])
        assert ANN.encode() in path.read_bytes() + path.with_name("store.db-wal").read_bytes()
        with closing(SqliteActorErasure(path)) as erasure:
            *_, done = erasure.erase([ANN])
        assert done.changed == 301
        left = [file.name for file in tmp_path.iterdir() if ANN.encode() in file.read_bytes()]
        assert left == []


def test_sqlite_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SqliteEventStore(path, ANY.domain.events)) as store:
        for start in range(0, 4_500, 500):
            events = [ANY.envelope("s", start + n, actor=ANN) for n in range(1, 501)]
            store.append("s", start, events)
        with closing(SqliteActorErasure(path)) as erasure:
            stopped = next(iter(erasure.erase([ANN])))
            parts = list(erasure.erase([ANN]))
        assert stopped.changed == 2_000
        assert [part.changed for part in parts] == [0, 2_000, 2_500]
        assert {event.actor for event in store.load("s")} == {ERASED}


# --- DynamoDB -----------------------------------------------------------------------------------


def test_dynamodb_reads_all_pages_of_the_log_and_every_acknowledged_append() -> None:
    scans = []

    def two_at_a_time(operation: str, parameters: Any) -> Response:
        if operation == "Scan":
            scans.append(parameters["ConsistentRead"])
            parameters = {**parameters, "Limit": 2}
        return dynamodb.database().call(operation, parameters)

    with dynamodb.fresh_events_table() as table:
        client = DynamoDb(two_at_a_time)
        store = DynamoDbEventStore(client, table, ANY.domain.events, lambda _: None)
        store.append("emma", 0, [ANY.envelope("emma", n, actor=ANN) for n in range(1, 6)])
        parts = list(DynamoDbActorErasure(client, table, lambda _: None).erase([ANN]))
        assert {event.actor for event in store.load("emma")} == {ERASED}
    assert [part.changed for part in parts][:3] == [2, 4, 5]
    assert set(scans) == {True}


def test_dynamodb_leaves_alone_what_another_erasure_has_changed_meanwhile() -> None:
    with dynamodb.fresh_events_table() as table:
        client = dynamodb.database()

        def call(operation: str, parameters: Any) -> Response:
            response = client.call(operation, parameters)
            if operation == "Scan":  # the other one is faster
                *_, other = DynamoDbActorErasure(client, table, lambda _: None).erase([ANN])
                assert other.changed == 1
            return response

        store = DynamoDbEventStore(client, table, ANY.domain.events, lambda _: None)
        store.append("emma", 0, [ANY.envelope("emma", 1, actor=ANN)])
        *_, done = DynamoDbActorErasure(DynamoDb(call), table, lambda _: None).erase([ANN])
        assert done.changed == 0
        assert store.load("emma")[0].actor == ERASED


def test_the_stream_of_the_table_has_an_erasure_as_a_change_and_not_as_an_event() -> None:
    with dynamodb.fresh_events_table() as table, dynamodb.with_credentials():
        store = DynamoDbEventStore(dynamodb.database(), table, ANY.domain.events, lambda _: None)
        store.append("emma", 0, ANY.history("emma", 1, 2))
        list(DynamoDbActorErasure(dynamodb.database(), table, lambda _: None).erase(["ann"]))
        streams = boto3.client("dynamodbstreams", endpoint_url=dynamodb.endpoint())
        arn = dynamodb.client().describe_table(TableName=table)["Table"]["LatestStreamArn"]
        records = [record for batch in StreamReader(streams, arn).batches() for record in batch]
    assert [record["eventName"] for record in records] == ["INSERT", "INSERT", "MODIFY", "MODIFY"]
