"""The book's rules."""

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from core.domain.book import Book, BookState, NoBook, RemovedBook
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.decider import DECIDER, claims, decide, evolve
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.ports.decider import Claim, ImpossibleHistory
from core.ports.records import from_data, to_data
from core.ports.refusals import InvalidInput, NotFound, NotPossible
from tests.support.specification import Specification, folded

EMMA = BookDetails(title="Emma", authors=("Jane Austen",), isbn="9780306406157", published="1815")
PAYLOAD = to_data(EMMA)

given = Specification(DECIDER).given


def test_a_book_can_be_added() -> None:
    given().when(AddBook(PAYLOAD)).then(BookAdded(details=EMMA))


@pytest.mark.parametrize("later", [(), (BookRemoved(),)])
def test_an_id_that_has_a_history_cannot_be_added_again(later: tuple[BookEvent, ...]) -> None:
    given(BookAdded(details=EMMA), *later).when(AddBook(PAYLOAD)).raises(NotPossible)


def test_a_revision_has_only_the_changed_fields() -> None:
    patch = {"title": "Emma: A Novel", "published": "1815"}
    given(BookAdded(details=EMMA)).when(ReviseBook(patch)).then(
        BookRevised(changes={"title": "Emma: A Novel"})
    )


def test_null_clears_a_field() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook({"isbn": None, "subjects": None})).then(
        BookRevised(changes={"isbn": None})
    )


def test_a_list_is_replaced_as_a_whole() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook({"authors": ["J. Austen"]})).then(
        BookRevised(changes={"authors": ("J. Austen",)})
    )


def test_a_revision_that_changes_nothing_causes_no_event() -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook({"title": "  Emma "})).then()


@pytest.mark.parametrize(
    "patch",
    [{"title": None}, {"authors": None}, {"pages": 3}, {"pages": None}, {"isbn": "1"}, ["title"]],
)
def test_a_revision_that_makes_a_book_invalid_is_refused(patch: Any) -> None:
    given(BookAdded(details=EMMA)).when(ReviseBook(patch)).raises(InvalidInput)


def test_a_refused_revision_names_every_bad_field_by_its_pointer() -> None:
    patch = {"title": "", "pages": None, "authors": ["A", 7]}
    error = given(BookAdded(details=EMMA)).when(ReviseBook(patch)).raises(InvalidInput)
    assert [e.pointer for e in error.errors] == ["/title", "/authors/1", "/pages"]


def test_a_book_can_be_removed() -> None:
    given(BookAdded(details=EMMA)).when(RemoveBook()).then(BookRemoved())


@pytest.mark.parametrize("command", [ReviseBook({"title": "Emma"}), RemoveBook()])
@pytest.mark.parametrize("history", [(), (BookAdded(details=EMMA), BookRemoved())])
def test_a_missing_book_can_be_neither_revised_nor_removed(
    command: ReviseBook | RemoveBook, history: tuple[BookEvent, ...]
) -> None:
    assert given(*history).when(command).raises(NotFound).noun == "book"


@pytest.mark.parametrize(
    "history",
    [
        (BookRevised(changes={}),),
        (BookRemoved(),),
        (BookAdded(details=EMMA), BookAdded(details=EMMA)),
        (BookAdded(details=EMMA), BookRemoved(), BookRevised(changes={})),
    ],
)
def test_events_that_no_command_causes_are_an_impossible_history(
    history: tuple[BookEvent, ...],
) -> None:
    with pytest.raises(ImpossibleHistory):
        folded(DECIDER, history)


@pytest.mark.parametrize(
    ("state", "claimed"),
    [
        (NoBook(), []),
        (Book(EMMA), [Claim("isbn", "9780306406157")]),
        (Book(replace(EMMA, isbn=None)), []),
        (RemovedBook(), []),
    ],
)
def test_only_a_present_book_claims_its_isbn(state: BookState, claimed: list[Claim]) -> None:
    assert list(claims(state)) == claimed


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
    st.just(AddBook(PAYLOAD)), st.builds(ReviseBook, patches), st.just(RemoveBook())
)


@for_all(st.lists(commands, max_size=12))
def test_decided_events_can_be_evolved_and_a_repeated_revision_changes_nothing(
    sequence: list[BookCommand],
) -> None:
    state: BookState = NoBook()
    for command in sequence:
        try:
            events = decide(state, command)
        except (NotPossible, NotFound):
            continue
        for event in events:
            state = evolve(state, event)
        if isinstance(command, ReviseBook):
            assert decide(state, command) == []


@for_all(patches)
def test_a_revision_applies_the_merge_patch(patch: dict[str, Any]) -> None:
    before: BookState = Book(EMMA)
    state = reduce(evolve, decide(before, ReviseBook(patch)), before)
    assert isinstance(state, Book)
    merged = {k: v for k, v in {**PAYLOAD, **patch}.items() if v is not None}
    assert state.details == from_data(BookDetails, merged)
