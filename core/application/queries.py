"""Queries: what the query service answers from the catalogue and, for the history of a book, from the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.application.projection import apply
from core.domain.errors import BookNotFound
from core.ports.catalogue import BookView, Entry, Listing, Page, Position
from core.ports.clock import Sleep, Stopwatch
from core.ports.event_store import Envelope, EventStore
from core.ports.read_model import ReadModel

WAIT_SECONDS = 3.0
"""How long a query waits for ``min_version``, in seconds: well over the usual lag of a projector, well under the
30 seconds after which API Gateway gives up (HTTP API quotas)."""

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.32


class NotYetVisible(Exception):
    """The catalogue has not reached the version that the client waits for. The same query may be made again."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"The catalogue has not reached version {version} of the book yet. Send the request again."
        )


@dataclass(frozen=True, slots=True)
class QueryHandler:
    """Answers queries. Every method may raise StoreUnavailable."""

    read_model: ReadModel
    store: EventStore
    sleep: Sleep
    stopwatch: Stopwatch

    def book(self, book_id: str, min_version: int = 0) -> BookView:
        """Return a book at ``min_version`` or above, waiting at most ``WAIT_SECONDS`` for it.

        Raises BookNotFound, or NotYetVisible when the time is over.
        """
        entry = self._entry_at(book_id, min_version)
        if not isinstance(entry, BookView):
            raise BookNotFound(book_id)
        return entry

    def _entry_at(self, book_id: str, min_version: int) -> Entry | None:
        deadline = self.stopwatch() + WAIT_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while True:
            entry = self.read_model.live().get(book_id)
            if (entry.version if entry else 0) >= min_version:
                return entry
            if self.stopwatch() + pause > deadline:
                raise NotYetVisible(min_version)
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def books(self, listing: Listing, after: Position | None, limit: int) -> Page:
        """Return a page of a listing, as ``Catalogue.find`` promises it."""
        return self.read_model.live().find(listing, after, limit)

    def history(
        self, book_id: str, after: int, limit: int
    ) -> tuple[Sequence[Envelope], int | None]:
        """Return a page of a book's events after version ``after``, and the version to go on after, None at the end.

        A removed book has a history too. Raises BookNotFound where there never was one.
        """
        events = self.store.load(book_id, after=after, limit=limit + 1)
        if not events and after == 0:
            raise BookNotFound(book_id)
        page = events[:limit]
        return page, page[-1].version if len(events) > limit else None

    def book_as_of(self, book_id: str, instant: datetime) -> BookView:
        """Return a book as it was at ``instant``. Raises BookNotFound where there was none at that time."""
        events = [e for e in self.store.load(book_id) if e.occurred_at <= instant]
        entry = apply(None, events) if events else None
        if not isinstance(entry, BookView):
            raise BookNotFound(book_id)
        return entry
