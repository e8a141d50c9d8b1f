"""What the processes of ``test_sqlite_processes.py`` do, each with its own store on one file."""

import os
import resource
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Event, Lock, Thread

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.adapters.sqlite.schema import ensure_schema
from core.adapters.sqlite.write_queue import write_queue_of
from core.domain.events import EVENTS, BookRevised
from core.domain.listing import LISTING
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Claims, ClaimTaken, VersionConflict
from core.ports.listing import Listing
from tests.support.books import envelope, view

TIMEOUT_SECONDS = 60.0
"""How long a writer waits for the others: the machine may be busy with other tests."""


def write_versions(path: Path, start: Barrier, results: Connection, last: int) -> None:
    """Append to a stream until it is at version ``last``; send what was acknowledged."""
    store = SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS)
    won: list[tuple[int, str]] = []
    start.wait()
    while (version := len(store.load("emma"))) < last:
        event = envelope("emma", version + 1)
        try:
            store.append("emma", version, [event])
        except VersionConflict:
            continue
        won.append((event.version, event.event_id))
    results.send(won)


def take_names(path: Path, start: Barrier, results: Connection, names: list[str]) -> None:
    """Try to take each of ``names`` with a stream of its own; send the names that were won."""
    store = SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS)
    won: list[str] = []
    start.wait()
    for name in names:
        stream = f"{os.getpid()} {name}"
        try:
            store.append(stream, 0, [envelope(stream, 1)], Claims(take=frozenset([name])))
        except ClaimTaken:
            continue
        won.append(name)
    results.send(won)


def open_new_file(path: Path, start: Barrier, results: Connection) -> None:
    """Create the file, together with others, and write to it; send the name of the stream."""
    name = str(os.getpid())
    start.wait()
    SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS).append(name, 0, [envelope(name, 1)])
    SqliteReadModel(path, LISTING, TIMEOUT_SECONDS).live().replace(None, view(name))
    results.send(name)


def open_old_file(path: Path, start: Barrier, results: Connection) -> None:
    """Open a file of an older version, together with others, and use it; send what is listed."""
    name = str(os.getpid())
    start.wait()
    model = SqliteReadModel(path, LISTING, TIMEOUT_SECONDS)
    results.send([view.id for view in model.live().find(Listing(), None, 100).items])
    SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS).append(name, 0, [envelope(name, 1)])


def migrate_until_killed(path: Path, results: Connection, last: int) -> None:
    """Migrate a file and be killed before statement ``last``; send how many there are."""
    connection = sqlite3.connect(path, isolation_level=None)
    # Nearly nothing is kept in memory, so that a killed migration has written much of what it did.
    connection.execute("PRAGMA cache_size = 1")
    executed = 0

    def execute(_: str) -> None:
        nonlocal executed
        executed += 1
        if executed == last:
            os.kill(os.getpid(), signal.SIGKILL)

    connection.set_trace_callback(execute)
    ensure_schema(connection, path)
    results.send(executed)


def append_until_killed(path: Path, results: Connection, streams: list[str]) -> None:
    """Append to each of ``streams`` in a thread, events with a claim; send what is acknowledged."""
    store = SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS)
    sending = Lock()

    def append(stream: str) -> None:
        version = 0
        while True:
            event = envelope(stream, version + 1)
            claims = Claims(take=frozenset([f"{stream} {event.version}"]))
            store.append(stream, version, [event], claims)
            with sending:
                results.send((stream, event.version, event.event_id))
            version += 1

    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(append, streams))


def write_across_a_fork(path: Path) -> None:
    """Write in a process and in its fork, while the one that was forked closes its connections."""
    store = SqliteEventStore(path, EVENTS, TIMEOUT_SECONDS)
    store.append("before", 0, [envelope("before", 1)])
    child_wrote, parent_closed = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        store.append("child", 0, [envelope("child", 1)])
        os.write(child_wrote[1], b".")
        os.read(parent_closed[0], 1)
        store.append("child", 1, [envelope("child", 2)])
        os._exit(0)
    os.read(child_wrote[0], 1)
    store.close()
    store.append("parent", 0, [envelope("parent", 1)])
    os.write(parent_closed[1], b".")
    os.waitpid(child, 0)


def fork_beside_a_writer(path: Path) -> None:
    """Write in a fork that is made while another thread has its turn, and in the parent after."""
    store = SqliteEventStore(path, EVENTS, busy_seconds=10)
    has_turn, forked = Event(), Event()

    def write() -> None:
        with write_queue_of(path).turn(path, TIMEOUT_SECONDS):
            has_turn.set()
            forked.wait()

    thread = Thread(target=write)
    thread.start()
    has_turn.wait()
    child = os.fork()
    if child == 0:
        store.append("child", 0, [envelope("child", 1)])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    forked.set()
    thread.join()
    store.append("parent", 0, [envelope("parent", 1)])
    os._exit(os.waitstatus_to_exitcode(status))


def append_until_the_disk_fails(path: Path, results: Connection, max_bytes: int) -> None:
    """Append large events until no file may grow; send the number stored and the error."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))
    store, version = SqliteEventStore(path, EVENTS), 0
    try:
        while True:
            large = BookRevised(changes={"description": "x" * 20_000})
            event = envelope("emma", version + 1, None if version == 0 else large)
            store.append("emma", version, [event])
            version += 1
    except StoreUnavailable as error:
        results.send((version, str(error)))
