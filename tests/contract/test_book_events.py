"""Every event store keeps the events of books as they are, with all the text that they may have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRevised
from core.domain.manifest import BOOKS
from core.ports.event_store import EventStore
from tests.support.adapters import EVENT_STORES
from tests.support.books import envelope

FULL = BookDetails(
    title="Noli me tángere \U00020000",
    authors=("José Rizal", "李白"),
    isbn="9780143039693",
    description="Line one\nline two\t\u2028 \U0001f4da",
    published="-0750-01",
    language="zh-Hant",
    subjects=("Épopée", "history"),
)
CHANGES = BookRevised(changes={"isbn": None, "authors": ("Ann", "Bob"), "title": "Ça ira"})


@pytest.fixture(params=EVENT_STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore[Any]]:
    with EVENT_STORES[request.param](BOOKS, tmp_path) as fresh:
        yield fresh


@pytest.mark.parametrize(
    "event",
    [BookAdded(details=FULL), CHANGES, BookRevised(changes={})],
    ids=["added", "revised", "revised in nothing"],
)
def test_an_event_is_loaded_as_it_was_appended(store: EventStore[Any], event: BookEvent) -> None:
    store.append("emma", 0, [envelope("emma", 1, event)])
    assert store.load("emma")[0].event == event
