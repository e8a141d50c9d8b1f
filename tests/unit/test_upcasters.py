"""Events in the form of an earlier version of this program still load."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.adapters.sqlite.event_store import SqliteEventStore
from core.domain.book import Book, BookDetails
from core.domain.decider import fold_events
from core.domain.events import (
    SCHEMA_VERSIONS,
    BookAdded,
    BookEvent,
    BookRevised,
    UnknownEvent,
    event_data,
    event_from_data,
    event_type,
)

ILIAD = {"title": "Iliad", "authors": ["Homer"]}


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "books.db"
    with closing(SqliteEventStore(path)) as store:
        store.check()
        yield path


def store_as(path: Path, version: int, name: str, schema_version: int, data: Any) -> None:
    """Write an event as a program of ``schema_version`` did."""
    row = ("iliad", version, f"id-{version}", name, schema_version, json.dumps(data))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO events (stream, version, event_id, type, schema_version, data,"
            " occurred_at, actor, correlation_id, causation_id)"
            " VALUES (?, ?, ?, ?, ?, ?, '2019-03-01T10:00:00+00:00', 'ann', 'c', 'm')",
            row,
        )
        connection.commit()


def load(path: Path) -> list[BookEvent]:
    with closing(SqliteEventStore(path)) as store:
        return [envelope.event for envelope in store.load("iliad")]


@pytest.mark.parametrize(
    ("year", "published"), [(1999, "1999"), (-750, "-0750"), (0, "0000"), (None, None)]
)
def test_a_book_added_with_a_year_has_it_as_its_date(
    path: Path, year: int | None, published: str | None
) -> None:
    store_as(path, 1, "BookAdded", 1, {"details": {**ILIAD, "year": year}})
    details = BookDetails(title="Iliad", authors=("Homer",), published=published)
    assert load(path) == [BookAdded(details=details)]


def test_a_book_added_without_a_year_has_no_date(path: Path) -> None:
    store_as(path, 1, "BookAdded", 1, {"details": ILIAD})
    assert load(path) == [BookAdded(details=BookDetails(title="Iliad", authors=("Homer",)))]


@pytest.mark.parametrize(
    ("changes", "lifted"),
    [
        ({"year": 800}, {"published": "0800"}),
        ({"year": None}, {"published": None}),
        ({"title": "The Iliad"}, {"title": "The Iliad"}),
    ],
    ids=str,
)
def test_a_revision_of_the_year_is_one_of_the_date(
    path: Path, changes: dict[str, Any], lifted: dict[str, Any]
) -> None:
    store_as(path, 1, "BookRevised", 1, {"changes": changes})
    assert load(path) == [BookRevised(changes=lifted)]


def test_old_and_new_events_of_one_stream_make_one_book(path: Path) -> None:
    store_as(path, 1, "BookAdded", 1, {"details": {**ILIAD, "year": -750}})
    store_as(path, 2, "BookRevised", 1, {"changes": {"year": -800}})
    store_as(path, 3, "BookRevised", 2, {"changes": {"language": "grc"}})
    book = fold_events(load(path))
    assert isinstance(book, Book)
    assert (book.details.published, book.details.language) == ("-0800", "grc")


@pytest.mark.parametrize(("name", "newest"), SCHEMA_VERSIONS.items())
def test_an_event_of_a_newer_program_is_refused(path: Path, name: str, newest: int) -> None:
    store_as(path, 1, name, newest + 1, {})
    with pytest.raises(UnknownEvent, match="not known to this version"):
        load(path)


def test_an_event_of_an_unknown_type_is_refused(path: Path) -> None:
    store_as(path, 1, "BookLent", 1, {})
    with pytest.raises(UnknownEvent, match="BookLent"):
        load(path)


def test_an_event_of_another_shape_is_refused(path: Path) -> None:
    store_as(path, 1, "BookAdded", 1, {"title": "Iliad"})
    with pytest.raises(UnknownEvent, match="shape"):
        load(path)


def test_the_newest_form_is_left_as_it_is() -> None:
    event = BookAdded(details=BookDetails(title="Iliad", authors=("Homer",), published="-0750"))
    name = event_type(event)
    assert event_from_data(name, SCHEMA_VERSIONS[name], event_data(event)) == event
