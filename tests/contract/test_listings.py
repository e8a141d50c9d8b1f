"""What every catalogue promises of its listings (core.ports.catalogue)."""

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.listing import LISTING
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.folding import fold
from core.ports.listing import Listing
from core.ports.plain_text import clean
from core.ports.text import cut_sort_key, instant_key, words
from tests.support.adapters import CATALOGUES
from tests.support.books import NOON, books_by, view
from tests.support.sample import ids, put
from tests.support.walking import items, listed, walk


def test_an_empty_catalogue_lists_nothing(catalogue: Catalogue[Any]) -> None:
    page = catalogue.find(books_by(), None, 10)
    assert (page.items, page.next) == ((), None)


def test_a_listing_shows_books_without_their_description(catalogue: Catalogue[Any]) -> None:
    put(catalogue, full := view("emma", description="About Emma.", subjects=("a",)))
    assert catalogue.find(books_by(), None, 10).items == (LISTING.summary(full),)


# --- filters ------------------------------------------------------------------------------------


def fill_for_filters(catalogue: Catalogue[Any]) -> None:
    put(
        catalogue,
        view("a", authors=("Émile Zola",), subjects=("Paris", "Mines"), language="fr"),
        view("b", authors=("Jane Austen", "Émile  ZOLA"), subjects=("Bath",), language="en-GB"),
        view("c", authors=("Zola",), subjects=("paris",), isbn="9780141439587"),
        view("d", authors=("Emile Zola", "X"), subjects=("Par",), language="fr-CA"),
    )


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        (books_by(author="emile zola"), ["a", "b", "d"]),
        (books_by(author="zola"), ["c"]),
        (books_by(author="nobody"), []),
        (books_by(subject="paris"), ["a", "c"]),
        (books_by(subject="mines"), ["a"]),
        (books_by(language="fr"), ["a"]),
        (books_by(language="en-gb"), ["b"]),
        (books_by(isbn="9780141439587"), ["c"]),
        (books_by(isbn="9780140434156"), []),
        (books_by(author="emile zola", subject="paris"), ["a"]),
        (books_by(author="emile zola", language="fr-ca"), ["d"]),
        (books_by(author="emile zola", subject="paris", language="en-gb"), []),
        (books_by(subject="paris", isbn="9780141439587"), ["c"]),
        (books_by(words=("zola",), subject="paris"), ["a", "c"]),
        (books_by(words=("emma", "zo"), author="emile zola", language="fr"), ["a"]),
        (books_by(words=("austen",), subject="paris"), []),
        (books_by(words=("emma",), isbn="9780141439587"), ["c"]),
    ],
    ids=str,
)
def test_filters_combine_with_and(
    catalogue: Catalogue[Any], listing: Listing, found: list[str]
) -> None:
    fill_for_filters(catalogue)
    assert listed(catalogue, listing) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("author", "Café  ÖZGÜR"),
        ("author", "O’Brien, Flann; 'x' \"y\" % _ # | \\ \U0001f4da"),
        ("author", "Straße"),
        ("author", "ﷺ" * 20),
        ("subject", "science-fiction: 20th century"),
        ("subject", "*"),
        ("subject", "ＦＵＬＬ width"),
    ],
)
def test_a_filter_takes_any_text_without_accents_and_case(
    catalogue: Catalogue[Any], name: str, value: str
) -> None:
    texts: dict[str, Any] = {"author": {"authors": (value,)}, "subject": {"subjects": (value,)}}
    put(catalogue, view("a", **texts[name]), view("b"))
    filters: dict[str, Any] = {name: fold(value)}
    assert listed(catalogue, books_by(**filters)) == ["a"]


def test_a_book_that_names_an_author_in_two_ways_is_listed_once(catalogue: Catalogue[Any]) -> None:
    put(catalogue, view("a", authors=("José Rizal", "Jose RIZAL"), subjects=("X", "x")))
    assert listed(catalogue, books_by(author="jose rizal")) == ["a"]
    assert listed(catalogue, books_by(subject="x")) == ["a"]


# --- sorts --------------------------------------------------------------------------------------

SORTED = [
    view("a", title="Émile", published="1762", added=3),
    view("b", title="emma", published="1815-12-23", added=1),
    view("c", title="Zadig", published=None, added=2),
    view("d", title="Iliad", published="-0750", added=0),
    view("e", title="1984", published="0476", added=5),
    view("f", title="Annals", published="1815-12", added=4),
    view("g", title="Odyssey", published="-0749", added=7),
    view("h", title="Älteste", published="1815", added=6),
]
ORDERS = [
    ("title", "ehfabdgc"),
    ("published", "cdgeahfb"),
    ("added", "dbcafehg"),
]


@pytest.mark.parametrize(("sort", "order"), ORDERS)
@pytest.mark.parametrize("term", [{}, {"author": "jane austen"}], ids=["all", "author"])
def test_a_listing_is_sorted(
    catalogue: Catalogue[Any], sort: str, order: str, term: dict[str, Any]
) -> None:
    put(catalogue, *SORTED)
    assert listed(catalogue, books_by(sort=sort, **term)) == list(order)


@pytest.mark.parametrize(("sort", "order"), ORDERS)
@pytest.mark.parametrize("term", [{}, {"author": "jane austen"}], ids=["all", "author"])
def test_a_listing_is_sorted_backwards(
    catalogue: Catalogue[Any], sort: str, order: str, term: dict[str, Any]
) -> None:
    put(catalogue, *SORTED)
    listing = books_by(sort=sort, descending=True, **term)
    assert listed(catalogue, listing) == list(reversed(order))


@pytest.mark.parametrize("sort", LISTING.sort_names)
def test_ties_are_broken_by_the_id(catalogue: Catalogue[Any], sort: str) -> None:
    put(catalogue, view("b"), view("B"), view("a"), view("c"))
    assert listed(catalogue, books_by(sort=sort)) == ["B", "a", "b", "c"]


@pytest.mark.parametrize("sort", LISTING.sort_names)
def test_backwards_ties_are_broken_by_the_id_backwards(
    catalogue: Catalogue[Any], sort: str
) -> None:
    put(catalogue, view("b"), view("B"), view("a"), view("c"))
    assert listed(catalogue, books_by(sort=sort, descending=True)) == ["c", "b", "a", "B"]


def test_titles_sort_by_code_point_of_their_fold(catalogue: Catalogue[Any]) -> None:
    titles = {"1": "\uffee", "2": "\U00010400", "3": "z", "4": "Z a", "5": "ß", "6": "st", "7": "É"}
    put(catalogue, *(view(book_id, title=title) for book_id, title in titles.items()))
    assert listed(catalogue, books_by()) == sorted(
        titles, key=lambda b: (cut_sort_key(fold(titles[b])), b)
    )


# --- words --------------------------------------------------------------------------------------


def fill_for_words(catalogue: Catalogue[Any]) -> None:
    put(
        catalogue,
        view("a", title="The Great Gatsby", authors=("F. Scott Fitzgerald",)),
        view("b", title="Great Expectations", authors=("Charles Dickens",)),
        view("c", title="Les Misérables", authors=("Victor Hugo",)),
        view("d", title="Grendel: the great; the grim", authors=("John Gardner",)),
        view("e", title="GREATER-than", authors=("O'Brien",)),
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("great",), ["b", "d", "a", "e"]),
        (("gre",), ["b", "d", "a", "e"]),
        (("gr",), ["b", "d", "a", "e"]),
        (("greater",), ["e"]),
        (("miserab",), ["c"]),
        (("hugo",), ["c"]),
        (("dick",), ["b"]),
        (("victor", "mis"), ["c"]),
        (("mis", "victor"), []),
        (("great", "dickens"), ["b"]),
        (("dickens", "great"), ["b"]),
        (("the", "gr"), ["d", "a"]),
        (("great", "great"), ["b", "d", "a"]),
        (("the", "the"), ["d", "a"]),
        (("the", "great", "the"), ["d", "a"]),
        (("the", "great", "gr"), ["d", "a"]),
        (("the", "great", "great", "the"), ["d", "a"]),
        (("brien",), ["e"]),
        (("o",), ["e"]),
        (("obrien",), []),
        (("eat",), []),
        (("nothing",), []),
        (("the", "nothing"), []),
        (("nothing", "the"), []),
    ],
    ids=str,
)
def test_a_search_finds_books_with_every_word_the_last_as_a_prefix(
    catalogue: Catalogue[Any], words: tuple[str, ...], found: list[str]
) -> None:
    fill_for_words(catalogue)
    assert listed(catalogue, books_by(words=words)) == found


def test_a_search_is_ordered_by_the_matched_word_and_then_the_title(
    catalogue: Catalogue[Any],
) -> None:
    put(
        catalogue,
        view("1", title="Aaa carts", authors=("X",)),
        view("2", title="Zzz car", authors=("X",)),
        view("3", title="Mmm", authors=("Carlo",)),
        view("4", title="Bbb car", authors=("X",)),
        view("5", title="Bbb car", authors=("X",)),
    )
    assert listed(catalogue, books_by(words=("car",))) == ["4", "5", "2", "3", "1"]


def test_a_search_ignores_the_sort(catalogue: Catalogue[Any]) -> None:
    fill_for_words(catalogue)
    backwards = books_by(words=("gr",), sort="added", descending=True)
    assert listed(catalogue, backwards) == listed(catalogue, books_by(words=("gr",)))


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_book_that_matches_by_several_words_is_found_once_over_pages(
    catalogue: Catalogue[Any], limit: int
) -> None:
    put(
        catalogue,
        view("a", title="Tea team teak", authors=("Teal Tear",)),
        view("b", title="Teapot team", authors=("X",)),
        view("c", title="Other", authors=("Team Teach",)),
    )
    assert listed(catalogue, books_by(words=("tea",)), limit) == ["a", "c", "b"]


@pytest.mark.parametrize(
    "title",
    [
        "AND OR NOT NEAR",
        'say "hello"',
        "C++ & C# * ^ : -",
        "naïve ﬁancée",
        "東京 物語",
        "हिन्दी",
        "x_y",
    ],
)
def test_any_word_of_a_title_finds_it(catalogue: Catalogue[Any], title: str) -> None:
    put(catalogue, view("a", title=title), view("b", title="Quite another"))
    for word in words(title):
        assert listed(catalogue, books_by(words=(word,))) == ["a"], word
        assert listed(catalogue, books_by(words=(word, "jane"))) == ["a"], word


def test_a_long_word_is_found_by_the_part_that_the_index_keeps(
    catalogue: Catalogue[Any],
) -> None:
    put(catalogue, view("a", title="x" * 80))
    assert listed(catalogue, books_by(words=("x" * 50,))) == ["a"]


# --- pages --------------------------------------------------------------------------------------


def fill_for_pages(catalogue: Catalogue[Any]) -> None:
    put(catalogue, *(view(f"{n:02}", title=f"Emma {n % 4}", added=n % 3) for n in range(11)))


LISTINGS = [
    books_by(),
    books_by(sort="added", descending=True),
    books_by(author="jane austen"),
    books_by(words=("emma",)),
    books_by(words=("jane", "a")),
]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@pytest.mark.parametrize("limit", [1, 2, 5, 11, 12])
def test_pages_together_are_the_listing(
    catalogue: Catalogue[Any], listing: Listing, limit: int
) -> None:
    fill_for_pages(catalogue)
    assert listed(catalogue, listing, limit) == listed(catalogue, listing, 100)


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@pytest.mark.parametrize("limit", [1, 3, 5])
def test_a_page_has_no_more_books_than_its_limit(
    catalogue: Catalogue[Any], listing: Listing, limit: int
) -> None:
    fill_for_pages(catalogue)
    assert all(len(page.items) <= limit for page in walk(catalogue, listing, limit))


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@pytest.mark.parametrize("limit", [11, 12])
def test_a_page_with_the_last_book_has_no_next(
    catalogue: Catalogue[Any], listing: Listing, limit: int
) -> None:
    fill_for_pages(catalogue)
    assert catalogue.find(listing, None, limit).next is None


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_a_listing_continues_after_any_of_its_positions(
    catalogue: Catalogue[Any], listing: Listing
) -> None:
    fill_for_pages(catalogue)
    all_ids = listed(catalogue, listing)
    pages = walk(catalogue, listing, 1)
    for index, page in enumerate(pages[:-1]):
        read = len(items(pages[: index + 1]))
        assert ids(catalogue.find(listing, page.next, 100).items) == all_ids[read:]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_the_book_at_a_position_may_be_gone_when_the_next_page_is_read(
    catalogue: Catalogue[Any], listing: Listing
) -> None:
    fill_for_pages(catalogue)
    all_ids = listed(catalogue, listing)
    page = catalogue.find(listing, None, 4)
    last = catalogue.get(page.items[-1].id)
    assert last is not None
    changes = {"title": "Zzz", "authors": ("Zzz",)}
    catalogue.replace(last, view(last.id, 2, added=9, **changes))
    rest = listed_after(catalogue, listing, page.next)
    assert [book_id for book_id in rest if book_id != last.id] == all_ids[4:]


def listed_after(
    catalogue: Catalogue[Any], listing: Listing, after: tuple[str, ...] | None
) -> list[str]:
    """Return the ids of the books of ``listing`` after a position."""
    found: list[str] = []
    while after is not None:
        page = catalogue.find(listing, after, 3)
        found += ids(page.items)
        after = page.next
    return found


def test_a_position_need_not_be_that_of_a_book(
    catalogue: Catalogue[Any],
) -> None:
    put(catalogue, view("a", title="A"), view("c", title="C"))
    assert ids(catalogue.find(books_by(), ("b", "nobody"), 5).items) == ["c"]
    assert ids(catalogue.find(books_by(descending=True), ("b", "nobody"), 5).items) == ["a"]


@pytest.mark.parametrize(
    ("word", "found"),
    [("", ["b", "d", "a", "e"]), ("charles", ["b", "d", "a", "e"]), ("les", []), ("zzz", [])],
)
def test_a_position_that_a_client_made_up_leads_to_no_book_of_another_listing(
    catalogue: Catalogue[Any], word: str, found: list[str]
) -> None:
    fill_for_words(catalogue)
    assert listed_after(catalogue, books_by(words=("gre",)), (word, "", "")) == found


def test_the_added_sort_tells_microseconds_apart(catalogue: Catalogue[Any]) -> None:
    later = replace(view("a"), added_at=NOON.replace(microsecond=1))
    put(catalogue, later, view("b"))
    assert instant_key(NOON) < instant_key(later.added_at)
    assert listed(catalogue, books_by(sort="added")) == ["b", "a"]


# --- any text ------------------------------------------------------------------------------------

texts = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)
    .map(clean)
    .filter(bool)
)


@pytest.mark.parametrize("adapter", CATALOGUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=texts, author=texts)
def test_a_book_is_found_by_each_of_its_words_and_by_its_author(
    adapter: str, tmp_path: Path, title: str, author: str
) -> None:
    found = view("a", title=title, authors=(author,))
    with CATALOGUES[adapter](BOOKS, Path(mkdtemp(dir=tmp_path))) as catalogue:
        put(catalogue, found, view("b", title="-", authors=("-",)))
        for word in LISTING.words(found)[:5]:
            assert listed(catalogue, books_by((word,))) == ["a"]
        if fold(author):
            assert "a" in listed(catalogue, books_by(author=fold(author)))
