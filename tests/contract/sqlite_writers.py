"""What the processes of ``test_sqlite_processes.py`` do, each with a store of its own on the same file."""

import os
import resource
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.events import BookRevised
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Claims, ClaimTaken, VersionConflict
from tests.support.books import envelope, view

PATIENCE = 60.0
"""Seconds that a writer waits for the others: the machine may be busy with other tests."""


def write_versions(path: Path, start: Barrier, answer: Connection, last: int) -> None:
    """Append to one stream until it is at version ``last``; answer (version, event id) of what was acknowledged."""
    store = SqliteEventStore(path, PATIENCE)
    won: list[tuple[int, str]] = []
    start.wait()
    while (version := len(store.load("emma"))) < last:
        event = envelope("emma", version + 1)
        try:
            store.append("emma", version, [event])
        except VersionConflict:
            continue
        won.append((event.version, event.event_id))
    answer.send(won)


def take_names(path: Path, start: Barrier, answer: Connection, names: list[str]) -> None:
    """Try to take each of ``names`` with a stream of its own; answer the names that were won."""
    store = SqliteEventStore(path, PATIENCE)
    won: list[str] = []
    start.wait()
    for name in names:
        stream = f"{os.getpid()} {name}"
        try:
            store.append(stream, 0, [envelope(stream, 1)], Claims(take=frozenset([name])))
        except ClaimTaken:
            continue
        won.append(name)
    answer.send(won)


def open_new_file(path: Path, start: Barrier, answer: Connection) -> None:
    """Make the file, together with others, and write to it; answer the stream and book written."""
    name = str(os.getpid())
    start.wait()
    SqliteEventStore(path, PATIENCE).append(name, 0, [envelope(name, 1)])
    SqliteReadModel(path, PATIENCE).live().replace(None, view(name))
    answer.send(name)


def append_until_killed(path: Path, answer: Connection, stream: str) -> None:
    """Append events with a claim each, and answer (stream, version, event id) after each acknowledgement."""
    store = SqliteEventStore(path, PATIENCE)
    version = 0
    while True:
        event = envelope(stream, version + 1)
        claims = Claims(take=frozenset([f"{stream} {event.version}"]))
        store.append(stream, version, [event], claims)
        answer.send((stream, event.version, event.event_id))
        version += 1


def write_across_a_fork(path: Path) -> None:
    """Write in a process and in its fork, while the one that was forked closes its connections."""
    store = SqliteEventStore(path, PATIENCE)
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


def append_until_the_disk_fails(path: Path, answer: Connection, most_bytes: int) -> None:
    """Append large events until the system refuses to let files grow; answer the number stored and what was said."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    store, version = SqliteEventStore(path), 0
    try:
        while True:
            large = BookRevised(changes={"description": "x" * 20_000})
            event = envelope("emma", version + 1, None if version == 0 else large)
            store.append("emma", version, [event])
            version += 1
    except StoreUnavailable as error:
        answer.send((version, str(error)))
