"""Events stored by earlier versions of this program still load."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.domain.book import Book
from core.domain.decider import DECIDER
from core.domain.details import BookDetails
from core.domain.events import EVENTS, BookAdded, BookEvent, BookRemoved, BookRevised
from core.domain.manifest import BOOKS
from core.ports.errors import UnknownEvent
from core.ports.events import NothingChanged
from tests.support.specification import folded

ILIAD = {"title": "Iliad", "authors": ["Homer"]}
DETAILS = BookDetails(title="Iliad", authors=("Homer",))
NEWEST = [BookAdded(details=DETAILS), BookRevised(changes={"title": "The Iliad"}), BookRemoved()]


def decoded(name: str, schema_version: int, data: Mapping[str, Any]) -> BookEvent:
    event = EVENTS.decode(name, schema_version, data)
    assert not isinstance(event, NothingChanged)
    return event


@pytest.mark.parametrize(
    ("year", "published"), [(1999, "1999"), (-750, "-0750"), (0, "0000"), (None, None)]
)
def test_the_year_of_an_added_book_becomes_its_date(
    year: int | None, published: str | None
) -> None:
    details = replace(DETAILS, published=published)
    stored = {"details": {**ILIAD, "year": year}}
    assert decoded("BookAdded", 1, stored) == BookAdded(details=details)


def test_a_book_added_without_a_year_has_no_date() -> None:
    assert decoded("BookAdded", 1, {"details": ILIAD}) == BookAdded(details=DETAILS)


@pytest.mark.parametrize(
    ("changes", "lifted"),
    [
        ({"year": 800}, {"published": "0800"}),
        ({"year": None}, {"published": None}),
        ({"title": "The Iliad"}, {"title": "The Iliad"}),
    ],
    ids=str,
)
def test_a_revision_of_the_year_becomes_one_of_the_date(
    changes: dict[str, Any], lifted: dict[str, Any]
) -> None:
    assert decoded("BookRevised", 1, {"changes": changes}) == BookRevised(changes=lifted)


def test_old_and_new_events_of_one_stream_make_one_book() -> None:
    book = folded(
        DECIDER,
        [
            decoded("BookAdded", 1, {"details": {**ILIAD, "year": -750}}),
            decoded("BookRevised", 1, {"changes": {"year": -800}}),
            decoded("BookRevised", 2, {"changes": {"language": "grc"}}),
        ],
    )
    assert isinstance(book, Book)
    assert (book.details.published, book.details.language) == ("-0800", "grc")


@pytest.mark.parametrize("event", NEWEST, ids=lambda event: type(event).__name__)
def test_an_event_of_a_newer_program_is_refused(event: BookEvent) -> None:
    name, newest, data = EVENTS.encode(event)
    with pytest.raises(UnknownEvent, match="not known to this version"):
        EVENTS.decode(name, newest + 1, data)


def test_an_event_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="BookLent"):
        EVENTS.decode("BookLent", 1, {})


def test_an_event_of_another_shape_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="shape"):
        EVENTS.decode("BookAdded", 1, {"title": "Iliad"})


@pytest.mark.parametrize("event", NEWEST, ids=lambda event: type(event).__name__)
def test_the_newest_form_is_decoded_as_it_is(event: BookEvent) -> None:
    assert EVENTS.decode(*EVENTS.encode(event)) == event


def test_stored_events_lead_to_the_state_that_snapshots_of_this_state_version_have() -> None:
    """A state that is another now must not be read from a snapshot: raise ``state_version``."""
    added = {**ILIAD, "isbn": "9780140275360", "language": "grc", "year": -750}
    changes = {"title": "The Iliad", "isbn": None, "subjects": ["Epic poetry"]}
    events = [
        decoded("BookAdded", 1, {"details": added}),
        decoded("BookRevised", 2, {"changes": changes}),
    ]
    details = BOOKS.view(folded(DECIDER, events))
    assert details is not None
    assert BOOKS.state_version == 1
    assert EVENTS.encode(BookAdded(details=details)).data["details"] == {
        "title": "The Iliad",
        "authors": ["Homer"],
        "language": "grc",
        "published": "-0750",
        "subjects": ["Epic poetry"],
    }
