"""A log moves between stores by way of a file, and nothing of it is lost on the way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.log.checking import Checked, Conflict
from apps.log.exporting import write_log
from apps.log.files import lines_of, new_file
from apps.log.importing import Imported, import_log
from apps.log.lines import End, Unusable, end_line, event_line, header_line
from apps.log.streams import Streams
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.application.errors import CommandRefused
from core.application.handling import CommandHandler, claim_names
from core.application.log import rebuild
from core.application.requests import Actor, CommandRequest, IdempotencyKey
from core.ports.event_store import Claims, ClaimTaken, EventStore
from core.ports.events import AsStored, Envelope, StoredEvent, Unreadable
from core.ports.read_model import Aside
from core.ports.refusals import Refusal
from tests.support import dynamodb
from tests.support.logs import events_of
from tests.support.sample import NOON
from tests.support.samples import SAMPLES, AnySample

ANN = Actor("https://issuer.test", "ann")
KEYS = st.sampled_from((None, "key-1", "key-2", "key-3"))


@dataclass(frozen=True)
class Stores:
    """A log twice: as this code reads it, and as it is stored."""

    events: EventStore[Any]
    stored: EventStore[StoredEvent]
    batch: Callable[[], AbstractContextManager[object]] = nullcontext
    threads: int = 1


def as_stored(envelope: Envelope[StoredEvent]) -> StoredEvent:
    assert isinstance(envelope.event, StoredEvent)
    return envelope.event


class InStoredForm:
    """A store in memory, whose events have no stored form of their own."""

    def __init__(self, store: MemoryEventStore[Any], sample: AnySample) -> None:
        self._store = store
        self._codec = sample.domain.events

    def append(
        self, stream: str, expected: int, events: Sequence[Envelope[Any]], claims: Claims
    ) -> None:
        decoded = [e._replace(event=self._codec.decode(*as_stored(e))) for e in events]
        self._store.append(stream, expected, decoded, claims)

    def load(self, stream: str) -> list[Envelope[Any]]:
        return [e._replace(event=self._codec.encode(e.event)) for e in self._store.load(stream)]

    def read_all(self) -> Iterator[tuple[str, Envelope[Any]]]:
        for position, e in self._store.read_all():
            yield position, e._replace(event=self._codec.encode(e.event))


@contextmanager
def in_memory(sample: AnySample, _: Path) -> Iterator[Stores]:
    store: MemoryEventStore[Any] = MemoryEventStore()
    stored: Any = InStoredForm(store, sample)
    yield Stores(store, stored)


@contextmanager
def in_sqlite(sample: AnySample, folder: Path) -> Iterator[Stores]:
    path = Path(mkdtemp(dir=folder)) / "store.db"
    with (
        closing(SqliteEventStore(path, sample.domain.events)) as events,
        closing(SqliteEventStore(path, AsStored())) as stored,
    ):
        yield Stores(events, stored, stored.batch)


@contextmanager
def in_dynamodb(sample: AnySample, _: Path) -> Iterator[Stores]:
    client = dynamodb.database()
    with dynamodb.fresh_events_table() as table:
        yield Stores(
            DynamoDbEventStore(client, table, sample.domain.events, lambda _: None),
            DynamoDbEventStore(client, table, AsStored(), lambda _: None),
            threads=4,
        )


STORES: dict[str, Callable[[AnySample, Path], AbstractContextManager[Stores]]] = {
    "memory": in_memory,
    "sqlite": in_sqlite,
    "dynamodb": in_dynamodb,
}


def exported(stores: Stores, path: Path) -> int:
    header = header_line("a test", "any", NOON)
    with closing(Streams()) as streams, new_file(path) as write:
        return write_log(header, stores.stored.read_all(), write, streams, lambda _: None)


def imported(
    path: Path,
    stores: Stores,
    sample: AnySample,
    agree: Callable[[Checked], None] = lambda _: None,
) -> Imported:
    with lines_of(path) as lines:
        return import_log(
            lines,
            stores.stored,
            sample.domain,
            agree,
            stores.batch,
            stores.threads,
            lambda _: None,
        )


def lines(path: Path) -> list[bytes]:
    """Return the lines of events in a file, in an order that does not depend on the store."""
    return sorted(path.read_bytes().splitlines()[1:-1])


# --- any log, from any store to any other ---------------------------------------------------------


def handler(stores: Stores, sample: AnySample) -> CommandHandler[Any, Any, Any]:
    numbers = count(1)
    return CommandHandler(
        sample.domain, stores.events, clock=lambda: NOON, new_id=lambda: f"id-{next(numbers)}"
    )


def request(key: str | None) -> CommandRequest:
    keyed = None if key is None else IdempotencyKey(key, f"fingerprint of {key}")
    return CommandRequest(ANN, "correlation-1", "message-1", keyed, None)


def owner_of(name: str, stores: Stores, sample: AnySample) -> str | None:
    """Return which stream holds a claim, by taking it for another one."""
    probe = sample.envelope(f"probe of {name}", 1)
    try:
        stores.events.append(probe.stream, 0, [probe], Claims(take=frozenset({name})))
    except ClaimTaken as taken:
        return taken.owner
    return None


def claimed(sample: AnySample, stores: Stores) -> set[str]:
    """Return all that any stream of a log has ever claimed."""
    streams = by_stream(stores)
    histories = [events[:n] for events in streams.values() for n in range(1, len(events) + 1)]
    states = map(sample.domain.fold, histories)
    return {name for state in states for name in claim_names(sample.domain.decider.claims(state))}


def by_stream(stores: Stores) -> dict[str, list[Envelope[Any]]]:
    streams: dict[str, list[Envelope[Any]]] = {}
    for event in events_of(stores.events):
        streams.setdefault(event.stream, []).append(event)
    return streams


def views(sample: AnySample, stores: Stores) -> dict[str, Any]:
    """Return what a rebuild makes of a log."""
    fresh: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    rebuild(fresh, stores.events, sample.domain, must_not_fail, lambda _: None)
    return {stream: fresh.live().get(stream) for stream in by_stream(stores)}


def must_not_fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


Asked = tuple[int, Any, str | None]
"""A command, the number of the stream that it is for (of those there are), and its key."""


def asked_of(sample: AnySample) -> st.SearchStrategy[list[Asked]]:
    command = st.sampled_from((sample.create, sample.rival, sample.end)) | sample.commands
    return st.lists(st.tuples(st.integers(0, 3), command, KEYS), min_size=1, max_size=12)


def send(desk: CommandHandler[Any, Any, Any], asked: Asked, streams: list[str]) -> Any:
    """Send a command to one of ``streams``, or else create one; return what came of it."""
    number, command, key = asked
    try:
        if number < len(streams):
            return desk.handle(streams[number], command, request(key))
        made = desk.create(command, request(key))
    except (CommandRefused, Refusal) as refusal:
        return type(refusal)
    if made.id not in streams:
        streams.append(made.id)
    return made


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "dynamodb"),
        ("dynamodb", "sqlite"),
        ("sqlite", "memory"),
        ("memory", "sqlite"),
        ("memory", "dynamodb"),
        ("dynamodb", "memory"),
    ],
)
@pytest.mark.parametrize("name", SAMPLES)
@settings(
    max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_a_log_that_was_moved_is_the_same_log(
    source: str, target: str, name: str, tmp_path: Path, data: st.DataObject
) -> None:
    sample = SAMPLES[name]
    folder = Path(mkdtemp(dir=tmp_path))
    with STORES[source](sample, folder) as old, STORES[target](sample, folder) as new:
        desk, streams = handler(old, sample), list[str]()
        asked = data.draw(asked_of(sample))
        for each in asked:
            send(desk, each, streams)
        packed = data.draw(st.sampled_from((".ndjson", ".ndjson.gz")))
        size = exported(old, folder / f"old{packed}")
        assert imported(folder / f"old{packed}", new, sample) == Imported(size)

        assert by_stream(new) == by_stream(old)
        assert views(sample, new) == views(sample, old)
        exported(old, folder / "old")
        exported(new, folder / "new")
        assert lines(folder / "old") == lines(folder / "new")
        # A key is remembered: its request is answered as before, and not carried out again.
        there, here = handler(new, sample), handler(old, sample)
        for each in (each for each in asked if each[2] is not None):
            assert send(there, each, [*streams]) == send(here, each, [*streams])
        assert imported(folder / f"old{packed}", new, sample) == Imported(0)
        for claim in claimed(sample, old):
            assert owner_of(claim, new, sample) == owner_of(claim, old, sample)


# --- what an import claims, and what it refuses ---------------------------------------------------


def write_file(path: Path, events: Sequence[Envelope[StoredEvent]]) -> Path:
    header = header_line("a test", "any", NOON)
    log = iter([("", event) for event in events])
    with closing(Streams()) as streams, new_file(path) as write:
        write_log(header, log, write, streams, lambda _: None)
    return path


def stored_of(stores: Stores) -> list[Envelope[StoredEvent]]:
    return [logged for _, logged in stores.stored.read_all() if isinstance(logged, Envelope)]


@pytest.fixture(params=["sqlite", "dynamodb"])
def target(request: pytest.FixtureRequest, sample: AnySample, tmp_path: Path) -> Iterator[Stores]:
    with STORES[request.param](sample, tmp_path) as stores:
        yield stores


@pytest.fixture
def source(sample: AnySample, tmp_path: Path) -> Iterator[Stores]:
    with in_sqlite(sample, tmp_path) as stores:
        yield stores


def test_a_claim_that_was_passed_on_is_the_last_holders_in_whatever_order_streams_come(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    desk = handler(source, sample)
    first = desk.create(sample.create, request(None)).id
    desk.handle(first, sample.end, request(None))
    second = desk.create(sample.rival, request(None)).id
    [claim] = claimed(sample, source)
    created, ended, passed_on = stored_of(source)
    path = write_file(tmp_path / "log", [passed_on, created, ended])
    assert imported(path, target, sample).unclaimed == []
    assert owner_of(claim, target, sample) == second


def test_a_claim_that_was_given_up_is_free_afterwards(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    desk = handler(source, sample)
    made = desk.create(sample.create, request(None)).id
    [claim] = claimed(sample, source)
    desk.handle(made, sample.end, request(None))
    imported(write_file(tmp_path / "log", stored_of(source)), target, sample)
    assert owner_of(claim, target, sample) is None


@pytest.mark.parametrize("taker_first", [True, False])
def test_a_newer_file_passes_on_a_claim_that_an_older_one_has_imported(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path, taker_first: bool
) -> None:
    desk = handler(source, sample)
    first = desk.create(sample.create, request(None)).id
    [claim] = claimed(sample, source)
    imported(write_file(tmp_path / "older", stored_of(source)), target, sample)
    desk.handle(first, sample.end, request(None))
    second = desk.create(sample.rival, request(None)).id
    created, ended, passed_on = stored_of(source)
    log = [passed_on, created, ended] if taker_first else [created, ended, passed_on]
    assert imported(write_file(tmp_path / "newer", log), target, sample) == Imported(2)
    assert owner_of(claim, target, sample) == second


def test_a_claim_that_a_newer_file_gives_up_is_free_afterwards(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    desk = handler(source, sample)
    made = desk.create(sample.create, request(None)).id
    [claim] = claimed(sample, source)
    imported(write_file(tmp_path / "older", stored_of(source)), target, sample)
    desk.handle(made, sample.end, request(None))
    imported(write_file(tmp_path / "newer", stored_of(source)), target, sample)
    assert owner_of(claim, target, sample) is None


def test_two_streams_that_hold_one_claim_are_imported_and_reported(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    first = handler(source, sample).create(sample.create, request("a")).id
    [claim] = claimed(sample, source)
    with in_sqlite(sample, tmp_path) as other:
        second = handler(other, sample).create(sample.rival, request("b")).id
        log = [*stored_of(source), *stored_of(other)]
    path = write_file(tmp_path / "log", log)
    [problem] = imported(path, target, sample).unclaimed
    owner = owner_of(claim, target, sample)
    assert {owner} < {first, second}
    [loser] = {first, second} - {owner}
    assert problem == f"{claim} of {loser}: {owner} holds it"
    assert by_stream(target).keys() >= {first, second}
    assert imported(path, target, sample) == Imported(0)


def newer(event: Envelope[StoredEvent], version: int) -> Envelope[StoredEvent]:
    stored = StoredEvent("OfTheFuture", 9, {"much": ["more"]})
    return event._replace(version=version, event_id="of the future", event=stored)


def test_an_event_that_this_code_cannot_read_is_imported_only_if_that_is_wanted(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    made = handler(source, sample).create(sample.create, request(None)).id
    [claim] = claimed(sample, source)
    [event] = stored_of(source)
    source.stored.append(made, 1, [newer(event, 2)])
    path = tmp_path / "log"
    assert exported(source, path) == 2

    def refuse(checked: Checked) -> None:
        assert (checked.events, checked.unreadable) == (2, 1)
        assert checked.named[0].startswith(f"{made}, version 2: ")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        imported(path, target, sample, refuse)
    assert list(target.stored.read_all()) == []
    assert imported(path, target, sample) == Imported(2)
    assert stored_of(target) == stored_of(source)
    [_, (_, unreadable)] = target.events.read_all()
    assert isinstance(unreadable, Unreadable)
    assert owner_of(claim, target, sample) == made


def test_an_import_goes_on_where_another_has_stopped(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    for stream in ("a", "b", "c"):
        source.events.append(stream, 0, sample.history(stream, 1, 4))
    path = write_file(tmp_path / "log", stored_of(source))
    for stream, done in (("a", 4), ("b", 1)):
        target.events.append(stream, 0, source.events.load(stream, limit=done))
    target.events.append("another", 0, sample.history("another", 1, 1))
    seen: list[Checked] = []
    assert imported(path, target, sample, seen.append).events == 7
    assert (seen[0].events, seen[0].present) == (12, 5)
    assert by_stream(target).keys() == {"a", "b", "c", "another"}
    assert by_stream(source).items() <= by_stream(target).items()


def test_a_stream_that_has_other_events_is_refused_before_anything_is_written(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    for stream in ("a", "b"):
        source.events.append(stream, 0, sample.history(stream, 1, 2))
    target.events.append("b", 0, sample.history("b", 1, 1))
    path = write_file(tmp_path / "log", stored_of(source))
    with pytest.raises(Conflict, match="another event at version 1 of b"):
        imported(path, target, sample)
    assert by_stream(target).keys() == {"b"}


def test_a_file_that_lacks_an_event_is_refused(
    source: Stores, target: Stores, sample: AnySample, tmp_path: Path
) -> None:
    source.events.append("a", 0, sample.history("a", 1, 3))
    first, _, third = stored_of(source)
    path = tmp_path / "log"
    lines = [header_line("a test", "any", NOON), event_line(first), event_line(third)]
    lines.append(end_line(End(2, sha256(b"".join(lines)).hexdigest())))
    path.write_bytes(b"".join(lines))
    with pytest.raises(Unusable, match="it lacks events: version 3 of a comes after version 1"):
        imported(path, target, sample)
    assert list(target.stored.read_all()) == []
