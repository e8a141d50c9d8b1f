"""The state of a book: none yet, a book, or one that was removed."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class BookDetails(BaseModel):
    """What is known of a book.

    The types alone are checked here, so that every event ever stored loads again, whatever rules came later.
    A request's body becomes a ``BookDetails`` through ``core.domain.rules.parse_details``.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    authors: tuple[str, ...]
    isbn: str | None = None
    description: str | None = None
    published: str | None = None
    language: str | None = None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoBook:
    """Nothing happened under this id yet."""


@dataclass(frozen=True, slots=True)
class Book:
    """A book of the catalogue."""

    details: BookDetails


@dataclass(frozen=True, slots=True)
class RemovedBook:
    """A book that was removed. Its id is never used again."""


BookState = NoBook | Book | RemovedBook


def isbn_of(state: BookState) -> str | None:
    """Return the ISBN that a book in this state holds for itself alone."""
    return state.details.isbn if isinstance(state, Book) else None
