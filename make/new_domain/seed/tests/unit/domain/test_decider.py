"""What may happen to a book, and what follows."""

import pytest

from core.domain.book import Book, BookState, NoBook, RemovedBook
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.decider import claims, decide, evolve
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookRemoved, BookRevised
from core.ports.decider import Claim, ImpossibleHistory
from core.ports.refusals import InvalidInput, NotFound, NotPossible

BOOK = Book(BookDetails(title="One", label="first", reference="1"))


def test_a_book_is_added() -> None:
    assert decide(NoBook(), AddBook({"title": "One"})) == [
        BookAdded(details=BookDetails(title="One"))
    ]


@pytest.mark.parametrize("state", [BOOK, RemovedBook()])
def test_an_id_is_used_once(state: BookState) -> None:
    with pytest.raises(NotPossible):
        decide(state, AddBook({"title": "Two"}))


def test_a_revision_has_the_fields_that_change() -> None:
    patch = {"title": "Two", "label": None, "reference": "1"}

    assert decide(BOOK, ReviseBook(patch)) == [BookRevised(changes={"title": "Two", "label": None})]


def test_a_revision_that_changes_nothing_is_no_event() -> None:
    assert decide(BOOK, ReviseBook({"title": " One "})) == []


def test_an_invalid_revision_is_refused() -> None:
    with pytest.raises(InvalidInput):
        decide(BOOK, ReviseBook({"title": None}))


def test_a_book_is_removed() -> None:
    assert decide(BOOK, RemoveBook()) == [BookRemoved()]


@pytest.mark.parametrize("state", [NoBook(), RemovedBook()])
@pytest.mark.parametrize("command", [ReviseBook({"title": "Two"}), RemoveBook()])
def test_what_is_not_there_is_not_found(state: BookState, command: BookCommand) -> None:
    with pytest.raises(NotFound):
        decide(state, command)


def test_events_make_the_state() -> None:
    added = evolve(NoBook(), BookAdded(details=BOOK.details))
    revised = evolve(added, BookRevised(changes={"label": None}))

    assert revised == Book(BookDetails(title="One", reference="1"))
    assert evolve(revised, BookRemoved()) == RemovedBook()


def test_an_event_that_cannot_happen_is_detected() -> None:
    with pytest.raises(ImpossibleHistory):
        evolve(NoBook(), BookRemoved())


def test_a_book_claims_its_reference() -> None:
    assert list(claims(BOOK)) == [Claim("reference", "1")]
    assert list(claims(RemovedBook())) == []
