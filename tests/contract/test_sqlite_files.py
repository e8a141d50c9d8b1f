"""A SQLite file that becomes read-only, writable again, or another file, while it is in use."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from shutil import copyfile

import pytest

from core.adapters.sqlite.database import Database, Synchronous
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up
from core.domain.details import BookDetails
from core.domain.events import EVENTS, BookEvent
from core.domain.listing import LISTING
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside
from tests.support.books import envelope
from tests.support.ordinary_user import ordinary_user

Store = SqliteEventStore[BookEvent]
Model = SqliteReadModel[BookDetails]

READ_ONLY, WRITABLE = 0o444, 0o644
BESIDE = ("-wal", "-shm")


@pytest.fixture
def path() -> Iterator[Path]:
    """Yield the path of a database with one event, which no process has open."""
    with ordinary_user() as folder:
        path = folder / "books.db"
        with opened(path) as (store, _):
            store.append("emma", 0, [envelope("emma", 1)])
        yield path


@contextmanager
def opened(path: Path) -> Iterator[tuple[Store, Model]]:
    with (
        closing(SqliteEventStore(path, EVENTS, busy_seconds=0.01)) as store,
        closing(SqliteReadModel(path, LISTING, busy_seconds=0.01)) as model,
    ):
        yield store, model


def project(store: Store, model: Model) -> int:
    return catch_up("projector", model, store, BOOKS, fail)


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def beside(path: Path) -> list[str]:
    """Return the names of the files beside the database."""
    return sorted(entry.name for entry in path.parent.iterdir() if entry != path)


# --- read-only ----------------------------------------------------------------------------------


def test_a_projector_on_a_read_only_file_works_once_it_is_writable(path: Path) -> None:
    path.chmod(READ_ONLY)
    with opened(path) as (store, model):
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match=f"right to write {path}"):
                project(store, model)
        path.chmod(WRITABLE)
        assert project(store, model) == 1
        store.append("emma", 1, [envelope("emma", 2)])


def test_a_projector_in_a_read_only_folder_works_once_it_is_writable(path: Path) -> None:
    path.parent.chmod(0o555)
    with opened(path) as (store, model):
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="the right to write it and its folder"):
                project(store, model)
        path.parent.chmod(0o755)
        assert project(store, model) == 1


@pytest.mark.parametrize("suffix", BESIDE)
def test_a_read_only_file_beside_the_database_is_named(path: Path, suffix: str) -> None:
    read_only = Path(f"{path}{suffix}")
    with opened(path) as (other, _), opened(path) as (store, model):
        other.check()  # keeps the log and its index
        read_only.chmod(READ_ONLY)
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match=f"right to write {read_only}"):
                project(store, model)
        read_only.chmod(WRITABLE)
        assert project(store, model) == 1


def test_nothing_read_only_is_left_beside_a_read_only_file(path: Path) -> None:
    path.chmod(READ_ONLY)
    with opened(path) as (store, _):
        with pytest.raises(StoreUnavailable):
            store.load("emma")
        assert beside(path) == []


def test_health_reports_a_file_that_cannot_be_written(path: Path) -> None:
    with opened(path) as (store, _):
        store.check()
        path.chmod(READ_ONLY)
        with pytest.raises(StoreUnavailable, match="right to write"):
            store.check()
        path.chmod(WRITABLE)
        store.check()


def test_connections_that_were_idle_when_one_failed_are_not_used_again(path: Path) -> None:
    with closing(Database(path, Synchronous.FULL)) as database:
        with ExitStack() as several:
            for _ in range(3):
                several.enter_context(database.read()).execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable, match="read-only"), database.write() as connection:
            connection.execute("DELETE FROM claims")
        with database.write() as connection:
            connection.execute("DELETE FROM claims")


# --- another file -------------------------------------------------------------------------------


def replace(path: Path) -> None:
    """Restore a backup over the file, as nobody should while it is in use."""
    backup = Path(copyfile(path, path.with_name("backup.db")))
    with opened(backup) as (store, _):
        store.append("restored", 0, [envelope("restored", 1)])
    backup.rename(path)


def remove(path: Path) -> None:
    for name in (path, *(Path(f"{path}{suffix}") for suffix in BESIDE)):
        name.unlink(missing_ok=True)


def remove_and_create(path: Path) -> None:
    remove(path)
    with opened(path) as (store, _):
        store.check()


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


BECOMES_ANOTHER = (replace, remove, remove_and_create, move)


@pytest.mark.parametrize("become_another", BECOMES_ANOTHER)
def test_nothing_is_acknowledged_or_read_once_the_file_is_another(
    path: Path, become_another: Callable[[Path], None]
) -> None:
    with opened(path) as (store, model):
        project(store, model)
        become_another(path)
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="start them again"):
                store.append("emma", 1, [envelope("emma", 2)])
            with pytest.raises(StoreUnavailable, match="start them again"):
                store.load("emma")
            with pytest.raises(StoreUnavailable, match="start them again"):
                project(store, model)
            with pytest.raises(StoreUnavailable, match="start them again"):
                store.check()
            with pytest.raises(StoreUnavailable, match="start them again"):
                model.live().check()


def test_a_file_that_is_replaced_during_a_write_is_noticed(path: Path) -> None:
    def write_during_a_replacement() -> None:
        with closing(Database(path, Synchronous.FULL)) as database, database.write():
            replace(path)

    with pytest.raises(StoreUnavailable, match="replaced"):
        write_during_a_replacement()


def test_a_file_that_is_back_in_its_place_is_used_again(path: Path) -> None:
    with opened(path) as (store, _):
        store.check()
        move(path)
        with pytest.raises(StoreUnavailable):
            store.check()
        path.with_name("moved.db").rename(path)
        assert len(store.load("emma")) == 1


def test_another_file_is_opened_after_the_database_was_closed(path: Path) -> None:
    with opened(path) as (store, _):
        store.check()
        store.close()
        replace(path)
        assert len(store.load("restored")) == 1


def test_a_link_to_another_file_is_noticed(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    other = Path(copyfile(path, path.with_name("other.db")))
    with opened(link) as (store, _):
        store.check()
        link.unlink()
        link.symlink_to(other)
        with pytest.raises(StoreUnavailable, match="replaced"):
            store.append("emma", 1, [envelope("emma", 2)])


def test_events_are_whole_when_a_backup_was_restored_as_advised(path: Path) -> None:
    with opened(path) as (store, _):
        store.append("emma", 1, [envelope("emma", 2)])
        replace(path)
        with pytest.raises(StoreUnavailable):
            store.load("emma")
    for suffix in BESIDE:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    with opened(path) as (store, _):
        assert len(store.load("emma")) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
