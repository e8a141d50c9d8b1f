"""What threads append to a SQLite file at the same time shares a commit, and nothing else."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.write_queue import write_queue_of
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Claims, ClaimTaken, EventTooLarge, VersionConflict
from core.ports.events import Envelope
from tests.support.samples import AnySample
from tests.support.waiting import TIMEOUT_SECONDS, until

Store = SqliteEventStore[Any]
Append = Callable[[], None]
THREADS = 6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, sample: AnySample) -> Iterator[Store]:
    with closing(SqliteEventStore(path, sample.domain.events, TIMEOUT_SECONDS)) as store:
        store.check()
        yield store


@pytest.fixture
def statements(store: Store) -> list[str]:
    return statements_of(store)


def statements_of(store: Store) -> list[str]:
    """Return the list to which the statements of the store's one connection are added."""
    [connection] = store._database._idle
    executed: list[str] = []
    connection.set_trace_callback(executed.append)
    return executed


def outcome(append: Append) -> Exception | None:
    try:
        append()
    except Exception as error:  # noqa: BLE001 - it is what is compared
        return error
    return None


def together(path: Path, appends: Sequence[Append]) -> list[Exception | None]:
    """Run ``appends`` in threads that all wait, in this order, before the first one may write."""
    queue = write_queue_of(path)
    with ThreadPoolExecutor(len(appends)) as pool:
        with queue.turn(path, 0):
            running = []
            for number, append in enumerate(appends, 2):
                running.append(pool.submit(outcome, append))
                until(lambda: len(queue._writers), partial(int.__eq__, number), pause=0.001)
        return [each.result() for each in running]


def one_after_the_other(_: Path, appends: Sequence[Append]) -> list[Exception | None]:
    return [outcome(append) for append in appends]


def appends_of(sample: AnySample, store: Store) -> list[Append]:
    """Return appends to different streams."""
    names = [f"stream-{number}" for number in range(THREADS)]
    return [partial(store.append, name, 0, sample.history(name, 1, 2)) for name in names]


def conflicting(sample: AnySample, store: Store) -> Append:
    return partial(store.append, "other", 7, sample.history("other", 8, 8))


def test_appends_that_wait_at_the_same_time_share_a_commit(
    path: Path, sample: AnySample, store: Store, statements: list[str]
) -> None:
    assert together(path, appends_of(sample, store)) == [None] * THREADS
    assert statements.count("COMMIT") == 1
    streams = [event.stream for _, event in store.read_all()]
    assert streams == [f"stream-{number}" for number in range(THREADS) for _ in range(2)]


def test_after_a_failure_each_is_tried_once_more_and_alone(
    path: Path, sample: AnySample, store: Store, statements: list[str]
) -> None:
    appends = [*appends_of(sample, store), conflicting(sample, store)]
    *others, conflict = together(path, appends)
    assert others == [None] * THREADS
    assert isinstance(conflict, VersionConflict)
    assert statements.count("BEGIN IMMEDIATE") == 1 + THREADS + 1
    assert statements.count("COMMIT") == THREADS


def test_an_append_that_fails_alone_is_not_tried_again(
    sample: AnySample, store: Store, statements: list[str]
) -> None:
    assert isinstance(outcome(conflicting(sample, store)), VersionConflict)
    assert statements.count("BEGIN IMMEDIATE") == 1


def test_each_meets_its_own_error(path: Path, sample: AnySample, store: Store) -> None:
    store.append("a", 0, sample.history("a", 1, 1), Claims(take=frozenset(["name"])))
    large = sample.envelope("large", 1, actor="x" * 6_000)
    [connection] = store._database._idle
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5_000)
    outcomes = together(
        path,
        [
            partial(store.append, "b", 0, sample.history("b", 1, 1)),
            partial(store.append, "a", 0, sample.history("a", 1, 1)),
            partial(store.append, "c", 0, sample.history("c", 1, 2), Claims(frozenset(["name"]))),
            partial(store.append, "large", 0, [large]),
            partial(store.append, "d", 0, sample.history("d", 1, 1)),
        ],
    )
    expected = [type(None), VersionConflict, ClaimTaken, EventTooLarge, type(None)]
    assert [type(outcome) for outcome in outcomes] == expected
    assert [event.stream for _, event in store.read_all()] == ["a", "b", "d"]


def test_only_what_is_appended_by_the_same_store_shares_a_commit(
    path: Path, sample: AnySample, store: Store, statements: list[str]
) -> None:
    with closing(SqliteEventStore(path, sample.domain.events, TIMEOUT_SECONDS)) as other:
        other.check()
        others = statements_of(other)
        elsewhere = partial(other.append, "other", 0, sample.history("other", 1, 1))
        snapshot = partial(store.save_snapshot, "a", 1, "{}")
        first, *rest = appends_of(sample, store)
        assert together(path, [first, elsewhere, snapshot, *rest]) == [None] * (THREADS + 2)
    assert statements.count("COMMIT") == 2  # the appends, and the snapshot
    assert others.count("COMMIT") == 1


def test_an_append_that_has_waited_too_long_is_done_by_nobody(
    path: Path, sample: AnySample, store: Store
) -> None:
    store._database._busy_seconds = 0.01
    append = partial(store.append, "late", 0, sample.history("late", 1, 1))
    with write_queue_of(path).turn(path, 0), ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(outcome, append).result(), StoreUnavailable)
    store.append("next", 0, sample.history("next", 1, 1))
    assert [event.stream for _, event in store.read_all()] == ["next"]


@dataclass(frozen=True)
class _Append:
    stream: str
    expected: int
    count: int
    take: str | None

    def to(self, store: Store, events: Sequence[Envelope[Any]]) -> None:
        claims = Claims(take=frozenset() if self.take is None else frozenset([self.take]))
        store.append(self.stream, self.expected, events, claims)


APPENDS = st.builds(
    _Append,
    stream=st.sampled_from("abc"),
    expected=st.integers(0, 2),
    count=st.integers(1, 2),
    take=st.none() | st.sampled_from("xy"),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(appends=st.lists(APPENDS, min_size=2, max_size=5))
def test_together_comes_to_what_one_after_the_other_comes_to(
    appends: list[_Append], tmp_path_factory: pytest.TempPathFactory, sample: AnySample
) -> None:
    events = [sample.history(a.stream, a.expected + 1, a.expected + a.count) for a in appends]
    folder = tmp_path_factory.mktemp("stores")
    results = []
    for run in (one_after_the_other, together):
        path = folder / run.__name__
        with closing(SqliteEventStore(path, sample.domain.events, TIMEOUT_SECONDS)) as store:
            store.check()
            todo = [partial(a.to, store, e) for a, e in zip(appends, events, strict=True)]
            outcomes = run(path, todo)
            results.append((list(map(repr, outcomes)), list(store.read_all())))
    assert results[0] == results[1]
