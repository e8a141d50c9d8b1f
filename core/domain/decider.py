"""The book as a decider: two pure functions.

``decide`` holds the rules, ``evolve`` none: what happened, happened.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import assert_never

from core.domain.book import NOUN, Book, BookState, NoBook, RemovedBook
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.ports.decider import Claim, Decider, ImpossibleHistory
from core.ports.records import changed
from core.ports.refusals import NotFound, NotPossible


def decide(state: BookState, command: BookCommand) -> list[BookEvent]:
    """Return the events that ``command`` causes, none when it changes nothing.

    Raises InvalidInput, NotFound or NotPossible when the book's rules refuse it.
    """
    # Imported here, with pydantic: what only reads books decides nothing.
    from core.domain.rules import parse_details, patch_details

    match command:
        case AddBook(payload=payload):
            _require_no_book(state)
            return [BookAdded(details=parse_details(payload))]
        case ReviseBook(patch=patch):
            before = _require_book(state).details
            return _revision(before, patch_details(before, patch))
        case RemoveBook():
            _require_book(state)
            return [BookRemoved()]
        case _:
            assert_never(command)


def _require_no_book(state: BookState) -> None:
    if not isinstance(state, NoBook):
        raise NotPossible(NOUN, "The id belongs to a book already.")


def _require_book(state: BookState) -> Book:
    if not isinstance(state, Book):
        raise NotFound(NOUN)
    return state


def _revision(before: BookDetails, after: BookDetails) -> list[BookEvent]:
    values = [(f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(after)]
    changes = {name: new for name, old, new in values if new != old}
    return [BookRevised(changes=changes)] if changes else []


def evolve(state: BookState, event: BookEvent) -> BookState:
    """Return the state after ``event``. Raises ImpossibleHistory if it cannot follow."""
    match event:
        case BookAdded(details=details) if isinstance(state, NoBook):
            return Book(details)
        case BookRevised(changes=changes) if isinstance(state, Book):
            return Book(changed(state.details, changes))
        case BookRemoved() if isinstance(state, Book):
            return RemovedBook()
        case BookAdded() | BookRevised() | BookRemoved():
            raise ImpossibleHistory(
                f"{type(event).__name__} cannot happen to {type(state).__name__}"
            )
        case _:
            assert_never(event)


def claims(state: BookState) -> Iterable[Claim]:
    """Return what a book holds for itself alone: its ISBN."""
    if isinstance(state, Book) and state.details.isbn is not None:
        yield Claim("isbn", state.details.isbn)


def is_removed(state: BookState) -> bool:
    """Return whether the book has been removed: no event follows."""
    return isinstance(state, RemovedBook)


DECIDER: Decider[BookState, BookCommand, BookEvent] = Decider(
    initial=NoBook(), decide=decide, evolve=evolve, is_terminal=is_removed, claims=claims
)
