"""How long appends to SQLite take: from many threads of a process, and beside a projector.

Appends are forced to the disk, so they take what the disk takes. The projectors are processes of
their own: one follows the appends that are measured, the other one is always behind.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.events import BookAdded, BookEvent
from core.domain.manifest import BOOKS
from core.ports.events import Envelope
from tests.benchmarks.measuring import latencies
from tests.support.books import EMMA, envelope

THREADS = (1, 8, 64)
BACKLOG = 20_000
Store = SqliteEventStore[BookEvent]


def measure(rounds: int = 3, seconds: float = 2.0, backlog: int = BACKLOG) -> dict[str, Any]:
    """Return the rate and the milliseconds of appends in each situation, which take turns."""
    runs: dict[str, list[list[float]]] = {}
    for _ in range(rounds):
        for count in THREADS:
            name = "1 thread" if count == 1 else f"{count} threads"
            runs.setdefault(name, []).append(_by_threads(count, seconds))
        runs.setdefault("beside a projector", []).append(_beside_projector(0, seconds))
        runs.setdefault("beside one that is behind", []).append(_beside_projector(backlog, seconds))
    return {name: latencies(took, seconds) for name, took in runs.items()}


def _by_threads(count: int, seconds: float) -> list[float]:
    with _store() as (_, store), ThreadPoolExecutor(count) as pool:
        end = time.perf_counter() + seconds
        runs = pool.map(lambda _: _append_until(end, store), range(count))
        return [milliseconds for run in runs for milliseconds in run]


def _beside_projector(backlog: int, seconds: float) -> list[float]:
    with _store() as (path, store):
        events = [_book() for _ in range(backlog)]
        for event in events:
            store.append(event.stream, 0, [event])
        with _projector(path):
            return _append_until(time.perf_counter() + seconds, store)


def _append_until(end: float, store: Store) -> list[float]:
    took = []
    while (started := time.perf_counter()) < end:
        event = _book()
        store.append(event.stream, 0, [event])
        took.append(1000 * (time.perf_counter() - started))
    return took


def _book() -> Envelope[BookEvent]:
    return envelope(f"{random.getrandbits(128):032x}", 1, BookAdded(details=EMMA))


@contextmanager
def _store() -> Iterator[tuple[Path, Store]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books.db"
        with closing(SqliteEventStore(path, BOOKS.events)) as store:
            store.check()
            yield path, store


@contextmanager
def _projector(path: Path) -> Iterator[None]:
    """Have a projector in a process of its own, which has projected something already."""
    environment = {**os.environ, "STORE": "sqlite", "SQLITE_PATH": str(path)}
    command = [sys.executable, "-m", "apps.local.projector"]
    with (
        closing(SqliteEventStore(path, BOOKS.events)) as store,
        closing(SqliteReadModel(path, BOOKS.listing)) as model,
    ):
        first = _book()
        store.append(first.stream, 0, [first])
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        while model.checkpoint("projector") is None:
            time.sleep(0.01)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
