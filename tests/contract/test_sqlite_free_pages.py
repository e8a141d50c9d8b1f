"""A rebuild leaves the file about as long as it was."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.adapters.sqlite import free_pages, read_model
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up, rebuild
from core.ports.read_model import Aside
from tests.support.sample import put
from tests.support.samples import AnySample

STREAMS = 150
SLACK_BYTES = 16 * 4096
"""Tables that grew in another order have a few pages more or less."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, sample: AnySample) -> Iterator[SqliteEventStore[Any]]:
    """An event store with some streams."""
    with closing(SqliteEventStore(path, sample.domain.events)) as store:
        for number in range(STREAMS):
            stream = f"stream-{number:03}"
            store.append(stream, 0, sample.history(stream, 1, 1))
        yield store


@pytest.fixture
def model(path: Path, sample: AnySample) -> Iterator[SqliteReadModel[Any]]:
    with closing(SqliteReadModel(path, sample.domain.listing)) as model:
        yield model


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def project(model: SqliteReadModel[Any], store: SqliteEventStore[Any], sample: AnySample) -> None:
    catch_up("x", model, store, sample.domain, fail)
    model._database.cut()


def rebuild_all(
    model: SqliteReadModel[Any], store: SqliteEventStore[Any], sample: AnySample
) -> None:
    rebuild(model, store, sample.domain, fail, lambda _: None)


def ask(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute(query)]


def make_as_earlier_versions_did(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = NONE")
        connection.execute("VACUUM")


def generations_in(path: Path) -> set[str]:
    """Return the numbers of the generations that have tables."""
    names = ask(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name.rpartition("_")[2] for name in names} & {"1", "2", "3", "4"}


def test_the_file_is_no_longer_after_rebuilds_than_before(
    path: Path, model: SqliteReadModel[Any], store: SqliteEventStore[Any], sample: AnySample
) -> None:
    project(model, store, sample)
    before = path.stat().st_size
    for _ in range(3):
        rebuild_all(model, store, sample)
        assert path.stat().st_size <= before + SLACK_BYTES
        assert path.with_name(f"{path.name}-wal").stat().st_size == 0  # so the file is whole
        assert ask(path, "PRAGMA freelist_count") == [0]
    assert ask(path, "PRAGMA integrity_check") == ["ok"]


def test_the_first_rebuild_makes_a_file_of_an_earlier_version_able_to_shrink(
    path: Path, model: SqliteReadModel[Any], store: SqliteEventStore[Any], sample: AnySample
) -> None:
    project(model, store, sample)
    store.close()
    model.close()
    make_as_earlier_versions_did(path)
    before = path.stat().st_size
    for _ in range(2):
        rebuild_all(model, store, sample)
        assert path.stat().st_size <= before + SLACK_BYTES
    assert ask(path, "PRAGMA integrity_check") == ["ok"]
    assert len(list(store.read_all())) == STREAMS


def test_a_long_file_of_an_earlier_version_is_not_rewritten_but_its_free_pages_are_used(
    path: Path,
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_pages, "MAX_VACUUM_BYTES", 0)
    project(model, store, sample)
    store.close()
    model.close()
    make_as_earlier_versions_did(path)
    rebuild_all(model, store, sample)
    assert ask(path, "PRAGMA freelist_count") > [0]
    after = path.stat().st_size
    rebuild_all(model, store, sample)
    assert path.stat().st_size <= after + SLACK_BYTES


@pytest.mark.parametrize("step", ["drop_old_table", "give_back_pages"])
def test_what_a_rebuild_that_was_stopped_at_its_end_has_left_is_removed_by_the_next(
    path: Path,
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    def stop(*_: object) -> bool:
        raise KeyboardInterrupt

    put(model.live(), sample.view("lost"))
    put(model.begin_rebuild(), sample.view("stream-000"))
    with monkeypatch.context() as patched:
        patched.setattr(read_model, step, stop)
        with pytest.raises(KeyboardInterrupt):
            model.finish_rebuild()
    assert model.live().get("stream-000") == sample.view("stream-000")
    assert ("1" in generations_in(path)) == (step == "drop_old_table")

    model.begin_rebuild()
    assert generations_in(path) == {"2", "3"}
    model.finish_rebuild()
    assert generations_in(path) == {"3"}
    assert ask(path, "PRAGMA freelist_count") == [0]


def test_others_can_write_between_the_steps_in_which_pages_are_given_back(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read_model, "MAX_BATCH_SECONDS", 0)
    monkeypatch.setattr(read_model, "MAX_SHARED_BATCH_SECONDS", 0)
    project(model, store, sample)
    model.begin_rebuild()
    [connection] = model._database._idle
    executed: list[str] = []
    connection.set_trace_callback(executed.append)
    model.finish_rebuild()
    drops = sum(statement.startswith("DROP TABLE") for statement in executed)
    moves = sum("incremental_vacuum" in statement for statement in executed)
    assert min(drops, moves) > 1
    assert executed.count("BEGIN IMMEDIATE") >= drops + moves
