"""Books as a sample for the contract suites."""

from typing import Any

from hypothesis import strategies as st

from core.domain.book import BookState
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.domain.manifest import BOOKS
from tests.support.sample import Sample

_WORDS = ("a", "Án", "ana", "Anna", "annals", "b", "Bé", "bear", "Ωmega", "東京", "ß", "ss")

_details = st.builds(
    BookDetails,
    title=st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4, unique=True).map(" ".join),
    label=st.sampled_from((None, "x", "X", "y z", "é")),
    reference=st.sampled_from((None, "1", "2")),
)

_titles = st.sampled_from(["one", "two", "three"])
_commands: st.SearchStrategy[BookCommand] = st.one_of(
    st.builds(lambda title: AddBook({"title": title}), _titles),
    st.builds(lambda title: ReviseBook({"title": title}), _titles),
    st.builds(RemoveBook),
)
_CLAIMING: dict[str, Any] = {"title": "One", "reference": "1"}

BOOK_SAMPLE: Sample[BookState, BookCommand, BookEvent, BookDetails] = Sample(
    domain=BOOKS,
    first=BookAdded(details=BookDetails(title="One")),
    later=lambda number: BookRevised(changes={"title": f"One, edition {number}"}),
    last=BookRemoved(),
    create=AddBook(_CLAIMING),
    rival=AddBook({**_CLAIMING, "title": "Two"}),
    change=lambda number: ReviseBook({"title": f"One, edition {number}"}),
    same=ReviseBook({"title": "One"}),
    end=RemoveBook(),
    invalid=AddBook({"title": ""}),
    commands=_commands,
    details=_details,
    plain=BookDetails(title="One"),
)
