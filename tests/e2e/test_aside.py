"""The local programs and an event that this version of the code cannot read: a rollback's trace."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.manifest import BOOKS
from tests.support.books import envelope
from tests.support.services import ROOT
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

NEWER: Final = 99
"""A schema version of the first event that nobody knows."""


@pytest.fixture
def path(environment: dict[str, str]) -> Path:
    """A store in which another version of the code has stored the first event of a book."""
    path = Path(environment["SQLITE_PATH"])
    with closing(SqliteEventStore(path, BOOKS.events)) as store:
        for stream in ("before", "unreadable", "later"):
            store.append(stream, 0, [envelope(stream, 1)])
        store.append("unreadable", 1, [envelope("unreadable", 2)])
    store_schema_version(path, NEWER)
    return path


def store_schema_version(path: Path, number: int) -> None:
    """Let the first event of the book be of a schema version."""
    with closing(sqlite3.connect(path)) as connection, connection:
        where = "WHERE stream = 'unreadable' AND version = 1"
        connection.execute(f"UPDATE events SET schema_version = ? {where}", (number,))


@contextmanager
def projector(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "apps.local.projector"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait() == 0


def looks(path: Path) -> Callable[[], tuple[set[str], set[str]]]:
    """Return a look at the books that are shown, and those that are set aside."""

    def look() -> tuple[set[str], set[str]]:
        with closing(SqliteReadModel(path, BOOKS.listing)) as model:
            live = model.live()
            shown = {s for s in ("before", "unreadable", "later") if live.get(s) is not None}
            return shown, {aside.stream for aside in model.aside()}

    return look


def test_the_projector_goes_on_beside_it_and_its_book_heals_when_it_can_be_read(
    environment: dict[str, str], path: Path
) -> None:
    with projector(environment) as process:
        until(looks(path), lambda seen: seen == ({"before", "later"}, {"unreadable"}))
        assert process.poll() is None
    store_schema_version(path, BOOKS.events.schema_versions["BookAdded"])
    with projector(environment):
        until(looks(path), lambda seen: seen == ({"before", "unreadable", "later"}, set()))


def test_a_rebuild_ends_with_a_list_of_what_it_could_not_apply(
    environment: dict[str, str], path: Path
) -> None:
    rebuild = [sys.executable, "-m", "apps.rebuild"]
    done = subprocess.run(
        rebuild, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "The new read model serves. What could not be applied was set aside:" in done.stderr
    assert "  unreadable, version 2: " in done.stderr
    assert "Traceback" not in done.stderr
    assert looks(path)() == ({"before", "later"}, {"unreadable"})
