"""Reading a listing to its end, and what it ought to say."""

from collections.abc import Callable, Iterable

from core.ports.catalogue import BookView, Catalogue, Listing, Page, belongs, position

MOST_PAGES = 2_000


def nothing_happens() -> None:
    """Do nothing between two pages."""


def walk(
    catalogue: Catalogue,
    listing: Listing,
    limit: int = 3,
    between: Callable[[], None] = nothing_happens,
) -> list[Page]:
    """Return all pages of ``listing``; ``between`` is called after each."""
    pages = [catalogue.find(listing, None, limit)]
    while (after := pages[-1].next) is not None:
        assert len(pages) < MOST_PAGES, "the listing does not end"
        between()
        pages.append(catalogue.find(listing, after, limit))
    return pages


def books(pages: Iterable[Page]) -> list[BookView]:
    """Return the books of all ``pages``."""
    return [view for page in pages for view in page.items]


def listed(catalogue: Catalogue, listing: Listing, limit: int = 100) -> list[str]:
    """Return the ids of all books of ``listing``, in its order."""
    return [view.book_id for view in books(walk(catalogue, listing, limit))]


def expected(views: Iterable[BookView], listing: Listing) -> list[BookView]:
    """Return what ``listing`` has to say of ``views``, found by looking at each."""
    mine = [view for view in views if belongs(view, listing)]
    backwards = listing.descending and not listing.words
    mine.sort(key=lambda view: position(view, listing), reverse=backwards)
    return [view.summary() for view in mine]
