"""The state of a book: none yet, a book, or one that was removed."""

from dataclasses import dataclass
from typing import Final

from core.domain.details import BookDetails

NOUN: Final = "book"
"""What a book is called in messages, problem types and keys."""


@dataclass(frozen=True, slots=True)
class NoBook:
    """Nothing has happened under this id yet."""


@dataclass(frozen=True, slots=True)
class Book:
    """A book of the catalogue."""

    details: BookDetails


@dataclass(frozen=True, slots=True)
class RemovedBook:
    """A book that was removed. Its id is never used again."""


BookState = NoBook | Book | RemovedBook


def view_of(state: BookState) -> BookDetails | None:
    """Return what readers see of a book in ``state``; ``Book`` is the inverse."""
    return state.details if isinstance(state, Book) else None
