"""The event store in SQLite against PyPI's ``eventsourcing`` and its SQLite recorder.

Durability is equal: both keep a write-ahead log and force it to the disk at every commit
(``synchronous`` FULL). We set that; ``eventsourcing`` sets the log, and takes SQLite's own default
for the other, which is FULL, or this benchmark fails. Both encode the same details as JSON, and
both rely on a unique key. Ours also stores who did it and by which request.

Every append is a transaction of one event, the first of a new stream.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from core.adapters.sqlite.event_store import SqliteEventStore
from core.domain.details import BookDetails
from core.domain.events import BookAdded
from core.domain.manifest import BOOKS
from tests.benchmarks.measuring import Data, spread, take_turns
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

    In each round each store is written for ``seconds``. How long the slowest append of a round took
    shows whether some writers wait while others write.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        modes = {
            "1 writer": partial(_by_threads, writers=1),
            f"{writers} threads": partial(_by_threads, writers=writers),
            f"{writers} processes": partial(_by_processes, writers=writers),
        }
        runs = {mode: _take_turns(act, folder, seconds, rounds) for mode, act in modes.items()}
        return {
            "appends_a_second": {mode: rates for mode, (rates, _) in runs.items()},
            "slowest_ms": {mode: slowest for mode, (_, slowest) in runs.items()},
            "load_ms": {str(length): _loads(folder, length, rounds) for length in lengths},
        }


class Run(NamedTuple):
    """The appends a second of one writer or more, and the milliseconds of the slowest append."""

    rate: float
    slowest: float


def _take_turns(
    act: Callable[[str, Path, float], Run], folder: Path, seconds: float, rounds: int
) -> tuple[Data, Data]:
    """Return the rates and the slowest appends of each store."""
    slowest: dict[str, list[float]] = {name: [] for name in STORES}

    def rate(name: str) -> float:
        run = act(name, folder, seconds)
        slowest[name].append(run.slowest)
        return run.rate

    rates = take_turns({name: partial(rate, name) for name in STORES}, rounds)
    return rates, {name: spread(values) for name, values in slowest.items()}


def _together(runs: Iterable[Run]) -> Run:
    rates, slowest = zip(*runs, strict=True)
    return Run(sum(rates), max(slowest))


def _by_threads(name: str, folder: Path, seconds: float, *, writers: int) -> Run:
    store = STORES[name](folder)
    store.append()  # the file is there, and open
    with ThreadPoolExecutor(writers) as pool:
        runs = list(pool.map(lambda _: _run(store.append, seconds), range(writers)))
    store.close()
    return _together(runs)


def _by_processes(name: str, folder: Path, seconds: float, *, writers: int) -> Run:
    barrier, runs = PROCESSES.Barrier(writers), PROCESSES.Queue()
    given = (name, folder, seconds, barrier, runs)
    processes = [PROCESSES.Process(target=_write, args=given, daemon=True) for _ in range(writers)]
    for process in processes:
        process.start()
    whole = _together(runs.get(timeout=seconds + START_SECONDS) for _ in processes)
    for process in processes:
        process.join()
    return whole


def _write(name: str, folder: Path, seconds: float, barrier: Barrier, runs: Any) -> None:
    """Append as soon as all processes are there, and send the run."""
    store = STORES[name](folder)
    store.append()
    barrier.wait(START_SECONDS)
    runs.put(_run(store.append, seconds))


def _run(append: Callable[[], None], seconds: float) -> Run:
    """Append for ``seconds``."""
    count, slowest = 0, 0.0
    started = last = time.perf_counter()
    while last - started < seconds:
        append()
        count += 1
        now = time.perf_counter()
        slowest, last = max(slowest, now - last), now
    return Run(count / (last - started), 1000 * slowest)


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
