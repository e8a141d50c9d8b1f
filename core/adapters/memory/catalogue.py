"""The catalogue in memory."""

from threading import Lock

from core.ports.catalogue import (
    BookView,
    Entry,
    Listing,
    Page,
    Position,
    StaleEntry,
    belongs,
    check_replaces,
    position,
)


class MemoryCatalogue:
    """Keeps the read model as long as the process lives. A listing looks at every book."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: dict[str, Entry] = {}

    def get(self, book_id: str) -> Entry | None:
        with self._lock:
            return self._entries.get(book_id)

    def replace(self, old: Entry | None, new: Entry) -> None:
        check_replaces(old, new)
        with self._lock:
            present = self._entries.get(new.book_id)
            if (present and present.version) != (old and old.version):
                raise StaleEntry(new.book_id)
            self._entries[new.book_id] = new

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page:
        with self._lock:
            views = [
                e for e in self._entries.values() if isinstance(e, BookView) and belongs(e, listing)
            ]
        backwards = listing.descending and not listing.words
        placed = sorted(
            ((position(view, listing), view) for view in views),
            key=lambda p: p[0],
            reverse=backwards,
        )
        rest = [p for p in placed if after is None or (p[0] < after if backwards else p[0] > after)]
        page = rest[:limit]
        return Page(
            tuple(view.summary() for _, view in page), page[-1][0] if len(rest) > limit else None
        )

    def check(self) -> None:
        return None
