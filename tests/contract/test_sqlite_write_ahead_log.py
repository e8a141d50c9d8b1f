"""How long SQLite's write-ahead log gets."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.write_ahead_log import IDLE_BYTES, MAX_BYTES, RETRY_BYTES
from core.domain.events import EVENTS, BookEvent, BookRevised
from tests.support.books import envelope

Store = SqliteEventStore[BookEvent]
Append = Callable[[], None]

EVENT_BYTES = 200_000
LARGE = BookRevised(changes={"description": "x" * EVENT_BYTES})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(SqliteEventStore(path, EVENTS)) as store:
        store.append("emma", 0, [envelope("emma", 1)])
        yield store


@pytest.fixture
def append(store: Store) -> Append:
    """Return a function that appends a large event."""
    versions = count(2)

    def append() -> None:
        version = next(versions)
        store.append("emma", version - 1, [envelope("emma", version, LARGE)])

    return append


def log_bytes(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Be a reader of the database as it is at the beginning."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM claims").fetchone()
        yield


@contextmanager
def overlapping_reads(path: Path) -> Iterator[None]:
    """Have at least one reader at every moment: each ends only when the next one has begun."""
    stopped, started = Event(), Event()

    def read_on() -> None:
        before: AbstractContextManager[None] | None = None
        while not stopped.is_set():
            now = reading(path)
            now.__enter__()
            if before is not None:
                before.__exit__(None, None, None)
            before = now
            started.set()
        if before is not None:
            before.__exit__(None, None, None)

    thread = Thread(target=read_on)
    thread.start()
    started.wait()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def test_the_log_stays_short_while_reads_overlap(path: Path, append: Append) -> None:
    lengths = []
    with overlapping_reads(path):
        for _ in range(5 * MAX_BYTES // EVENT_BYTES):
            append()
            lengths.append(log_bytes(path))
    assert max(lengths) < 2 * MAX_BYTES


def test_the_log_is_empty_once_there_is_nothing_left_to_follow(
    path: Path, store: Store, append: Append
) -> None:
    with reading(path):
        while log_bytes(path) <= 2 * IDLE_BYTES:
            append()
    [*_, (last, _)] = store.follow(None)
    assert log_bytes(path) > IDLE_BYTES  # not while there is something to project
    assert list(store.follow(last)) == []
    assert log_bytes(path) == 0


def test_a_short_log_is_not_worth_emptying(path: Path, store: Store) -> None:
    [(last, _)] = store.follow(None)
    before = log_bytes(path)
    assert 0 < before <= IDLE_BYTES
    assert list(store.follow(last)) == []
    assert log_bytes(path) == before


def test_following_does_not_disturb_a_reader(path: Path, store: Store, append: Append) -> None:
    with reading(path):
        while log_bytes(path) <= 2 * IDLE_BYTES:
            append()
        [*_, (last, _)] = store.follow(None)
        before = log_bytes(path)
        assert list(store.follow(last)) == []
        assert log_bytes(path) == before


def test_a_long_read_stops_no_writer_and_is_waited_for_only_now_and_then(
    path: Path, store: Store, append: Append
) -> None:
    statements: list[str] = []
    [connection] = store._database._idle
    connection.set_trace_callback(statements.append)
    with reading(path):
        while log_bytes(path) <= 2 * MAX_BYTES:
            append()
    attempts = sum("wal_checkpoint(TRUNCATE)" in statement for statement in statements)
    assert attempts == pytest.approx(MAX_BYTES / RETRY_BYTES, abs=1)
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (0,)  # as a writer has it
    with store._database.read() as reader:
        assert reader is connection
        assert reader.execute("PRAGMA busy_timeout").fetchone() == (5_000,)


def test_the_log_is_cut_after_a_long_read(path: Path, append: Append) -> None:
    with reading(path):
        while log_bytes(path) <= MAX_BYTES + EVENT_BYTES:
            append()
    for _ in range(3):  # the first one copies the log, and the next begins again at its start
        append()
    assert log_bytes(path) <= MAX_BYTES


def test_a_checkpoint_that_fails_does_not_fail_the_append_before_it(
    path: Path, store: Store, append: Append
) -> None:
    with reading(path):
        while log_bytes(path) <= MAX_BYTES - EVENT_BYTES:
            append()
    [connection] = store._database._idle
    connection.set_authorizer(_refuse_checkpoints)
    for _ in range(2):
        append()
    assert list(store._database._idle) == [connection]


def _refuse_checkpoints(action: int, first: str | None, *_: object) -> int:
    refused = action == sqlite3.SQLITE_PRAGMA and first == "wal_checkpoint"
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
