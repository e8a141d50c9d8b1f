"""Queries, and waiting for a write to become visible."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.log import catch_up
from core.application.queries import (
    MAX_WAITED_FOR,
    WAIT_SECONDS,
    NoSuchVersion,
    NotYetVisible,
    QueryHandler,
)
from core.domain.book import BookState
from core.domain.details import BookDetails
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.read_model import Aside
from core.ports.refusals import NotFound
from tests.support.desk import NOON, Desk
from tests.support.unreliable_stores import Broken, nothing


class Reader:
    """Reads what a desk has written; its clock advances only while a query waits."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.model = MemoryReadModel(BOOKS.listing)
        self.pauses: list[float] = []
        self.meanwhile: Callable[[], object] = nothing

    @property
    def queries(self) -> QueryHandler[BookState, BookEvent, BookDetails]:
        return QueryHandler(
            BOOKS,
            self.model,
            lambda: self.desk.store,
            clock=lambda: self.desk.now,
            sleep=self._sleep,
            stopwatch=lambda: sum(self.pauses),
        )

    def _sleep(self, seconds: float, /) -> None:
        self.pauses.append(seconds)
        self.meanwhile()

    def project(self) -> None:
        catch_up("test", self.model, self.desk.store, BOOKS, _fail)


def _fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def book(reader: Reader) -> str:
    """A book added at noon, revised at 12:01 and removed at 12:02; nothing is projected yet."""
    book = reader.desk.add().id
    reader.desk.pass_time(60)
    reader.desk.revise(book, {"title": "Two"})
    reader.desk.pass_time(60)
    reader.desk.remove(book)
    return book


def test_without_min_version_a_query_does_not_wait(reader: Reader, book: str) -> None:
    with pytest.raises(NotFound):
        reader.queries.view(book)
    assert reader.pauses == []


def test_a_visible_version_is_returned_without_waiting(reader: Reader) -> None:
    book = reader.desk.add().id
    reader.project()

    assert reader.queries.view(book, 1).version == 1
    assert reader.pauses == []


def test_a_query_waits_until_the_version_is_visible(reader: Reader) -> None:
    book = reader.desk.add().id
    reader.meanwhile = lambda: reader.project() if len(reader.pauses) == 5 else None

    assert reader.queries.view(book, 1).version == 1
    assert len(reader.pauses) == 5


def test_a_query_waits_at_most_wait_seconds(reader: Reader) -> None:
    book = reader.desk.add().id
    with pytest.raises(NotYetVisible):
        reader.queries.view(book, 1)
    assert 0.8 * WAIT_SECONDS < sum(reader.pauses) <= WAIT_SECONDS


def test_pauses_grow_so_that_a_wait_costs_few_reads(reader: Reader) -> None:
    book = reader.desk.add().id
    with pytest.raises(NotYetVisible):
        reader.queries.view(book, 1)

    assert reader.pauses == sorted(reader.pauses)
    assert len(reader.pauses) < 20


def test_waiting_for_the_version_of_a_removal_ends_in_not_found(reader: Reader, book: str) -> None:
    reader.meanwhile = reader.project

    with pytest.raises(NotFound):
        reader.queries.view(book, 3)


def test_a_version_of_an_unknown_stream_is_not_waited_for(reader: Reader) -> None:
    with pytest.raises(NotFound):
        reader.queries.view("nowhere", 1)
    assert reader.pauses == []


@pytest.mark.parametrize("version", [4, 999_999_999])
def test_a_version_that_the_log_lacks_is_not_waited_for(
    reader: Reader, book: str, version: int
) -> None:
    with pytest.raises(NoSuchVersion, match=f"has no version {version}"):
        reader.queries.view(book, version)
    assert reader.pauses == []


def test_a_version_that_the_projector_should_have_reached_long_ago_is_not_waited_for(
    reader: Reader,
) -> None:
    book = reader.desk.add().id
    reader.desk.pass_time(MAX_WAITED_FOR.total_seconds() + 1)
    with pytest.raises(NotYetVisible):
        reader.queries.view(book, 1)
    assert reader.pauses == []


def test_a_version_that_cannot_be_read_is_not_waited_for(reader: Reader) -> None:
    class Unreadable(MemoryEventStore[Any]):
        def load(self, stream: str, after: int = 0, limit: int | None = None) -> Any:
            raise UnknownEvent("newer")

    reader.desk.store = Unreadable()
    with pytest.raises(NotYetVisible):
        reader.queries.view("any", 1)
    assert reader.pauses == []


def test_a_visible_version_costs_no_read_of_the_log(reader: Reader) -> None:
    book = reader.desk.add().id
    reader.project()
    reader.desk.store = Broken(StoreUnavailable("broken"))

    assert reader.queries.view(book, 1).version == 1


def test_a_history_is_read_from_the_log_without_waiting(reader: Reader, book: str) -> None:
    events, following = reader.queries.history(book, 0, 10)

    assert ([e.version for e in events], following) == ([1, 2, 3], None)


@pytest.mark.parametrize(
    ("after", "limit", "versions", "following"),
    [
        (0, 2, [1, 2], 2),
        (2, 2, [3], None),
        (0, 3, [1, 2, 3], None),
        (3, 1, [], None),
        (9, 1, [], None),
    ],
)
def test_a_history_is_read_in_pages(
    reader: Reader, book: str, after: int, limit: int, versions: list[int], following: int | None
) -> None:
    events, found = reader.queries.history(book, after, limit)

    assert ([e.version for e in events], found) == (versions, following)


def test_an_unknown_stream_has_no_history(reader: Reader) -> None:
    with pytest.raises(NotFound):
        reader.queries.history("nowhere", 0, 10)


@pytest.mark.parametrize(
    ("seconds", "title"), [(0, "Emma"), (59, "Emma"), (60, "Two"), (119, "Two")]
)
def test_a_view_as_of_an_instant_is_what_it_was_then(
    reader: Reader, book: str, seconds: float, title: str
) -> None:
    view = reader.queries.view_as_of(book, NOON + timedelta(seconds=seconds))

    assert view.details.title == title


@pytest.mark.parametrize("seconds", [-1, 120, 10**6])
def test_there_is_no_view_as_of_before_the_addition_or_after_the_removal(
    reader: Reader, book: str, seconds: float
) -> None:
    with pytest.raises(NotFound):
        reader.queries.view_as_of(book, NOON + timedelta(seconds=seconds))


def test_a_view_as_of_follows_versions_where_a_clock_was_ahead(reader: Reader) -> None:
    book = reader.desk.add().id
    reader.desk.pass_time(86_400)
    reader.desk.revise(book, {"title": "Tomorrow"})
    reader.desk.pass_time(-86_300)
    reader.desk.revise(book, {"title": "Today"})

    assert titles_as_of(reader, book, 50, 100, 86_399, 86_400) == ["Emma", *["Today"] * 3]


def titles_as_of(reader: Reader, book: str, *seconds: float) -> list[str]:
    instants = [NOON + timedelta(seconds=s) for s in seconds]
    return [reader.queries.view_as_of(book, instant).details.title for instant in instants]
