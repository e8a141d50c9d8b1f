"""Books to fill stores with: events, views and listings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRevised
from core.ports.events import Envelope
from core.ports.listing import Listing
from core.ports.records import from_data
from core.ports.views import View
from tests.support import example

BookView = View[BookDetails]

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
EMMA = from_data(BookDetails, example.EMMA)


def envelope(
    stream: str, version: int, event: BookEvent | None = None, **changes: Any
) -> Envelope[BookEvent]:
    """Return an event of ``stream`` with its own id; a book is added first, and then revised."""
    later = BookRevised(changes={"title": f"Emma, edition {version}"})
    fields: dict[str, Any] = {
        "stream": stream,
        "version": version,
        "event_id": str(uuid4()),
        "event": event or (BookAdded(details=EMMA) if version == 1 else later),
        "occurred_at": NOON + timedelta(seconds=version),
        "actor": "ann",
        "correlation_id": "request-1",
        "causation_id": "message-1",
    }
    return Envelope(**{**fields, **changes})


def history(stream: str, first: int, last: int) -> list[Envelope[BookEvent]]:
    """Return events of ``stream`` with the versions ``first`` to ``last``."""
    return [envelope(stream, version) for version in range(first, last + 1)]


def view(stream: str, version: int = 1, *, added: int = 0, **details: Any) -> BookView:
    """Return a book added ``added`` seconds after noon, "Emma" but for ``details``."""
    return View(
        id=stream,
        version=version,
        details=replace(EMMA, **details),
        added_at=NOON + timedelta(seconds=added),
        revised_at=NOON + timedelta(seconds=added + version),
    )


def books_by(
    words: tuple[str, ...] = (),
    *,
    sort: str | None = None,
    descending: bool = False,
    **filters: str,
) -> Listing:
    """Return a listing of books."""
    return Listing(words, filters, sort, descending)
