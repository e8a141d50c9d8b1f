"""Several processes on one SQLite file: races, killed writers, forks and full disks."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.catalogue import Listing
from tests.contract import sqlite_writers
from tests.support.walking import listed

# Forked by a server that has no threads and no connections; it imports once what the writers need.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["core.adapters.sqlite.read_model", "pytest"])

WRITERS = 8
VERSIONS = 60
NAMES = [f"isbn:{number}" for number in range(20)]
KILL_ROUNDS = 12
KILLED_WRITERS = 3


def start(target: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """Start ``target`` in a process; return it and the end of a pipe that has its answers."""
    answers, answer = PROCESSES.Pipe(duplex=False)
    path, *rest = arguments
    process = PROCESSES.Process(target=target, args=(path, answer, *rest), daemon=True)
    process.start()
    answer.close()
    return process, answers


def together(target: Callable[..., None], path: Path, *arguments: Any) -> list[Any]:
    """Run ``target`` in ``WRITERS`` processes that start as one; return what each answered."""
    barrier = PROCESSES.Barrier(WRITERS)
    started = []
    for _ in range(WRITERS):
        answers, answer = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(
            target=target, args=(path, barrier, answer, *arguments), daemon=True
        )
        process.start()
        answer.close()
        started.append((process, answers))
    received = [answers.recv() for _, answers in started]
    for process, _ in started:
        process.join()
    return received


def test_of_racing_processes_exactly_one_wins_each_version(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    wins = together(sqlite_writers.write_versions, path, VERSIONS)
    with closing(SqliteEventStore(path)) as store:
        stored = [(e.version, e.event_id) for e in store.load("emma")]
        assert [(e.version, e.event_id) for _, e in store.read_all()] == stored
    assert [version for version, _ in stored] == list(range(1, VERSIONS + 1))
    assert sorted(win for won in wins for win in won) == stored


def test_of_racing_processes_exactly_one_takes_each_name(tmp_path: Path) -> None:
    wins = together(sqlite_writers.take_names, tmp_path / "books.db", NAMES)
    assert sorted(name for won in wins for name in won) == sorted(NAMES)


def test_several_processes_make_a_new_file_at_once(tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"folder-{number}" / "books.db"
        names = together(sqlite_writers.open_new_file, path)
        with closing(SqliteEventStore(path)) as store, closing(SqliteReadModel(path)) as model:
            assert sorted(e.stream for _, e in store.read_all()) == sorted(names)
            assert sorted(listed(model.live(), Listing())) == sorted(names)


def test_every_acknowledged_event_is_there_after_its_writers_were_killed(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    acknowledged: list[tuple[str, int, str]] = []
    for number in range(KILL_ROUNDS):
        names = [f"stream {number}.{writer}" for writer in range(KILLED_WRITERS)]
        writers = [start(sqlite_writers.append_until_killed, path, name) for name in names]
        acknowledged += killed_after(random.randint(3, 40), writers)

    with closing(SqliteEventStore(path)) as store:
        stored = [(e.stream, e.version, e.event_id) for _, e in store.read_all()]
    assert set(acknowledged) <= set(stored)
    assert len(set(stored)) == len(stored)
    # What a killed writer may leave beside that is one event whose acknowledgement was not sent any more.
    assert len(stored) - len(acknowledged) <= KILL_ROUNDS * KILLED_WRITERS
    assert names_taken(path) == {f"{stream} {version}" for stream, version, _ in stored}
    assert integrity(path) == "ok"


def killed_after(
    count: int, writers: list[tuple[ForkServerProcess, Connection]]
) -> list[tuple[str, int, str]]:
    """Kill all ``writers`` after ``count`` acknowledgements and return all that they have sent."""
    received: list[tuple[str, int, str]] = []
    pipes = [answers for _, answers in writers]
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
    with closing(SqliteEventStore(path)) as store:
        streams = sorted(e.stream for _, e in store.read_all())
    assert streams == ["before", "child", "child", "parent"]


def test_a_disk_that_fails_is_said_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    process, answers = start(sqlite_writers.append_until_the_disk_fails, path, 500_000)
    count, reason = answers.recv()
    process.join()
    assert "look after its disk" in reason
    assert count > 0
    with closing(SqliteEventStore(path)) as store:
        assert [e.version for e in store.load("emma")] == list(range(1, count + 1))
