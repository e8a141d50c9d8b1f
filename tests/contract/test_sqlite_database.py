"""The SQLite file itself: what is promised beyond the ports, and each error of the table."""

import gc
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.adapters.sqlite.database import MAX_IDLE_CONNECTIONS, Database, Synchronous
from core.adapters.sqlite.errors import REASONS, unavailable_for
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.adapters.sqlite.schema import SCHEMA_VERSION
from core.domain.events import EVENTS, BookEvent
from core.domain.listing import LISTING
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.event_store import NO_CLAIMS, Claims, EventTooLarge, VersionConflict
from core.ports.events import Unreadable
from tests.support.books import envelope, history
from tests.support.racing import race


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteEventStore[BookEvent]]:
    with closing(SqliteEventStore(path, EVENTS, busy_seconds=0.01)) as store:
        yield store


def setting(database: Database, pragma: str) -> object:
    with database.read() as connection:
        return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


def may_read(database: Database) -> bool:
    """Return whether another thread could read at this moment."""

    def try_to() -> bool:
        if can := database._reading.acquire(blocking=False):
            database._reading.release()
        return can

    with ThreadPoolExecutor(1) as another:
        return another.submit(try_to).result()


def change_its_connection(store: SqliteEventStore[BookEvent], statement: str) -> None:
    """Execute ``statement`` on the connection that ``store`` will use next."""
    store.check()
    (connection,) = store._database._idle
    connection.execute(statement)


# --- turns --------------------------------------------------------------------------------------


def test_the_reads_of_a_process_take_turns(store: SqliteEventStore[BookEvent]) -> None:
    database = store._database
    with database.read():
        assert not may_read(database)
        with database.read():  # one of the same thread
            pass
    assert may_read(database)


# --- settings -----------------------------------------------------------------------------------


def test_an_append_is_forced_to_the_disk(store: SqliteEventStore[BookEvent]) -> None:
    assert setting(store._database, "synchronous") == 2  # FULL
    assert setting(store._database, "journal_mode") == "wal"


def test_the_catalogue_is_forced_to_the_disk_only_before_a_checkpoint(path: Path) -> None:
    with closing(SqliteReadModel(path, LISTING)) as model:
        assert setting(model._database, "synchronous") == 1  # NORMAL
        assert setting(model._database, "journal_mode") == "wal"


def test_nothing_is_opened_before_it_is_needed(path: Path) -> None:
    SqliteEventStore(path, EVENTS)
    SqliteReadModel(path, LISTING).live()
    assert not path.exists()


def test_missing_folders_are_created(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "books.db"
    with closing(SqliteEventStore(path, EVENTS)) as store:
        store.check()
    assert path.exists()


def test_events_outlive_the_store_that_wrote_them(path: Path) -> None:
    events = history("emma", 1, 2)
    with closing(SqliteEventStore(path, EVENTS)) as store:
        store.append("emma", 0, events)
    with closing(SqliteEventStore(path, EVENTS)) as store:
        assert store.load("emma") == events


def test_events_and_catalogue_share_one_file(path: Path) -> None:
    with (
        closing(SqliteEventStore(path, EVENTS)) as store,
        closing(SqliteReadModel(path, LISTING)) as model,
    ):
        store.append("emma", 0, [envelope("emma", 1)])
        model.save_checkpoint("projector", "1")
        assert (len(store.load("emma")), model.checkpoint("projector")) == (1, "1")


def test_a_closed_store_opens_again_when_it_is_used(store: SqliteEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    store.close()
    assert len(store.load("emma")) == 1


# --- connections --------------------------------------------------------------------------------


def connections() -> int:
    gc.collect()
    return sum(isinstance(thing, sqlite3.Connection) for thing in gc.get_objects())


def test_threads_that_come_and_go_leave_few_connections(path: Path) -> None:
    before = connections()
    with closing(SqliteEventStore(path, EVENTS)) as store:
        for number in range(5):
            names = [f"{number}.{thread}" for thread in range(3 * MAX_IDLE_CONNECTIONS)]
            assert race([partial(store.load, name) for name in names]) == [[]] * len(names)
        assert 0 < connections() - before <= MAX_IDLE_CONNECTIONS


def test_a_closed_store_leaves_no_connection(path: Path) -> None:
    before = connections()
    with closing(SqliteEventStore(path, EVENTS)) as store:
        race([partial(store.load, "emma")] * MAX_IDLE_CONNECTIONS)
    assert connections() == before


def test_a_reader_does_not_wait_for_a_writer(store: SqliteEventStore[BookEvent]) -> None:
    store.append("emma", 0, events := history("emma", 1, 2))
    with store._database.write():
        assert store.load("emma") == events


# --- the log ------------------------------------------------------------------------------------


def test_a_log_longer_than_a_batch_is_read_to_its_end(store: SqliteEventStore[BookEvent]) -> None:
    events = history("emma", 1, 1_203)
    store.append("emma", 0, events)
    assert [event for _, event in store.read_all()] == events


def test_an_event_too_large_for_sqlite_is_refused_and_not_written(
    store: SqliteEventStore[BookEvent],
) -> None:
    store.check()
    (connection,) = store._database._idle
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5_000)
    with pytest.raises(EventTooLarge):
        store.append("emma", 0, [envelope("emma", 1), envelope("emma", 2, actor="x" * 6_000)])
    assert store.load("emma") == []


def test_a_conflict_is_told_before_the_size_of_an_event(store: SqliteEventStore[BookEvent]) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    (connection,) = store._database._idle
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5_000)
    with pytest.raises(VersionConflict):
        store.append("emma", 0, [envelope("emma", 1, actor="x" * 6_000)])


def test_a_mistake_in_an_event_is_no_conflict(store: SqliteEventStore[BookEvent]) -> None:
    nobody: Any = None
    with pytest.raises(sqlite3.IntegrityError, match="actor"):
        store.append("emma", 0, [envelope("emma", 1, actor=nobody)])


@pytest.mark.parametrize(("claims", "statements"), [(NO_CLAIMS, 3), (Claims(frozenset("a")), 5)])
def test_the_first_event_of_a_stream_takes_few_statements(
    store: SqliteEventStore[BookEvent], claims: Claims, statements: int
) -> None:
    store.append("emma", 0, [envelope("emma", 1)])
    (connection,) = store._database._idle
    executed: list[str] = []
    connection.set_trace_callback(executed.append)
    store.append("other", 0, [envelope("other", 1)], claims)
    assert len(executed) == statements, executed


def test_who_reads_waits_in_sqlite_and_who_writes_does_not(
    store: SqliteEventStore[BookEvent],
) -> None:
    for version in (1, 2):
        store.append("emma", version - 1, [envelope("emma", version)])
        (connection,) = store._database._idle
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (0,)
        assert setting(store._database, "busy_timeout") == 10


DAMAGE = {
    "cut JSON": "data = substr(data, 1, 20)",
    "no JSON": "data = ''",
    "other JSON": "data = '[]'",
    "no time": "occurred_at = 'yesterday'",
    "no number": "schema_version = 'one'",
    "binary": "data = x'ff00'",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_row_is_yielded_as_unreadable_and_the_others_as_they_are(
    store: SqliteEventStore[BookEvent], path: Path, damage: str
) -> None:
    first, _, last = events = history("emma", 1, 3)
    store.append("emma", 0, events)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE events SET {damage} WHERE version = 2")
    read, unreadable, after = (logged for _, logged in store.follow(None))
    assert (read, after) == (first, last)
    assert isinstance(unreadable, Unreadable)
    assert unreadable[:2] == ("emma", 2)
    with pytest.raises(UnknownEvent):
        store.load("emma")
    assert store.load("emma", after=2) == [last]


# --- the table of errors ------------------------------------------------------------------------


def test_a_database_that_stays_locked_is_unavailable(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    store.check()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process; try again"):
            store.append("emma", 0, [envelope("emma", 1)])
        other.execute("ROLLBACK")
    store.append("emma", 0, [envelope("emma", 1)])


def test_a_new_file_that_stays_locked_is_unavailable(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match="another process; try again"):
            store.check()


def test_a_table_that_is_locked_is_unavailable(path: Path) -> None:
    name = "file:locked?mode=memory&cache=shared"
    with (
        closing(sqlite3.connect(name, uri=True, isolation_level=None)) as one,
        closing(sqlite3.connect(name, uri=True, isolation_level=None)) as two,
    ):
        one.execute("CREATE TABLE t (x)")
        one.execute("BEGIN")
        one.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(StoreUnavailable, match="another connection"), unavailable_for(path):
            two.execute("SELECT * FROM t")


def test_a_full_disk_is_unavailable(store: SqliteEventStore[BookEvent]) -> None:
    change_its_connection(store, "PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable, match="free some space"):
        store.append("emma", 0, history("emma", 1, 500))
    assert store.load("emma") == []


def test_a_read_only_database_is_unavailable(store: SqliteEventStore[BookEvent]) -> None:
    change_its_connection(store, "PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match="right to write"):
        store.append("emma", 0, [envelope("emma", 1)])


def test_a_folder_in_place_of_the_file_is_unavailable(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    path.mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        store.check()


def test_a_file_in_place_of_the_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="cannot be created"):
        SqliteEventStore(tmp_path / "file" / "books.db", EVENTS).check()


def test_a_file_that_is_not_a_database_is_unavailable(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    path.write_text("isbn,title,authors\n" * 100)
    with pytest.raises(StoreUnavailable, match="not an SQLite database: set SQLITE_PATH"):
        store.check()


def test_a_damaged_file_is_unavailable(path: Path) -> None:
    with closing(SqliteEventStore(path, EVENTS)) as store:
        store.append("emma", 0, history("emma", 1, 500))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))
    with (
        closing(SqliteEventStore(path, EVENTS)) as store,
        pytest.raises(StoreUnavailable, match="restore it from a backup"),
    ):
        store.load("emma")


CAUSED_ABOVE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,  # in test_sqlite_processes.py
}


@pytest.mark.parametrize("code", sorted(set(REASONS) - CAUSED_ABOVE))
def test_an_error_that_no_test_can_cause_is_unavailable(path: Path, code: int) -> None:
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode = code | 0x100  # an extended code
    with pytest.raises(StoreUnavailable, match="made up") as unavailable, unavailable_for(path):
        raise error
    assert REASONS[code] in str(unavailable.value)


def test_an_error_that_is_not_in_the_table_is_a_bug_and_is_raised(
    store: SqliteEventStore[BookEvent],
) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        change_its_connection(store, "SELECT * FROM nowhere")
    with (
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        store._database.read() as connection,
    ):
        connection.execute("SELECT * FROM nowhere")


def test_the_store_works_again_after_an_error(store: SqliteEventStore[BookEvent]) -> None:
    change_its_connection(store, "PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable):
        store.append("emma", 0, [envelope("emma", 1)])
    store.append("emma", 0, [envelope("emma", 1)])
    assert len(store.load("emma")) == 1


# --- the schema ---------------------------------------------------------------------------------


def test_the_file_has_the_version_of_its_schema(path: Path) -> None:
    with closing(database := Database(path, Synchronous.FULL)):
        assert setting(database, "user_version") == SCHEMA_VERSION


def test_a_file_of_a_newer_version_is_left_unchanged(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreUnavailable, match="newer version of this program") as unavailable:
        store.check()
    assert "update the program" in str(unavailable.value)
    with closing(sqlite3.connect(path)) as newer:
        assert newer.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_a_file_that_a_newer_version_migrates_while_it_is_open_is_unavailable(
    store: SqliteEventStore[BookEvent], path: Path
) -> None:
    store.check()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("ALTER TABLE events RENAME COLUMN idempotency_key TO key")
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreUnavailable, match="newer version of this program"):
        store.append("emma", 0, [envelope("emma", 1)])
