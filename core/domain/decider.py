"""The book as a decider (Chassaing, "Functional Event Sourcing Decider", 2021): two pure functions.

``decide`` holds the rules, ``evolve`` none: what happened, happened.
"""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

from core.domain.book import Book, BookState, NoBook, RemovedBook
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.errors import BookExists, BookNotFound
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.domain.rules import patch_details


class ImpossibleHistory(Exception):
    """Events in an order that ``decide`` never makes: the stream was damaged or written by something else."""


def decide(state: BookState, command: BookCommand) -> list[BookEvent]:
    """Return the events that obey ``command``, none where it changes nothing.

    Raises InvalidBook, BookNotFound or BookExists where the book's rules refuse it.
    """
    match command, state:
        case AddBook(details=details), NoBook():
            return [BookAdded(details=details)]
        case AddBook(book_id=book_id), Book() | RemovedBook():
            raise BookExists(book_id)
        case ReviseBook(patch=patch), Book():
            return _revision(state, patch_details(state.details, patch).model_dump())
        case RemoveBook(), Book():
            return [BookRemoved()]
        case ((ReviseBook() | RemoveBook()), (NoBook() | RemovedBook())):
            raise BookNotFound(command.book_id)
    raise AssertionError(
        f"no case for {command} in {state}"
    )  # pragma: no cover - every pair has its case


def _revision(book: Book, wanted: dict[str, str | tuple[str, ...] | None]) -> list[BookEvent]:
    before = book.details.model_dump()
    changes = {name: value for name, value in wanted.items() if value != before[name]}
    return [BookRevised(changes=changes)] if changes else []


def evolve(state: BookState, event: BookEvent) -> BookState:
    """Return the state after ``event``. Raises ImpossibleHistory where it cannot have happened in ``state``."""
    match event:
        case BookAdded(details=details) if isinstance(state, NoBook):
            return Book(details)
        case BookRevised(changes=changes) if isinstance(state, Book):
            return Book(state.details.model_copy(update=dict(changes)))
        case BookRemoved() if isinstance(state, Book):
            return RemovedBook()
        case BookAdded() | BookRevised() | BookRemoved():
            raise ImpossibleHistory(
                f"{type(event).__name__} cannot happen to {type(state).__name__}"
            )
        case _:
            assert_never(event)


def fold_events(events: Iterable[BookEvent], state: BookState | None = None) -> BookState:
    """Return the state after all ``events``, from no book (or ``state``) on."""
    return reduce(evolve, events, NoBook() if state is None else state)
