"""How many transactions a projection takes in SQLite, and how long they keep others waiting."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.adapters.sqlite import read_model as batches
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.known import MAX_NUMBERS, Known
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.batches import CHECKPOINT_EVERY
from core.application.log import catch_up, rebuild
from core.ports.catalogue import StaleView
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside
from tests.support.sample import every_listing
from tests.support.samples import AnySample
from tests.support.walking import expected, items, walk

LONG_SECONDS = 1_000.0


@pytest.fixture
def store(tmp_path: Path, sample: AnySample) -> Iterator[SqliteEventStore[Any]]:
    with closing(SqliteEventStore(tmp_path / "store.db", sample.domain.events)) as store:
        yield store


@pytest.fixture
def model(tmp_path: Path, sample: AnySample) -> Iterator[SqliteReadModel[Any]]:
    with closing(SqliteReadModel(tmp_path / "store.db", sample.domain.listing)) as model:
        yield model


@pytest.fixture
def statements(model: SqliteReadModel[Any]) -> list[str]:
    """What the read model executes."""
    model.checkpoint("x")
    [connection] = model._database._idle
    executed: list[str] = []
    connection.set_trace_callback(executed.append)
    return executed


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(batches, "MAX_SHARED_BATCH_SECONDS", LONG_SECONDS)


def add(store: SqliteEventStore[Any], sample: AnySample, first: int, last: int) -> None:
    for number in range(first, last):
        stream = f"stream-{number:04}"
        store.append(stream, 0, sample.history(stream, 1, 1))


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def follow(model: SqliteReadModel[Any], store: SqliteEventStore[Any], sample: AnySample) -> int:
    return catch_up("x", model, store, sample.domain, fail)


def writes(statements: list[str]) -> int:
    return statements.count("BEGIN IMMEDIATE")


def test_a_backlog_takes_a_transaction_for_each_checkpoint(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    statements: list[str],
) -> None:
    add(store, sample, 0, CHECKPOINT_EVERY + 1)
    assert follow(model, store, sample) == CHECKPOINT_EVERY + 1
    assert writes(statements) == statements.count("COMMIT") - 1 == 2  # one has read the checkpoint


def test_at_the_head_of_the_log_an_event_takes_one_transaction(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    statements: list[str],
) -> None:
    for number in range(3):
        add(store, sample, number, number + 1)
        assert follow(model, store, sample) == 1
        assert writes(statements) == number + 1


def test_a_rebuild_takes_a_transaction_for_each_checkpoint(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    statements: list[str],
) -> None:
    add(store, sample, 0, CHECKPOINT_EVERY + 1)
    model.begin_rebuild()
    before = writes(statements)
    counts: list[int] = []
    rebuild(model, store, sample.domain, fail, lambda _: counts.append(writes(statements) - before))
    assert counts[1] - counts[0] == 1


def test_a_batch_ends_when_its_time_is_over(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH_SECONDS", 0)
    monkeypatch.setattr(batches, "MAX_SHARED_BATCH_SECONDS", 0)
    add(store, sample, 0, 5)
    follow(model, store, sample)
    assert writes(statements) == 5


def test_batches_are_short_after_others_have_written_and_then_grow(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "MAX_SHARED_BATCH_SECONDS", 1e-6)

    def is_long() -> bool:
        with model.batch() as has_time:
            model.save_checkpoint("x", "1")
            return has_time()

    is_long()  # nothing is known of others yet
    for number in range(2):
        assert [is_long() for _ in range(40)][-1]
        add(store, sample, number, number + 1)
        assert not is_long()


def test_what_has_passed_since_a_long_batch_counts_as_pause(
    model: SqliteReadModel[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(batches, "PAUSE_SECONDS", LONG_SECONDS)
    for seconds in (LONG_SECONDS, 0, LONG_SECONDS):
        monkeypatch.setattr(batches, "MAX_SHARED_BATCH_SECONDS", seconds)
        monkeypatch.setattr(batches, "MAX_BATCH_SECONDS", seconds)
        with model.batch():
            model.save_checkpoint("x", "1")
    [pause] = pauses  # after the second one
    assert 0 < pause < LONG_SECONDS


def test_a_batch_looks_up_once_what_its_views_have_in_common(
    model: SqliteReadModel[Any],
    store: SqliteEventStore[Any],
    sample: AnySample,
    statements: list[str],
) -> None:
    for number in range(3):
        add(store, sample, 5 * number, 5 * number + 5)
        assert follow(model, store, sample) == 5
    assert statements.count("SELECT live, building FROM generations") == 3
    for table in ("sorts_1", "words_1"):
        selects = [s for s in statements if s.startswith("SELECT") and f"FROM {table}" in s]
        assert len(selects) <= 2  # there are none yet, and what has been put in


def test_a_batch_that_is_undone_takes_its_numbers_with_it(
    model: SqliteReadModel[Any], sample: AnySample
) -> None:
    def undone() -> None:
        with model.batch():
            model.live().replace(None, sample.view("other", 1, sample.details_at(2)))
            raise KeyboardInterrupt

    declaration = sample.domain.listing
    shelf = [
        sample.view("one", 1, sample.details_at(1)),
        sample.view("two", 1, sample.details_at(2)),
    ]
    with pytest.raises(KeyboardInterrupt):
        undone()
    for view in shelf:
        with model.batch():
            model.live().replace(None, view)
    for listing in every_listing(declaration, shelf):
        assert items(walk(model.live(), listing)) == expected(declaration, shelf, listing)


def test_a_term_that_another_process_has_put_in_order_meanwhile_lists_all_its_views(
    model: SqliteReadModel[Any], sample: AnySample, tmp_path: Path
) -> None:
    declaration = sample.domain.listing
    shelf = [sample.view(f"view-{n:03}", 1, sample.details_at(1)) for n in range(104)]
    with closing(SqliteReadModel(tmp_path / "store.db", declaration)) as other:
        for writer, views in ((model, shelf[:2]), (other, shelf[2:102]), (model, shelf[102:])):
            with writer.batch():
                for view in views:
                    writer.live().replace(None, view)
    for listing in every_listing(declaration, shelf[:1]):
        assert items(walk(model.live(), listing)) == expected(declaration, shelf, listing)


def test_a_batch_writes_to_the_generation_that_another_process_has_made_live(
    model: SqliteReadModel[Any], sample: AnySample, tmp_path: Path
) -> None:
    one, two = (sample.view(name, 1, sample.details_at(1)) for name in ("one", "two"))
    with model.batch():
        model.live().replace(None, one)
    with closing(SqliteReadModel(tmp_path / "store.db", sample.domain.listing)) as other:
        other.begin_rebuild().replace(None, one)
        other.finish_rebuild()
        with model.batch():
            model.live().replace(None, two)
        assert [other.live().get(view.id) for view in (one, two)] == [one, two]


def test_a_view_that_a_batch_did_not_find_is_replaced_once(
    model: SqliteReadModel[Any], sample: AnySample
) -> None:
    one = sample.view("one", 1)
    with model.batch():
        assert model.live().get("one") is None
        model.live().replace(None, one)
        with pytest.raises(StaleView):
            model.live().replace(None, one)


def test_few_numbers_are_remembered() -> None:
    known = Known()
    for number in range(3 * MAX_NUMBERS):
        known.remember("words", {str(number): number})
        assert known.recall("words", [str(number)]) == {str(number): number}
    assert len(known.numbers["words"]) <= MAX_NUMBERS


def test_nothing_is_written_after_sqlite_itself_has_undone_a_batch(
    model: SqliteReadModel[Any],
) -> None:
    def write_on() -> None:
        with model.batch():
            model.save_checkpoint("x", "1")
            with model._database.write() as connection:
                connection.rollback()
            model.save_checkpoint("y", "1")

    with pytest.raises(StoreUnavailable, match="has undone a batch"):
        write_on()
    assert [model.checkpoint("x"), model.checkpoint("y")] == [None, None]
