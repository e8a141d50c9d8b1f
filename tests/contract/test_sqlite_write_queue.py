"""The threads of a process write a SQLite file in the order in which they came."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.adapters.sqlite.write_queue import WriteQueue, write_queue_of
from core.ports.errors import StoreUnavailable
from tests.contract import sqlite_writers
from tests.contract.test_sqlite_processes import PROCESSES
from tests.support.racing import race
from tests.support.samples import AnySample
from tests.support.waiting import TIMEOUT_SECONDS, until

WRITERS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, sample: AnySample) -> Iterator[SqliteEventStore[Any]]:
    with closing(SqliteEventStore(path, sample.domain.events)) as store:
        yield store


def writers_of(queue: WriteQueue) -> int:
    return len(queue._writers)


def wait_in(queue: WriteQueue, path: Path, entered: list[Any], name: Any) -> Thread:
    """Start a thread that adds ``name`` at its turn; return it once it waits in the queue."""

    def write() -> None:
        with queue.turn(path, TIMEOUT_SECONDS):
            entered.append(name)

    before = writers_of(queue)
    thread = Thread(target=write)
    thread.start()
    until(partial(writers_of, queue), lambda count: count > before)
    return thread


def test_writers_have_their_turns_in_the_order_in_which_they_came(path: Path) -> None:
    queue = WriteQueue()
    entered: list[int] = []
    with queue.turn(path, 0):
        waiting = [wait_in(queue, path, entered, number) for number in range(WRITERS)]
        assert entered == []
    for thread in waiting:
        thread.join()
    assert entered == list(range(WRITERS))
    assert writers_of(queue) == 0


def test_a_writer_that_has_waited_too_long_gives_up_and_is_waited_for_by_nobody(
    path: Path,
) -> None:
    queue = WriteQueue()
    entered: list[str] = []
    with queue.turn(path, 0):
        with pytest.raises(StoreUnavailable, match="too many at once"), queue.turn(path, 0.01):
            entered.append("too early")
        later = wait_in(queue, path, entered, "later")
        with pytest.raises(StoreUnavailable), queue.turn(path, 0.01):
            entered.append("too early")
        assert entered == []
    later.join()
    assert entered == ["later"]


def test_a_writer_that_fails_ends_its_turn(path: Path) -> None:
    queue = WriteQueue()
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error), queue.turn(path, 0):
            raise error
    with queue.turn(path, 0):
        assert writers_of(queue) == 1


def test_all_that_a_process_has_open_on_a_file_share_a_queue(
    path: Path, sample: AnySample, store: SqliteEventStore[Any]
) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    events = sample.history("a", 1, 1)
    with (
        closing(SqliteReadModel(path, sample.domain.listing, busy_seconds=0.01)) as model,
        closing(SqliteEventStore(link, sample.domain.events, busy_seconds=0.01)) as same,
        closing(SqliteEventStore(path.with_name("other"), sample.domain.events, 0.01)) as other,
    ):
        store.check()
        with write_queue_of(path).turn(path, 0):
            with pytest.raises(StoreUnavailable, match="too many"):
                same.append("a", 0, events)
            with pytest.raises(StoreUnavailable, match="too many"):
                model.save_checkpoint("projector", "1")
            other.append("a", 0, events)
            assert same.load("a") == []  # whoever reads does not wait


def test_threads_of_one_process_never_wait_for_sqlites_lock(
    sample: AnySample, store: SqliteEventStore[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError("the file was locked by another thread")

    def append(stream: str) -> None:
        for event in sample.history(stream, 1, 5):
            store.append(stream, event.version - 1, [event])

    store.check()
    monkeypatch.setattr(time, "sleep", sleep)
    streams = [f"stream-{number}" for number in range(WRITERS)]
    assert race([partial(append, stream) for stream in streams]) == [None] * WRITERS
    assert len(list(store.read_all())) == 5 * WRITERS


def test_the_child_of_a_fork_does_not_wait_for_the_threads_of_its_parent(path: Path) -> None:
    process = PROCESSES.Process(target=sqlite_writers.fork_beside_a_writer, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == 0
