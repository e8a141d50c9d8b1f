"""What the SQLite catalogue promises beyond its port: what a page costs, and how terms are kept."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.sqlite.catalogue import SqliteCatalogue
from core.adapters.sqlite.database import Database, Synchronous
from core.adapters.sqlite.listings import Bounds
from core.adapters.sqlite.read_model import SqliteReadModel
from core.domain.details import BookDetails
from core.domain.listing import LISTING
from core.ports.catalogue import UnreadableView
from core.ports.errors import StoreUnavailable
from core.ports.listing import Filter, Listing, ListingDeclaration, Page, Sort
from core.ports.views import Tombstone, View
from tests.support.books import NOON, books_by, view
from tests.support.sample import ids, listings, put, views
from tests.support.samples import SAMPLES
from tests.support.share import examples
from tests.support.sqlite_files import index_of
from tests.support.walking import expected, items, listed, walk

LISTINGS = [
    *(
        books_by(sort=sort, descending=down)
        for sort in LISTING.sort_names
        for down in (False, True)
    ),
    books_by(author="jane austen"),
    books_by(author="jane austen", sort="published", descending=True),
    books_by(subject="x"),
    books_by(language="en", sort="added"),
    books_by(isbn="9780141439587"),
    books_by(author="jane austen", subject="x", language="en", isbn="9780141439587"),
    books_by(author="jane austen", subject="x", sort="added", descending=True),
    books_by(words=("em",)),
    books_by(words=("jane", "em")),
    books_by(words=("jane", "austen", "em"), subject="x", language="en"),
]
IN_ORDER = Bounds(max_sorted=0, max_unordered=0, sample=2)
"""Reads along the lists even when few views match."""

BOUNDS = pytest.mark.parametrize("bounds", [Bounds(), IN_ORDER], ids=["few", "in order"])


@contextmanager
def catalogue_of(database: Database, bounds: Bounds) -> Iterator[SqliteCatalogue[BookDetails]]:
    with closing(database):
        yield SqliteCatalogue(database, LISTING, None, bounds)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "books.db", Synchronous.NORMAL)


def a_book(number: int) -> Any:
    details: dict[str, Any] = {"language": "en", "subjects": ("x",), "isbn": "9780141439587"}
    return view(f"{number:04}", added=number, **details)


# --- the same page in each way -------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
@settings(
    max_examples=examples(25, thoroughly=500),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.data(),
    bounds=st.builds(
        Bounds,
        max_scanned=st.sampled_from([1, 2, 5_000]),
        max_sorted=st.sampled_from([0, 2, 10]),
        max_unordered=st.sampled_from([0, 1, 10]),
        sample=st.sampled_from([0, 1, 10]),
    ),
)
def test_each_way_finds_the_same_page(
    name: str, tmp_path: Path, data: st.DataObject, bounds: Bounds
) -> None:
    declaration = SAMPLES[name].domain.listing
    shelf = data.draw(views(SAMPLES[name]))
    listing = data.draw(listings(declaration, shelf))
    database = Database(Path(mkdtemp(dir=tmp_path)) / "store.db", Synchronous.NORMAL)
    with closing(database):
        catalogue = SqliteCatalogue(database, declaration, None, bounds)
        put(catalogue, *shelf)
        assert items(walk(catalogue, listing, 2)) == expected(declaration, shelf, listing)


# --- cost ---------------------------------------------------------------------------------------


def plans(database: Database, catalogue: SqliteCatalogue[Any], listing: Listing) -> list[str]:
    """Return the steps of SQLite's plans for the queries of the first two pages of ``listing``."""
    first = catalogue.find(listing, None, 2)
    asked: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(asked.append)
    catalogue.find(listing, None, 2)
    catalogue.find(listing, first.next, 2)
    with database.read() as connection:
        connection.set_trace_callback(None)
        queries = [sql for sql in asked if sql.lstrip().startswith("SELECT")]
        return [
            str(detail)
            for sql in queries
            for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]


@BOUNDS
@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_no_listing_sorts_or_scans_a_table(
    database: Database, listing: Listing, bounds: Bounds
) -> None:
    with catalogue_of(database, bounds) as catalogue:
        put(catalogue, *(a_book(number) for number in range(5)))
        steps = plans(database, catalogue, listing)
    one_row = ("SCAN generations", "SCAN CONSTANT ROW")
    bounded = ("SCAN (subquery-1)", "SCAN wanted VIRTUAL TABLE")
    others = [step for step in steps if not step.startswith(one_row + bounded)]
    if bounds == IN_ORDER:
        assert [step for step in steps if step.startswith("SEARCH entry USING PRIMARY KEY")]
    assert [step for step in others if "SCAN" in step or "TEMP B-TREE" in step] == []


def test_the_next_page_begins_with_a_step_down_the_index(database: Database) -> None:
    with catalogue_of(database, IN_ORDER) as catalogue:
        put(catalogue, *(a_book(number) for number in range(5)))
        for listing in (books_by(author="jane austen"), books_by(words=("em",))):
            assert "SEARCH entry USING PRIMARY KEY (number=? AND sort=? AND place>?)" in plans(
                database, catalogue, listing
            )


def steps_of_a_page(database: Database, catalogue: SqliteCatalogue[Any], listing: Listing) -> int:
    """Return how many instructions of SQLite's virtual machine the first page takes."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with database.read() as connection:
        connection.set_progress_handler(step, 1)
    catalogue.find(listing, None, 10)
    with database.read() as connection:
        connection.set_progress_handler(None, 1)
    return count


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_a_page_costs_the_page_and_not_the_catalogue(database: Database, listing: Listing) -> None:
    with catalogue_of(database, IN_ORDER) as catalogue:
        put(catalogue, *(a_book(number) for number in range(30)))
        small = steps_of_a_page(database, catalogue, listing)
        put(catalogue, *(a_book(number) for number in range(30, 300)))
        assert steps_of_a_page(database, catalogue, listing) <= small


def test_a_page_ends_after_max_scanned_entries_and_has_a_next(database: Database) -> None:
    with catalogue_of(database, IN_ORDER._replace(max_scanned=10)) as catalogue:
        put(catalogue, *(view(f"{n:02}", subjects=("x" if n % 2 else "y",)) for n in range(42)))
        put(catalogue, view("98", subjects=("x", "y")), view("99", subjects=("x",)))
        pages = walk(catalogue, books_by(subject="x", author="jane austen"), 20)
        assert [len(page.items) for page in pages] == [10, 10, 3]
        listing = Listing(words=("em",), filters={"subject": "y"})
        assert [len(page.items) for page in walk(catalogue, listing, 20)] == [9, 10, 3]


def test_a_page_has_a_next_only_when_another_view_follows(database: Database) -> None:
    with catalogue_of(database, IN_ORDER) as catalogue:
        put(catalogue, view("1", subjects=("x",)), view("2"), view("3"))
        page = catalogue.find(books_by(author="jane austen", subject="x"), None, 1)
        assert (ids(page.items), page.next) == (["1"], None)


def test_a_rare_combination_of_common_terms_is_found_on_one_page(database: Database) -> None:
    with catalogue_of(database, Bounds(max_scanned=10, max_unordered=50)) as catalogue:
        put(catalogue, *(view(f"a{n:02}", subjects=("x",), authors=("A",)) for n in range(25)))
        put(catalogue, *(view(f"b{n:02}", subjects=("y",), authors=("B",)) for n in range(25)))
        put(catalogue, view("both", subjects=("y",), authors=("A",)))
        for listing in (
            books_by(author="a", subject="y"),
            books_by(author="a", subject="y", sort="added", descending=True),
            books_by(words=("a", "emma"), subject="y"),
        ):
            page = catalogue.find(listing, None, 20)
            assert (ids(page.items), page.next) == (["both"], None)


def a_common_and_a_rare_word(catalogue: SqliteCatalogue[BookDetails]) -> None:
    """Put in 200 books with "the", of which every twentieth has "whale" too."""
    for number in range(200):
        title = f"The {'Whale' if number % 20 == 19 else 'Book'} {number}"
        put(catalogue, view(f"{number:03}", title=title, authors=("A",)))


@pytest.mark.parametrize("words", [("the", "whale"), ("whale", "the"), ("whale", "th")], ids=str)
@BOUNDS
def test_a_search_reads_along_its_rarest_word(
    database: Database, bounds: Bounds, words: tuple[str, ...]
) -> None:
    with catalogue_of(database, bounds._replace(max_scanned=12)) as catalogue:
        a_common_and_a_rare_word(catalogue)
        page = catalogue.find(books_by(words=words), None, 10)
        assert (len(page.items), page.next) == (10, None)


def test_a_search_for_the_beginning_of_many_words_sorts_the_views_of_a_rare_word(
    database: Database,
) -> None:
    with catalogue_of(database, Bounds(max_scanned=12, max_sorted=10)) as catalogue:
        a_common_and_a_rare_word(catalogue)
        page = catalogue.find(books_by(words=("whale", "1")), None, 10)
        titles = [v.details.title for v in page.items]
        assert titles == [f"The Whale {n}" for n in (119, 139, 159, 179, 19, 199)]
        assert page.next is None


@BOUNDS
def test_a_listing_reads_along_its_rarest_term_in_both_directions(
    database: Database, bounds: Bounds
) -> None:
    with catalogue_of(database, bounds._replace(max_scanned=12)) as catalogue:
        for number in range(200):
            subjects = ("common", "rare") if number % 20 == 19 else ("common",)
            put(catalogue, view(f"{number:03}", added=number, subjects=subjects))
        for down in (False, True):
            listing = books_by(subject="rare", author="jane austen", sort="added", descending=down)
            page = catalogue.find(listing, None, 10)
            assert (len(page.items), page.next) == (10, None)


def test_a_search_for_more_words_than_a_view_can_have_finds_none(database: Database) -> None:
    with catalogue_of(database, Bounds()) as catalogue:
        put(catalogue, view("emma"))
        words = tuple(f"word{number}" for number in range(2_000))
        assert listed(catalogue, books_by(words=(*words, "emma"))) == []
        assert listed(catalogue, books_by(words=(*words[:300], "emma"))) == []


@BOUNDS
def test_a_view_is_found_by_max_words(database: Database, bounds: Bounds) -> None:
    with catalogue_of(database, bounds) as catalogue:
        title = " ".join(f"w{number}" for number in range(300))
        put(catalogue, view("a", title=title), view("b"))
        words = tuple(title.split())
        assert listed(catalogue, books_by(words=(*words, "w"))) == ["a"]


def pages(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def test_a_book_takes_about_as_much_space_for_its_index_as_for_itself(database: Database) -> None:
    with catalogue_of(database, Bounds()) as catalogue:
        put(catalogue, a_book(0))
        empty = pages(database)
        for number in range(1, 301):
            details: dict[str, Any] = {
                "title": f"A book of number {number}: the {number % 40} and the {number % 30}",
                "authors": (f"Author {number % 90}", f"Editor {number % 50}"),
                "subjects": (f"subject {number % 20}", f"topic {number % 10}"),
                "isbn": f"978{number:010}",
                "description": "d" * 300,
            }
            put(catalogue, view(str(uuid4()), added=number, **details))
        assert 4096 * (pages(database) - empty) < 300 * 1_400


# --- terms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sample whose filters are named so that their terms might be mistaken for others."""

    label: str
    size: str = ""
    state: str = ""
    state_of: str = ""
    all: str = ""
    word: str = ""


def by(name: str) -> Filter[Parcel]:
    return Filter(name, lambda parcel: (getattr(parcel.details, name),), check=str)


PARCEL_FILTERS = ("size", "state", "state_of", "all", "word")
BY_SIZE: Sort[Parcel] = Sort("size", lambda parcel: parcel.details.size)
PARCELS: ListingDeclaration[Parcel] = ListingDeclaration(
    details=Parcel,
    filters=tuple(map(by, PARCEL_FILTERS)),
    sorts=(Sort("label", lambda parcel: parcel.details.label),),
    search_texts=lambda parcel: (parcel.details.label,),
)


def parcel(stream: str, label: str = "x", **values: str) -> View[Parcel]:
    return View(stream, 1, Parcel(label=label, **values), NOON, NOON)


@BOUNDS
@pytest.mark.parametrize("name", PARCEL_FILTERS)
def test_a_filter_does_not_match_the_values_of_another(
    database: Database, bounds: Bounds, name: str
) -> None:
    with closing(database):
        catalogue = SqliteCatalogue(database, PARCELS, None, bounds)
        put(catalogue, *(parcel(own, **{own: "x"}) for own in PARCEL_FILTERS))
        assert listed(catalogue, Listing(filters={name: "x"})) == [name]
        assert listed(catalogue, Listing(words=("x",), filters={name: "x"})) == [name]
        for other in set(PARCEL_FILTERS) - {name}:
            assert listed(catalogue, Listing(filters={name: "x", other: "x"})) == []


@BOUNDS
def test_a_filter_named_word_does_not_match_words(database: Database, bounds: Bounds) -> None:
    with closing(database):
        catalogue = SqliteCatalogue(database, PARCELS, None, bounds)
        put(catalogue, parcel("worded", "blue box"), parcel("filtered", "box", word="blue"))
        assert listed(catalogue, Listing(words=("blue", "box"))) == ["worded"]
        found = Listing(words=("box",), filters={"word": "blue"})
        assert listed(catalogue, found) == ["filtered"]


def test_a_declaration_without_search_texts_finds_nothing_by_words(database: Database) -> None:
    with closing(database):
        catalogue = SqliteCatalogue(database, replace(PARCELS, search_texts=None), None)
        put(catalogue, parcel("1", size="x"))
        for listing in (
            Listing(words=("x",)),
            Listing(words=("x", "x")),
            Listing(words=("x",), filters={"size": "x"}),
        ):
            assert catalogue.find(listing, None, 1) == Page((), None)
        assert listed(catalogue, Listing(filters={"size": "x"})) == ["1"]


# --- a declaration that has changed -------------------------------------------------------------


@BOUNDS
@pytest.mark.parametrize("name", ["size", None])
def test_a_new_sort_lists_nothing_before_a_rebuild(
    database: Database, bounds: Bounds, name: str | None
) -> None:
    later = replace(PARCELS, sorts=(BY_SIZE, *PARCELS.sorts))
    both = {"size": "x", "state": "x"}
    with closing(database):
        put(SqliteCatalogue(database, PARCELS, None), parcel("old", **both))
        catalogue = SqliteCatalogue(database, later, None, bounds)
        assert listed(catalogue, Listing(filters=both, sort=name)) == []
        put(catalogue, parcel("new", **both))
        assert listed(catalogue, Listing(filters=both, sort=name)) == ["new"]
        assert listed(catalogue, Listing(filters=both, sort="label")) == ["new", "old"]


def test_entries_that_another_declaration_wrote_are_removed(database: Database) -> None:
    later = replace(PARCELS, sorts=(BY_SIZE, *PARCELS.sorts), filters=PARCELS.filters[1:])
    with closing(database):
        put(SqliteCatalogue(database, PARCELS, None), old := parcel("1", size="x", state="x"))
        SqliteCatalogue(database, later, None).replace(old, Tombstone("1", 2))
        left = index_of(database.path, 1)
        assert [left[name] for name in ("orders", "listings", "matches")] == [[], [], []]


def test_a_field_that_becomes_unlisted_is_still_returned_by_get(database: Database) -> None:
    later = replace(PARCELS, unlisted=frozenset({"size"}))
    with closing(database):
        put(SqliteCatalogue(database, PARCELS, None), old := parcel("old", size="x"))
        catalogue = SqliteCatalogue(database, later, None)
        put(catalogue, new := parcel("new", size="x"))
        assert [catalogue.get("old"), catalogue.get("new")] == [old, new]
        sizes = {v.id: v.details.size for v in catalogue.find(Listing(), None, 2).items}
        assert sizes == {"old": "x", "new": ""}


# --- generations --------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SqliteReadModel[BookDetails]]:
    with closing(SqliteReadModel(tmp_path / "books.db", LISTING)) as model:
        yield model


@pytest.mark.parametrize(
    "damage", ["details = '{\"title\": 5}'", "details = '{'", "added_at = 'yesterday'"]
)
def test_a_stored_view_of_another_shape_is_unreadable(
    model: SqliteReadModel[BookDetails], damage: str
) -> None:
    model.live().replace(None, view("emma"))
    with model._database.write() as connection:
        connection.execute(f"UPDATE views_1 SET {damage}")
    with pytest.raises(UnreadableView, match="emma"):
        model.live().get("emma")
    with pytest.raises(UnreadableView, match="emma"):
        model.live().find(Listing(), None, 1)


def test_a_generation_that_was_replaced_is_unavailable(model: SqliteReadModel[BookDetails]) -> None:
    model.begin_rebuild()
    _, old = model.targets()
    model.finish_rebuild()
    model.begin_rebuild()
    model.finish_rebuild()
    with pytest.raises(StoreUnavailable, match="try again"):
        old.replace(None, view("emma"))
    with pytest.raises(StoreUnavailable, match="try again"):
        old.get("emma")


def test_the_live_catalogue_follows_a_switch_at_once(model: SqliteReadModel[BookDetails]) -> None:
    live = model.live()
    put(live, view("emma"))
    put(model.begin_rebuild(), view("persuasion"))
    model.finish_rebuild()
    assert listed(live, books_by()) == ["persuasion"]


def test_another_process_sees_a_switch_at_once(
    model: SqliteReadModel[BookDetails], tmp_path: Path
) -> None:
    with closing(SqliteReadModel(tmp_path / "books.db", LISTING)) as other:
        put(other.live(), view("emma"))
        put(model.begin_rebuild(), view("persuasion"))
        assert len(other.targets()) == 2
        model.finish_rebuild()
        assert listed(other.live(), books_by()) == ["persuasion"]


def test_a_replaced_generation_leaves_no_tables(model: SqliteReadModel[BookDetails]) -> None:
    def tables() -> int:
        with model._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])

    before = tables()
    model.begin_rebuild()
    assert tables() > before
    model.finish_rebuild()
    assert tables() == before
