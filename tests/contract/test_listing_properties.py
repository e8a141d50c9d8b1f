"""Laws of every catalogue's listings: they say what looking at each book would, also while others are written."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.text import clean, fold, has_control_characters, index_words, words
from core.ports.catalogue import BookView, Catalogue, Listing, Sort, Tombstone
from tests.support.books import ids, put, view
from tests.support.walking import books, expected, listed, walk

NewCatalogue = Callable[[], AbstractContextManager[Catalogue]]

WORDS = (
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
PEOPLE = ("Ana B", "ANA b", "Ánna", "Bear", "東京 Ω")
SUBJECTS = ("x", "X", "y z", "é")
LANGUAGES = (None, "en", "en-GB", "fr")
DATES = (None, "1999", "1999-05", "-0001", "0000", "0001-01-01", "2024-02-29")
ISBNS = (None, "9780141439587", "9780140434156")


def some_of(values: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True).map(tuple)


details = st.fixed_dictionaries(
    {
        "title": some_of(WORDS, 1, 4).map(" ".join),
        "authors": some_of(PEOPLE, 1, 3),
        "subjects": some_of(SUBJECTS, 0, 3),
        "language": st.sampled_from(LANGUAGES),
        "published": st.sampled_from(DATES),
        "isbn": st.sampled_from(ISBNS),
        "description": st.sampled_from((None, "About it.")),
        "added": st.integers(0, 3),
    }
)
shelves = st.lists(details, max_size=12)
prefixes = st.sampled_from(
    sorted({w[:n] for t in WORDS + PEOPLE for w in words(t) for n in (1, 2, 9)})
)
queries = st.lists(st.sampled_from(words(" ".join(WORDS + PEOPLE))), max_size=2)
listings = st.builds(
    Listing,
    words=st.one_of(st.just(()), st.builds(lambda q, p: (*q, p), queries, prefixes)),
    author=st.sampled_from((None, None, None, *map(fold, PEOPLE), "nobody")),
    subject=st.sampled_from((None, None, None, *map(fold, SUBJECTS))),
    language=st.sampled_from((None, None, None, "en", "en-gb")),
    isbn=st.sampled_from((None, None, None, None, "9780141439587")),
    sort=st.sampled_from(Sort),
    descending=st.booleans(),
)
limits = st.integers(1, 5)
each_its_own_store = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def shelve(prefix: str, shelf: list[dict[str, Any]]) -> list[BookView]:
    """Return a book with an id of its own for each of ``shelf``."""
    return [view(f"{prefix}{number}", **fields) for number, fields in enumerate(shelf)]


@each_its_own_store
@given(shelf=shelves, listing=listings, limit=limits)
def test_a_listing_is_what_looking_at_each_book_would_find(
    new_catalogue: NewCatalogue, shelf: list[dict[str, Any]], listing: Listing, limit: int
) -> None:
    views = shelve("book-", shelf)
    with new_catalogue() as catalogue:
        put(catalogue, *views)
        assert books(walk(catalogue, listing, limit)) == expected(views, listing)


@each_its_own_store
@given(before=shelves, after=shelves, removed=st.sets(st.integers(0, 11)), listing=listings)
def test_a_listing_knows_nothing_of_what_books_were(
    new_catalogue: NewCatalogue,
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    removed: set[int],
    listing: Listing,
) -> None:
    with new_catalogue() as catalogue:
        put(catalogue, *shelve("book-", before))
        now = {v.book_id: v for v in shelve("book-", before)}
        for number, fields in enumerate(after):
            book_id = f"book-{number}"
            new = view(book_id, 2, **fields)
            catalogue.replace(now.get(book_id), new)
            now[book_id] = new
        for book_id in sorted(now.keys() & {f"book-{number}" for number in removed}):
            catalogue.replace(now.pop(book_id), Tombstone(book_id, 3))
        assert books(walk(catalogue, listing, 2)) == expected(now.values(), listing)


@each_its_own_store
@given(steady=shelves, others=shelves, later=shelves, listing=listings, limit=limits)
def test_books_that_stay_are_on_exactly_one_page_while_others_come_change_and_go(
    new_catalogue: NewCatalogue,
    steady: list[dict[str, Any]],
    others: list[dict[str, Any]],
    later: list[dict[str, Any]],
    listing: Listing,
    limit: int,
) -> None:
    staying, changing = shelve("m", steady), shelve("c", others)
    coming = iter([*shelve("a", later), *shelve("z", later)])
    leaving = iter(changing)

    with new_catalogue() as catalogue:

        def meanwhile() -> None:
            if (new := next(coming, None)) is not None:
                put(catalogue, new)
            if (old := next(leaving, None)) is not None:
                catalogue.replace(old, Tombstone(old.book_id, 2))

        put(catalogue, *staying, *changing)
        seen = books(walk(catalogue, listing, limit, meanwhile))
    assert [v for v in seen if v.book_id.startswith("m")] == expected(staying, listing)
    assert len(set(ids(seen))) == len(seen)
    assert seen == expected(seen, listing)


titles = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60
)


@each_its_own_store
@given(title=titles.map(clean).filter(bool), author=titles.map(clean).filter(bool))
def test_a_book_is_found_by_each_of_its_words_and_by_its_author(
    new_catalogue: NewCatalogue, title: str, author: str
) -> None:
    assert not has_control_characters(title)
    with new_catalogue() as catalogue:
        put(
            catalogue,
            view("a", title=title, authors=(author,)),
            view("b", title="-", authors=("-",)),
        )
        for word in index_words(title, [author])[:5]:
            assert listed(catalogue, Listing(words=(word,))) == ["a"]
        assert "a" in listed(catalogue, Listing(author=fold(author)))
