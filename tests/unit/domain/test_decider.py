"""The book's rules."""

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from core.domain.book import Book, BookDetails, NoBook, RemovedBook, isbn_of
from core.domain.commands import AddBook, RemoveBook, ReviseBook
from core.domain.decider import ImpossibleHistory, decide, evolve, fold_events
from core.domain.errors import BookExists, BookNotFound, InvalidBook
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from tests.unit.domain.specification import given

ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
EMMA = BookDetails(title="Emma", authors=("Jane Austen",), isbn="9780306406157", published="1815")


def test_a_book_can_be_added() -> None:
    given().when(AddBook(ID, EMMA)).then(BookAdded(details=EMMA))


@pytest.mark.parametrize("later", [(), (BookRemoved(),)])
def test_an_id_with_a_history_takes_no_other_book(later: tuple[BookEvent, ...]) -> None:
    given(BookAdded(details=EMMA), *later).when(AddBook(ID, EMMA)).raises(BookExists)


def test_a_revision_holds_only_what_changes() -> None:
    patch = {"title": "Emma: A Novel", "published": "1815"}
    given(BookAdded(details=EMMA)).when(ReviseBook(ID, patch)).then(
        BookRevised(changes={"title": "Emma: A Novel"})
    )


def test_null_clears_a_field() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook(ID, {"isbn": None, "subjects": None})).then(
        BookRevised(changes={"isbn": None})
    )


def test_a_list_is_replaced_as_a_whole() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook(ID, {"authors": ["J. Austen"]})).then(
        BookRevised(changes={"authors": ("J. Austen",)})
    )


def test_a_revision_that_changes_nothing_is_no_event() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook(ID, {"title": "  Emma "})).then()


@pytest.mark.parametrize(
    "patch",
    [{"title": None}, {"authors": None}, {"pages": 3}, {"pages": None}, {"isbn": "1"}, ["title"]],
)
def test_a_revision_to_what_is_no_book_is_refused(patch: Any) -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook(ID, patch)).raises(InvalidBook)


def test_a_refused_revision_names_every_bad_field_by_its_pointer() -> None:
    patch = {"title": "", "pages": None, "authors": ["A", 7]}
    error = given(BookAdded(details=EMMA)).when(ReviseBook(ID, patch)).raises(InvalidBook)
    assert [e.pointer for e in error.errors] == ["/title", "/authors/1", "/pages"]


def test_a_book_can_be_removed() -> None:
    given(BookAdded(details=EMMA)).when(RemoveBook(ID)).then(BookRemoved())


@pytest.mark.parametrize("command", [ReviseBook(ID, {"title": "Emma"}), RemoveBook(ID)])
@pytest.mark.parametrize("history", [(), (BookAdded(details=EMMA), BookRemoved())])
def test_what_is_not_there_is_neither_revised_nor_removed(
    command: ReviseBook | RemoveBook, history: tuple[BookEvent, ...]
) -> None:
    assert given(*history).when(command).raises(BookNotFound).book_id == ID


@pytest.mark.parametrize(
    "history",
    [
        (BookRevised(changes={}),),
        (BookRemoved(),),
        (BookAdded(details=EMMA), BookAdded(details=EMMA)),
        (BookAdded(details=EMMA), BookRemoved(), BookRevised(changes={})),
    ],
)
def test_events_that_no_command_makes_are_an_impossible_history(
    history: tuple[BookEvent, ...],
) -> None:
    with pytest.raises(ImpossibleHistory):
        fold_events(history)


def test_a_removed_book_holds_no_isbn() -> None:
    states = [fold_events(()), fold_events([BookAdded(details=EMMA)]), RemovedBook()]
    assert [isbn_of(state) for state in states] == [None, "9780306406157", None]


names = st.lists(st.sampled_from(["Ann", "Bob", "Cid"]), min_size=1, max_size=3, unique=True)
patches = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["A", "B"]),
        "authors": names,
        "isbn": st.sampled_from(["9780306406157", None]),
        "published": st.sampled_from(["1815", None]),
        "subjects": st.one_of(st.none(), names),
    },
)
commands = st.one_of(
    st.just(AddBook(ID, EMMA)), st.builds(ReviseBook, st.just(ID), patches), st.just(RemoveBook(ID))
)


@for_all(st.lists(commands, max_size=12))
def test_whatever_is_decided_can_be_evolved_and_deciding_again_changes_nothing(
    asked: list[AddBook | ReviseBook | RemoveBook],
) -> None:
    state: NoBook | Book | RemovedBook = NoBook()
    for command in asked:
        try:
            events = decide(state, command)
        except (BookExists, BookNotFound):
            continue
        for event in events:
            state = evolve(state, event)
        if isinstance(command, ReviseBook):
            assert decide(state, command) == []


@for_all(patches)
def test_a_revision_gives_what_the_merge_patch_says(patch: dict[str, Any]) -> None:
    state = fold_events(decide(Book(EMMA), ReviseBook(ID, patch)), Book(EMMA))
    assert isinstance(state, Book)
    merged = {k: v for k, v in {**EMMA.model_dump(mode="json"), **patch}.items() if v is not None}
    expected = {
        "isbn": None,
        "description": None,
        "published": None,
        "language": None,
        "subjects": [],
        **merged,
    }
    assert state.details.model_dump(mode="json") == expected
