"""How SQLite's write-ahead log grows under load, and what keeping it short costs a commit.

    python -m tests.benchmarks.sqlite_log --seconds 60

Processes append events and read listings without a pause, and one projects. It prints the size
of the log every few seconds, under load and after it, and how long an append took.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from tests.support.books import EMMA, books_by, envelope

PROCESSES = get_context("spawn")
EVERY_SECONDS = 5
DETAILS = replace(EMMA, description="handsome, clever, and rich " * 40)


def write(path: Path, stopped: Event, times: "SimpleQueue[list[float]]") -> None:
    """Append books until ``stopped``; send how long each append took, in milliseconds."""
    from core.domain.events import BookAdded

    store = SqliteEventStore(path, BOOKS.events)
    took = []
    while not stopped.is_set():
        stream = f"{random.getrandbits(128):032x}"
        started = time.perf_counter()
        store.append(stream, 0, [envelope(stream, 1, BookAdded(details=DETAILS))])
        took.append(1000 * (time.perf_counter() - started))
    times.put(took)


def read(path: Path, stopped: Event, times: "SimpleQueue[list[float]]") -> None:
    """Read pages of a listing until ``stopped``; send how long each took, in milliseconds."""
    live = SqliteReadModel(path, BOOKS.listing).live()
    took = []
    while not stopped.is_set():
        started = time.perf_counter()
        live.find(books_by(), None, 100)
        took.append(1000 * (time.perf_counter() - started))
    times.put(took)


def project(path: Path, stopped: Event, idle: "SimpleQueue[list[float]]") -> None:
    """Project what is written until nothing is left after ``stopped``; be idle until killed."""
    store, model = SqliteEventStore(path, BOOKS.events), SqliteReadModel(path, BOOKS.listing)
    while True:
        done = stopped.is_set()
        try:
            count = catch_up("projector", model, store, BOOKS, lambda *_: None)
        except StoreUnavailable as error:
            print(error, flush=True)
            continue
        if done and not count:
            idle.put([])
        time.sleep(0.05)


def percentiles(times: list[float]) -> str:
    """Return the count, the median and the tail of ``times``."""
    ordered = sorted(times)
    tail = {f"p{p:g}": ordered[int(len(ordered) * p / 100)] for p in (95, 99, 99.9)}
    shown = ", ".join(f"{name} {value:.1f}" for name, value in tail.items())
    return f"{len(times):,}: median {statistics.median(times):.2f}, {shown}, max {ordered[-1]:.1f}"


def measure(path: Path, writers: int, readers: int, seconds: int) -> None:
    """Run the load and print."""
    SqliteEventStore(path, BOOKS.events).check()
    stopped = PROCESSES.Event()
    roles: list[tuple[str, Callable[..., None], Any]] = [
        *(("append", write, PROCESSES.SimpleQueue()) for _ in range(writers)),
        *(("page", read, PROCESSES.SimpleQueue()) for _ in range(readers)),
        ("idle", project, PROCESSES.SimpleQueue()),
    ]
    started = [
        PROCESSES.Process(target=act, args=(path, stopped, q), daemon=True) for _, act, q in roles
    ]
    for process in started:
        process.start()
    print("log, MB, under load:", end="", flush=True)
    for _ in range(seconds // EVERY_SECONDS):
        time.sleep(EVERY_SECONDS)
        show_size(path)
    stopped.set()
    times: dict[str, list[float]] = {}
    for name, _, queue in roles:
        times.setdefault(name, []).extend(queue.get())
    print("; a second after the last event was projected:", end="")
    time.sleep(1)
    show_size(path)
    print()
    for name, took in times.items():
        if took:
            print(f"{name} (ms): {percentiles(took)}")
    for process in started:
        process.kill()


def show_size(path: Path) -> None:
    """Print how large the log is."""
    log = path.with_name(f"{path.name}-wal")
    length = log.stat().st_size if log.exists() else 0
    print(f" {length / 2**20:.1f}", end="", flush=True)


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books.db"
        measure(path, arguments.writers, arguments.readers, arguments.seconds)


if __name__ == "__main__":
    main()
