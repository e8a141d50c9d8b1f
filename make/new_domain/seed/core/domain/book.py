"""The state of a book: none yet, a book, or one that was removed."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class BookDetails(BaseModel):
    """What is known of a book.

    Only the types are checked here, so that every event ever stored loads again, whatever rules
    came later. A request's body becomes a ``BookDetails`` through
    ``core.domain.rules.parse_details``.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    label: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class NoBook:
    """Nothing has happened under this id yet."""


@dataclass(frozen=True, slots=True)
class Book:
    """A book that is there."""

    details: BookDetails


@dataclass(frozen=True, slots=True)
class RemovedBook:
    """A book that was removed. Its id is never used again."""


BookState = NoBook | Book | RemovedBook


def view_of(state: BookState) -> BookDetails | None:
    """Return what readers see of a book in ``state``; ``Book`` is the inverse."""
    return state.details if isinstance(state, Book) else None
