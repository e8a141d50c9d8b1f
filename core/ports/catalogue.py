"""The catalogue: the read model that the query service answers from. It can be thrown away and made again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from core.domain.book import BookDetails
from core.domain.published import published_key
from core.domain.text import fold, index_words, sort_key


@dataclass(frozen=True, slots=True)
class BookView:
    """A book as the catalogue shows it. ``version`` is that of the last event it has taken in."""

    book_id: str
    version: int
    details: BookDetails
    added_at: datetime
    revised_at: datetime

    def summary(self) -> "BookView":
        """Return the view as listings carry it: without the description."""
        return replace(self, details=self.details.model_copy(update={"description": None}))


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The mark of a removed book: a late event of a lower version does not bring it back."""

    book_id: str
    version: int


Entry = BookView | Tombstone


class Sort(StrEnum):
    """By what a listing is ordered. Ties are broken by the book's id, in the same direction."""

    TITLE = "title"
    PUBLISHED = "published"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that a client asks for. The filters combine with "and"; all texts are folded (``core.domain.text``).

    ``words``: the book has all of them among its title's and authors', the last one as the beginning of a word.
    With ``words`` the order is that of the matched word, then of the title; ``sort`` and ``descending`` are not used.
    """

    words: tuple[str, ...] = ()
    author: str | None = None
    subject: str | None = None
    language: str | None = None
    isbn: str | None = None
    sort: Sort = Sort.TITLE
    descending: bool = False


Position = tuple[str, ...]
"""A book's place in a listing: its sort key and id; with words, the matched word, the title's sort key and the id.

Positions of one listing compare as tuples of strings do.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Books in the listing's order, without description. ``next`` is there unless the listing has ended."""

    items: tuple[BookView, ...]
    next: Position | None


class StaleEntry(Exception):
    """The catalogue holds another entry of this book than the one that was to be replaced. Nothing was written."""


class Catalogue(Protocol):
    """One generation of the read model. Safe to use from several threads and several processes at once.

    Every method raises StoreUnavailable when the store cannot answer.
    """

    def get(self, book_id: str) -> Entry | None:
        """Return what is known of a book: its view, its tombstone, or None. Sees every ``replace`` that returned."""

    def replace(self, old: Entry | None, new: Entry) -> None:
        """Put ``new`` in the place of ``old``, what ``get`` has returned for this book, with all its index entries.

        Raises StaleEntry when the catalogue's entry has another version than ``old`` by now, and ValueError when
        ``new`` is not of a higher version, or of another book.
        """

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page:
        """Return the books of ``listing`` that come after ``after``, at most ``limit`` (1 or more).

        A book that stays as it is while the pages are read is on exactly one of them. The work is bounded: a page may
        have fewer books than ``limit``, even none, while ``next`` is there.
        """

    def check(self) -> None:
        """Return when the store answers; raises StoreUnavailable otherwise. Cheap: for health checks."""


def check_replaces(old: Entry | None, new: Entry) -> None:
    """Raise ValueError unless ``new`` may stand in the place of ``old``."""
    if old is not None and (old.book_id != new.book_id or old.version >= new.version):
        raise ValueError(f"{new} cannot take the place of {old}")


def book_sort_key(view: BookView, sort: Sort) -> str:
    """Return the string that places a book in a listing by ``sort``."""
    match sort:
        case Sort.TITLE:
            return sort_key(view.details.title)
        case Sort.PUBLISHED:
            return published_key(view.details.published)
        case Sort.ADDED:
            return instant_key(view.added_at)


def instant_key(instant: datetime) -> str:
    """Return ``instant`` as a string of fixed length that orders as time does."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def book_words(view: BookView) -> tuple[str, ...]:
    """Return the words that find a book, sorted."""
    return index_words(view.details.title, view.details.authors)


def matched_word(words: Sequence[str], prefix: str) -> str | None:
    """Return the first of a book's sorted ``words`` that begins with ``prefix``: a search places it there."""
    return next((word for word in words if word.startswith(prefix)), None)


def position(view: BookView, listing: Listing) -> Position:
    """Return a book's place in a listing that it belongs to."""
    if listing.words:
        matched = matched_word(book_words(view), listing.words[-1]) or ""
        return (matched, book_sort_key(view, Sort.TITLE), view.book_id)
    return (book_sort_key(view, listing.sort), view.book_id)


def belongs(view: BookView, listing: Listing) -> bool:
    """Tell whether a book belongs to ``listing``."""
    details = view.details
    return (
        listing.author in (None, *map(fold, details.authors))
        and listing.subject in (None, *map(fold, details.subjects))
        and listing.language in (None, fold(details.language or ""))
        and listing.isbn in (None, details.isbn)
        and (not listing.words or _has_words(book_words(view), listing.words))
    )


def _has_words(own: Sequence[str], wanted: Sequence[str]) -> bool:
    return set(wanted[:-1]) <= set(own) and matched_word(own, wanted[-1]) is not None
