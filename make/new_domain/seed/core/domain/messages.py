"""What other teams learn about books: public messages, apart from the events that are stored.

A message that says what a book is has all of it. So a subscriber needs no message before, and may
keep a copy by taking whatever has a higher version. ``MESSAGES`` declares which events are public.
"""

from dataclasses import dataclass, fields
from typing import Final

from core.domain.book import Book, BookState
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.ports.messages import Message, PublicLanguage


@dataclass(frozen=True, slots=True)
class PublicBook:
    """A book, as far as other teams may rely on it."""

    title: str
    label: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class BookAddedData:
    """A book was added."""

    book: PublicBook


@dataclass(frozen=True, slots=True)
class BookRevisedData:
    """A book was changed: what it is now, and the names of the fields that changed."""

    book: PublicBook
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookRemovedData:
    """A book was removed."""


_FIELDS: Final = tuple(field.name for field in fields(PublicBook))


def _book(state: BookState) -> PublicBook:
    assert isinstance(state, Book)  # after any event but a removal
    return PublicBook(**{name: getattr(state.details, name) for name in _FIELDS})


def _added(_: BookEvent, state: BookState) -> BookAddedData:
    return BookAddedData(_book(state))


def _revised(event: BookEvent, state: BookState) -> BookRevisedData:
    assert isinstance(event, BookRevised)
    return BookRevisedData(_book(state), tuple(n for n in _FIELDS if n in event.changes))


def _removed(_: BookEvent, __: BookState) -> BookRemovedData:
    return BookRemovedData()


MESSAGES: PublicLanguage[BookEvent, BookState] = PublicLanguage(
    {
        BookAdded: [Message("books.book-added", 1, BookAddedData, _added)],
        BookRevised: [Message("books.book-revised", 1, BookRevisedData, _revised)],
        BookRemoved: [Message("books.book-removed", 1, BookRemovedData, _removed)],
    }
)
