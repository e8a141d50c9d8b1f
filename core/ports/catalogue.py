"""The catalogue: the views for queries. It can be thrown away and rebuilt from the log."""

from __future__ import annotations

from typing import Protocol, TypeVar

from core.ports.listing import Listing, Page, Position
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)


class StaleView(Exception):
    """The catalogue has another version of the view to be replaced, and keeps showing that."""


class UnreadableView(Exception):
    """A stored view that this version of the code cannot read: a rebuild replaces it."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"The stored view of {stream} cannot be read: rebuild the read model.")


class Catalogue(Protocol[V]):
    """One generation of the read model. Safe to use from several threads and processes.

    Every method raises StoreUnavailable when the store does not respond, and UnreadableView.
    """

    def get(self, stream: str) -> Projected[V] | None:
        """Return a stream's view or tombstone, or None. Sees every ``replace`` that returned."""

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        """Replace ``old``, what ``get`` returned, by ``new``, in all its listings.

        Raises StaleView when the catalogue has another version than ``old`` by now, unless that is
        ``new`` itself, by a request that was repeated; and ValueError when ``new`` is not of a
        higher version, or of another stream.
        """

    def finish(self, projected: Projected[V], /) -> None:
        """Finish the replacement by ``projected``, what ``get`` returned, if it was interrupted.

        A store whose replacements are several requests shows nothing of what is left, but keeps
        it. To be called when an event comes again: whoever projected it first may have stopped.
        """

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        """Return the views of ``listing`` that come after ``after``, at most ``limit`` (1 or more).

        A view that stays as it is while the pages are read is on exactly one of them. The work is
        bounded: a page may have fewer views than ``limit``, even none, while ``next`` is set.
        """

    def check(self) -> None:
        """Raise StoreUnavailable unless the store responds. Cheap: for health checks."""


def check_replaces(old: Projected[V] | None, new: Projected[V]) -> None:
    """Raise ValueError unless ``new`` may replace ``old``."""
    if old is not None and (old.id != new.id or old.version >= new.version):
        raise ValueError(f"{new} cannot replace {old}")
