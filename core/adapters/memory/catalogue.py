"""The catalogue in memory."""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

from core.ports.catalogue import StaleView, check_replaces
from core.ports.listing import Listing, ListingDeclaration, Page, Position
from core.ports.records import Record
from core.ports.views import Projected, View

V = TypeVar("V", bound=Record)


class MemoryCatalogue(Generic[V]):
    """Keeps views as long as the process lives. A listing looks at every view."""

    def __init__(self, declaration: ListingDeclaration[V]) -> None:
        self._declaration = declaration
        self._lock = Lock()
        self._views: dict[str, Projected[V]] = {}

    def get(self, stream: str) -> Projected[V] | None:
        with self._lock:
            return self._views.get(stream)

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        check_replaces(old, new)
        with self._lock:
            present = self._views.get(new.id)
            if (present and present.version) != (old and old.version):
                raise StaleView(new.id)
            self._views[new.id] = new

    def finish(self, _: Projected[V]) -> None:
        return None

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        with self._lock:
            known = list(self._views.values())
        views = [v for v in known if isinstance(v, View) and self._declaration.belongs(v, listing)]
        backwards = listing.is_backwards
        placed = sorted(
            ((self._declaration.position(view, listing), view) for view in views),
            key=lambda p: p[0],
            reverse=backwards,
        )
        rest = [p for p in placed if after is None or (p[0] < after if backwards else p[0] > after)]
        page = rest[:limit]
        return Page(
            tuple(self._declaration.summary(view) for _, view in page),
            page[-1][0] if len(rest) > limit else None,
        )

    def check(self) -> None:
        return None
