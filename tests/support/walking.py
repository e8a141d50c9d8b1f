"""Reading a listing to its end, and what it ought to contain."""

from collections.abc import Callable, Iterable
from typing import Any

from core.ports.catalogue import Catalogue
from core.ports.listing import Listing, ListingDeclaration, Page
from core.ports.views import View

MAX_PAGES = 2_000


def nothing_happens() -> None:
    """Do nothing between two pages."""


def walk(
    catalogue: Catalogue[Any],
    listing: Listing,
    limit: int = 3,
    between: Callable[[], None] = nothing_happens,
) -> list[Page[Any]]:
    """Return all pages of ``listing``; ``between`` is called after each."""
    pages = [catalogue.find(listing, None, limit)]
    while (after := pages[-1].next) is not None:
        assert len(pages) < MAX_PAGES, "the listing does not end"
        between()
        pages.append(catalogue.find(listing, after, limit))
    return pages


def items(pages: Iterable[Page[Any]]) -> list[View[Any]]:
    """Return the views of all ``pages``."""
    return [view for page in pages for view in page.items]


def listed(catalogue: Catalogue[Any], listing: Listing, limit: int = 100) -> list[str]:
    """Return the ids of all views of ``listing``, in its order."""
    return [view.id for view in items(walk(catalogue, listing, limit))]


def expected(
    declaration: ListingDeclaration[Any], views: Iterable[View[Any]], listing: Listing
) -> list[View[Any]]:
    """Return what ``listing`` ought to contain of ``views``, found by looking at each."""
    mine = [view for view in views if declaration.belongs(view, listing)]
    mine.sort(key=lambda v: declaration.position(v, listing), reverse=listing.is_backwards)
    return [declaration.summary(view) for view in mine]
