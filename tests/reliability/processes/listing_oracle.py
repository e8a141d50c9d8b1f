"""What belongs in a listing, and where: by the domain's declaration, over the versions of a log."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from core.adapters.http.listings import read_listing
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.listing import Listing, Position
from core.ports.records import from_data
from core.ports.views import View
from tests.reliability.processes.ledger import Ledger

Pair = tuple[str, int]
"""A book and its version."""


class ListingOracle:
    """The listings over all versions of all books, each worked out once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._members: dict[str, frozenset[Pair]] = {}

    def members(self, parameters: Mapping[str, str]) -> frozenset[Pair]:
        """Return the versions of books that belong to the listing."""
        key = repr(sorted(_filters(parameters).items()))
        if key not in self._members:
            listing = _listing(parameters)
            self._members[key] = frozenset(
                pair for pair, view in self._views.items() if BOOKS.listing.belongs(view, listing)
            )
        return self._members[key]

    def position(self, pair: Pair, parameters: Mapping[str, str]) -> Position:
        """Return where a version of a book stands in the listing."""
        return BOOKS.listing.position(self._views[pair], _listing(parameters))

    def follows(self, one: Position, two: Position, parameters: Mapping[str, str]) -> bool:
        """Return whether ``two`` comes after ``one`` in the listing."""
        return two < one if _listing(parameters).is_backwards else two > one

    def final(self, parameters: Mapping[str, str]) -> list[Pair]:
        """Return the listing as it must be at the end."""
        pairs = [p for p in self.members(parameters) if p[1] == self._ledger.last(p[0])]
        backwards = _listing(parameters).is_backwards
        return sorted(pairs, key=lambda p: self.position(p, parameters), reverse=backwards)

    @cached_property
    def _views(self) -> dict[Pair, View[BookDetails]]:
        return {
            (stream, version): View(
                stream,
                version,
                from_data(BookDetails, state.book),
                datetime.fromisoformat(state.added_at),
                datetime.fromisoformat(state.revised_at),
            )
            for stream, states in self._ledger.states.items()
            for version, state in enumerate(states)
            if state.book is not None
        }


def _filters(parameters: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in parameters.items() if k not in ("limit", "sort", "cursor")}


def _listing(parameters: Mapping[str, str]) -> Listing:
    return read_listing({k: v for k, v in parameters.items() if k != "limit"}, BOOKS.listing)
