"""The event store in SQLite against PyPI's ``eventsourcing`` and its SQLite recorder.

Durability is equal: both keep a write-ahead log and force it to the disk at every commit
(``synchronous`` FULL). We set that; ``eventsourcing`` sets the log, and takes SQLite's own default
for the other, which is FULL, or this benchmark fails. Both encode the same details as JSON. Ours
checks in the same transaction that the event is not there already and that the version is the
expected one, and stores who did it and by which request; theirs relies on a unique key.

Every append is a transaction of one event, the first of a new stream.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.adapters.sqlite.event_store import SqliteEventStore
from core.domain.details import BookDetails
from core.domain.events import BookAdded
from core.domain.manifest import BOOKS
from tests.benchmarks.measuring import Data, take_turns
from tests.support.books import envelope, history

PROCESSES = get_context("spawn")
WRITERS = 8
START_SECONDS = 60.0
DETAILS: dict[str, Any] = {
    "title": "The Hound of the Baskervilles",
    "authors": ("Arthur Conan Doyle",),
    "language": "en",
    "published": "1902-03-25",
    "subjects": ("Detective and mystery stories", "Dartmoor (England)", "Fiction"),
    "description": "Sherlock Holmes looks into a legend.",
}
FULL = 2


@dataclass(frozen=True, slots=True)
class Store:
    """A store: append one event to a new stream; make a stream; load one; close."""

    append: Callable[[], None]
    make: Callable[[int], Any]
    load: Callable[[Any], Sequence[Any]]
    close: Callable[[], None]


def ours(folder: Path) -> Store:
    """Return our store of a file in ``folder``."""
    store = SqliteEventStore(folder / "ours.db", BOOKS.events)
    added = BookAdded(details=BookDetails(**DETAILS))

    def append() -> None:
        stream = str(uuid4())
        store.append(stream, 0, [envelope(stream, 1, added)])

    def make(length: int) -> str:
        stream = str(uuid4())
        store.append(stream, 0, history(stream, 1, length))
        return stream

    return Store(append, make, store.load, store.close)


def eventsourcing(folder: Path) -> Store:
    """Return the event store of an application of ``eventsourcing`` in ``folder``.

    As its documentation makes one
    (https://eventsourcing.readthedocs.io/en/stable/topics/persistence.html#sqlite).
    """
    from eventsourcing.application import Application

    from tests.benchmarks.eventsourcing_events import BookAdded, BookRevised, now

    path = str(folder / "eventsourcing.db")
    settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path}
    app: Any = Application(env=settings)
    with app.recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == FULL, "SQLite's default is not FULL here"

    def append() -> None:
        app.events.put([BookAdded(uuid4(), 1, now(), DETAILS)])

    def make(length: int) -> Any:
        stream = uuid4()
        later = [
            BookRevised(stream, version, now(), {"title": f"Edition {version}"})
            for version in range(2, length + 1)
        ]
        app.events.put([BookAdded(stream, 1, now(), DETAILS), *later])
        return stream

    return Store(append, make, lambda stream: list(app.events.get(stream)), app.close)


STORES: dict[str, Callable[[Path], Store]] = {"ours": ours, "eventsourcing": eventsourcing}


def measure(
    rounds: int = 9,
    *,
    seconds: float = 1.0,
    lengths: Sequence[int] = (1, 10, 100, 1000),
    writers: int = WRITERS,
) -> Data:
    """Return the appends a second of one writer and of several, and the milliseconds to load.

    In each round each store is written for ``seconds``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        modes = {
            "1 writer": partial(_by_threads, writers=1),
            f"{writers} threads": partial(_by_threads, writers=writers),
            f"{writers} processes": partial(_by_processes, writers=writers),
        }
        return {
            "appends_a_second": {
                mode: take_turns(
                    {name: partial(act, name, folder, seconds) for name in STORES}, rounds
                )
                for mode, act in modes.items()
            },
            "load_ms": {str(length): _loads(folder, length, rounds) for length in lengths},
        }


def _by_threads(name: str, folder: Path, seconds: float, *, writers: int) -> float:
    store = STORES[name](folder)
    store.append()  # the file is there, and open
    with ThreadPoolExecutor(writers) as pool:
        rates = list(pool.map(lambda _: _rate(store.append, seconds), range(writers)))
    store.close()
    return sum(rates)


def _by_processes(name: str, folder: Path, seconds: float, *, writers: int) -> float:
    barrier, rates = PROCESSES.Barrier(writers), PROCESSES.Queue()
    given = (name, folder, seconds, barrier, rates)
    processes = [PROCESSES.Process(target=_write, args=given, daemon=True) for _ in range(writers)]
    for process in processes:
        process.start()
    total = sum(rates.get(timeout=seconds + START_SECONDS) for _ in processes)
    for process in processes:
        process.join()
    return float(total)


def _write(name: str, folder: Path, seconds: float, barrier: Barrier, rates: Any) -> None:
    """Append as soon as all processes are there; send the appends a second."""
    store = STORES[name](folder)
    store.append()
    barrier.wait(START_SECONDS)
    rates.put(_rate(store.append, seconds))


def _rate(append: Callable[[], None], seconds: float) -> float:
    """Append for ``seconds``, and return the appends a second."""
    count, started = 0, time.perf_counter()
    while (taken := time.perf_counter() - started) < seconds:
        append()
        count += 1
    return count / taken


def _loads(folder: Path, length: int, rounds: int) -> Any:
    stores = {name: make(folder) for name, make in STORES.items()}
    streams = {name: store.make(length) for name, store in stores.items()}

    def load(name: str) -> Iterator[float]:
        for _ in range(5):
            started = time.perf_counter()
            found = stores[name].load(streams[name])
            yield (time.perf_counter() - started) * 1000
            assert len(found) == length

    try:
        return take_turns({name: partial(load, name) for name in stores}, rounds)
    finally:
        for store in stores.values():
            store.close()
