"""Projecting a log of books into SQLite from its beginning, and rebuilding the read model."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up, rebuild
from core.domain.events import BookAdded
from core.domain.manifest import BOOKS
from tests.benchmarks.made_up_books import made_up_books
from tests.benchmarks.measuring import Data, megabytes, take_turns
from tests.support.books import envelope

FILE = "books.db"


def measure(rounds: int = 3, *, books: int = 10_000) -> Data:
    """Return the events a second of a projector that is ``books`` events behind, and of a rebuild.

    With the size of the file before and after the rebuild: it has the events, and the read model.
    """
    with tempfile.TemporaryDirectory() as scratch:
        log, projected = Path(scratch, "log"), Path(scratch, "projected")
        _fill(log, books)
        shutil.copytree(log, projected)
        _catch_up(projected, books)
        sizes = {"before": megabytes(projected / FILE)}
        rates = take_turns(
            {
                "catching up": partial(_in_copy, log, partial(_catch_up, books=books)),
                "rebuild": partial(_in_copy, projected, partial(_rebuild, books=books)),
            },
            rounds,
        )
        _rebuild(projected, books)
        sizes["after"] = megabytes(projected / FILE)
        return {"books": books, "events_a_second": rates, "file_mb": sizes}


def _fill(folder: Path, books: int) -> None:
    folder.mkdir()
    store = SqliteEventStore(folder / FILE, BOOKS.events)
    for view in made_up_books(books):
        store.append(view.id, 0, [envelope(view.id, 1, BookAdded(details=view.details))])
    store.close()


def _in_copy(folder: Path, act: Callable[[Path], float]) -> float:
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        copy = shutil.copytree(folder, Path(scratch) / "copy")
        os.sync()  # events are on the disk once they are appended: no projector waits for the copy
        return act(copy)


def _catch_up(folder: Path, books: int) -> float:
    store = SqliteEventStore(folder / FILE, BOOKS.events)
    model = SqliteReadModel(folder / FILE, BOOKS.listing)
    started = time.perf_counter()
    count = catch_up("projector", model, store, BOOKS, _fail)
    seconds = time.perf_counter() - started
    _close(store, model)
    assert count == books
    return count / seconds


def _rebuild(folder: Path, books: int) -> float:
    store = SqliteEventStore(folder / FILE, BOOKS.events)
    model = SqliteReadModel(folder / FILE, BOOKS.listing)
    started = time.perf_counter()
    count = rebuild(model, store, BOOKS, _fail, lambda _: None)
    seconds = time.perf_counter() - started
    _close(store, model)
    assert count == books
    return count / seconds


def _close(*stores: Any) -> None:
    for store in stores:
        store.close()


def _fail(aside: object, error: Exception) -> None:
    raise AssertionError(aside) from error
