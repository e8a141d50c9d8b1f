"""Books as a sample for the contract suites."""

from typing import Any

from hypothesis import strategies as st

from core.domain.book import BookState
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookEvent, BookRemoved, BookRevised
from core.domain.manifest import BOOKS
from tests.support.sample import Sample

EMMA: dict[str, Any] = {"title": "Emma", "authors": ["Jane Austen"], "isbn": "9780141439587"}

_WORDS = (
    "a",
    "Án",
    "ana",
    "Anna",
    "annals",
    "b",
    "be",
    "Bé",
    "bear",
    "Ωmega",
    "東",
    "東京",
    "ß",
    "ss",
)
_PEOPLE = ("Ana B", "ANA b", "Ánna", "Bear", "東京 Ω")
_SUBJECTS = ("x", "X", "y z", "é")
_LANGUAGES = (None, "en", "en-GB", "fr")
_DATES = (None, "1999", "1999-05", "-0001", "0000", "0001-01-01", "2024-02-29")
_ISBNS = (None, "9780141439587", "9780140434156")


def _some_of(
    values: tuple[str, ...], minimum: int, maximum: int
) -> st.SearchStrategy[tuple[str, ...]]:
    chosen = st.lists(st.sampled_from(values), min_size=minimum, max_size=maximum, unique=True)
    return chosen.map(tuple)


_details = st.builds(
    BookDetails,
    title=_some_of(_WORDS, 1, 4).map(" ".join),
    authors=_some_of(_PEOPLE, 1, 3),
    subjects=_some_of(_SUBJECTS, 0, 3),
    language=st.sampled_from(_LANGUAGES),
    published=st.sampled_from(_DATES),
    isbn=st.sampled_from(_ISBNS),
    description=st.sampled_from((None, "About it.")),
)

_titles = st.sampled_from(["emma", "persuasion", "sense and sensibility"])
_commands: st.SearchStrategy[BookCommand] = st.one_of(
    st.builds(lambda t: AddBook({"title": t, "authors": ["Ann"]}), _titles),
    st.builds(lambda t, a: ReviseBook({"title": t, "authors": [a]}), _titles, _titles),
    st.builds(RemoveBook),
)

BOOK_SAMPLE: Sample[BookState, BookCommand, BookEvent, BookDetails] = Sample(
    domain=BOOKS,
    first=BookAdded(details=BookDetails(title="Emma", authors=("Jane Austen",))),
    later=lambda number: BookRevised(changes={"title": f"Emma, edition {number}"}),
    last=BookRemoved(),
    create=AddBook(EMMA),
    rival=AddBook({**EMMA, "title": "Persuasion"}),
    change=lambda number: ReviseBook({"title": f"Emma, edition {number}"}),
    same=ReviseBook({"title": "Emma"}),
    end=RemoveBook(),
    invalid=AddBook({"title": ""}),
    commands=_commands,
    details=_details,
    plain=BookDetails(title="Emma", authors=("Jane Austen",)),
)
