"""Several processes on one SQLite file: races, killed writers, forks and full disks."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.events import EVENTS
from core.domain.listing import LISTING
from core.ports.listing import Listing
from tests.contract import sqlite_writers
from tests.support.logs import events_of
from tests.support.share import THOROUGHLY
from tests.support.sqlite_files import all_rows, old_file
from tests.support.walking import listed

# Forked by a server that has no threads and no connections; it imports once what the writers need.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["core.adapters.sqlite.read_model", "pytest"])

REBUILDING = ["sqlite-1-rebuilding.sql", "sqlite-2-rebuilding.db.gz"]
"""A file of each older version, with a rebuild under way."""

WRITERS = 8
VERSIONS = 60
NAMES = [f"isbn:{number}" for number in range(20)]
KILL_ROUNDS = 12
KILLED_WRITERS = 3
KILLED_THREADS = 3
"""Threads of each: what they append at the same time shares a commit."""
KILL_EVERY = 1 if THOROUGHLY else 15
"""Statements of a migration between those before which it is killed."""


def start(target: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """Start ``target`` in a process; return it and the end of a pipe that has its results."""
    results, sender = PROCESSES.Pipe(duplex=False)
    path, *rest = arguments
    process = PROCESSES.Process(target=target, args=(path, sender, *rest), daemon=True)
    process.start()
    sender.close()
    return process, results


def together(target: Callable[..., None], path: Path, *arguments: Any) -> list[Any]:
    """Run ``target`` in ``WRITERS`` processes that start as one; return what each sent."""
    barrier = PROCESSES.Barrier(WRITERS)
    started = []
    for _ in range(WRITERS):
        results, sender = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(
            target=target, args=(path, barrier, sender, *arguments), daemon=True
        )
        process.start()
        sender.close()
        started.append((process, results))
    received = [results.recv() for _, results in started]
    for process, _ in started:
        process.join()
    return received


def test_of_racing_processes_exactly_one_wins_each_version(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    wins = together(sqlite_writers.write_versions, path, VERSIONS)
    with closing(SqliteEventStore(path, EVENTS)) as store:
        stored = [(e.version, e.event_id) for e in store.load("emma")]
        assert [(e.version, e.event_id) for e in events_of(store)] == stored
    assert [version for version, _ in stored] == list(range(1, VERSIONS + 1))
    assert sorted(win for won in wins for win in won) == stored


def test_of_racing_processes_exactly_one_takes_each_name(tmp_path: Path) -> None:
    wins = together(sqlite_writers.take_names, tmp_path / "books.db", NAMES)
    assert sorted(name for won in wins for name in won) == sorted(NAMES)


def test_several_processes_create_a_file_at_once(tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"folder-{number}" / "books.db"
        names = together(sqlite_writers.open_new_file, path)
        with (
            closing(SqliteEventStore(path, EVENTS)) as store,
            closing(SqliteReadModel(path, LISTING)) as model,
        ):
            assert sorted(e.stream for _, e in store.read_all()) == sorted(names)
            assert sorted(listed(model.live(), Listing())) == sorted(names)


@pytest.mark.parametrize("name", REBUILDING)
def test_several_processes_open_a_file_of_an_older_version_at_once(
    name: str, tmp_path: Path
) -> None:
    path = old_file(tmp_path / "old.db", name)
    before = len(all_rows(path)["events"])
    results = together(sqlite_writers.open_old_file, path)
    with (
        closing(SqliteEventStore(path, EVENTS)) as store,
        closing(SqliteReadModel(path, LISTING)) as model,
    ):
        assert len(list(store.read_all())) == before + WRITERS
        assert results == [listed(model.live(), Listing())] * WRITERS
    assert integrity(path) == "ok"


@pytest.mark.parametrize("name", REBUILDING)
def test_a_migration_that_is_killed_leaves_the_file_as_it_was(name: str, tmp_path: Path) -> None:
    old = old_file(tmp_path / "old.db", name)
    migrated = Path(copyfile(old, tmp_path / "migrated.db"))
    count = statements_before_a_kill(migrated, 0) or 0
    before, after = all_rows(old), all_rows(migrated)
    assert before.keys() != after.keys()
    # The last statement, after the commit, reads the version of the file.
    numbers = {1, 2, 3, *range(1, count, KILL_EVERY), *range(count - 3, count)}
    for number in sorted(numbers):
        path = Path(copyfile(old, tmp_path / f"{number}.db"))
        assert statements_before_a_kill(path, number) is None
        assert all_rows(path) == before
        with closing(SqliteEventStore(path, EVENTS)) as store:
            store.check()
        assert all_rows(path) == after
        assert integrity(path) == "ok"


def statements_before_a_kill(path: Path, number: int) -> int | None:
    """Return how many statements migrate a file, or None if it was killed before ``number``."""
    process, results = start(sqlite_writers.migrate_until_killed, path, number)
    process.join()
    return int(results.recv()) if process.exitcode == 0 else None


def test_every_acknowledged_event_is_kept_when_its_writers_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    acknowledged: list[tuple[str, int, str]] = []
    for number in range(KILL_ROUNDS):
        names = [
            [f"stream {number}.{writer}.{thread}" for thread in range(KILLED_THREADS)]
            for writer in range(KILLED_WRITERS)
        ]
        writers = [start(sqlite_writers.append_until_killed, path, streams) for streams in names]
        acknowledged += killed_after(random.randint(3, 40), writers)

    with closing(SqliteEventStore(path, EVENTS)) as store:
        stored = [(e.stream, e.version, e.event_id) for e in events_of(store)]
    assert set(acknowledged) <= set(stored)
    assert len(set(stored)) == len(stored)
    # What a killed thread may leave beside that is one event whose acknowledgement was not sent any
    # more.
    assert len(stored) - len(acknowledged) <= KILL_ROUNDS * KILLED_WRITERS * KILLED_THREADS
    assert names_taken(path) == {f"{stream} {version}" for stream, version, _ in stored}
    assert integrity(path) == "ok"


def killed_after(
    count: int, writers: list[tuple[ForkServerProcess, Connection]]
) -> list[tuple[str, int, str]]:
    """Kill all ``writers`` after ``count`` acknowledgements and return all that they have sent."""
    received: list[tuple[str, int, str]] = []
    pipes = [results for _, results in writers]
    while len(received) < count:
        received += [pipe.recv() for pipe in wait(pipes) if isinstance(pipe, Connection)]
    for process, _ in writers:
        process.kill()
    for process, pipe in writers:
        process.join()
        received += left_in(pipe)
    return received


def left_in(pipe: Connection) -> list[tuple[str, int, str]]:
    """Return the messages that a killed process has left in a pipe; the last one may be cut."""
    left = []
    try:
        while True:
            left.append(pipe.recv())
    except (EOFError, OSError):
        return left


def names_taken(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM claims")}


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def test_a_store_can_be_used_on_both_sides_of_a_fork(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    process = PROCESSES.Process(target=sqlite_writers.write_across_a_fork, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == 0
    with closing(SqliteEventStore(path, EVENTS)) as store:
        streams = sorted(e.stream for _, e in store.read_all())
    assert streams == ["before", "child", "child", "parent"]


def test_a_failing_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    process, results = start(sqlite_writers.append_until_the_disk_fails, path, 500_000)
    count, reason = results.recv()
    process.join()
    assert "check its disk" in reason
    assert count > 0
    with closing(SqliteEventStore(path, EVENTS)) as store:
        assert [e.version for e in store.load("emma")] == list(range(1, count + 1))
