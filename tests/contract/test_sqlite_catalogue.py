"""What the SQLite catalogue promises beyond its port: what a page costs, by every way it can be found."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.sqlite.catalogue import SqliteCatalogue
from core.adapters.sqlite.database import Database, Synchronous
from core.adapters.sqlite.listings import Bounds
from core.adapters.sqlite.read_model import SqliteReadModel
from core.ports.catalogue import Listing, Sort
from core.ports.errors import StoreUnavailable
from tests.support.books import ids, put, view
from tests.contract.test_listing_properties import each_its_own_store, listings, shelve, shelves
from tests.support.walking import books, expected, listed, walk

LISTINGS = [
    *(Listing(sort=sort, descending=down) for sort in Sort for down in (False, True)),
    Listing(author="jane austen"),
    Listing(author="jane austen", sort=Sort.PUBLISHED, descending=True),
    Listing(subject="x"),
    Listing(language="en", sort=Sort.ADDED),
    Listing(isbn="9780141439587"),
    Listing(author="jane austen", subject="x", language="en", isbn="9780141439587"),
    Listing(author="jane austen", subject="x", sort=Sort.ADDED, descending=True),
    Listing(words=("em",)),
    Listing(words=("jane", "em")),
    Listing(words=("jane", "austen", "em"), subject="x", language="en"),
]
ALONG_AN_INDEX = Bounds(sorted=0)
"""Takes the way of many books even where there are few."""


@contextmanager
def catalogue_of(database: Database, bounds: Bounds) -> Iterator[SqliteCatalogue]:
    with closing(database):
        yield SqliteCatalogue(database, None, bounds)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "books.db", Synchronous.NORMAL)


def a_book(number: int) -> Any:
    details: dict[str, Any] = {"language": "en", "subjects": ("x",), "isbn": "9780141439587"}
    return view(f"{number:04}", added=number, **details)


# --- the same answers by every way --------------------------------------------------------------


@each_its_own_store
@given(
    shelf=shelves,
    listing=listings,
    scanned=st.sampled_from([1, 2, 5_000]),
    most=st.sampled_from([0, 2]),
)
def test_every_way_finds_the_same(
    tmp_path: Path, shelf: list[dict[str, Any]], listing: Listing, scanned: int, most: int
) -> None:
    views = shelve("book-", shelf)
    database = Database(Path(mkdtemp(dir=tmp_path)) / "books.db", Synchronous.NORMAL)
    with catalogue_of(database, Bounds(scanned, most)) as catalogue:
        put(catalogue, *views)
        assert books(walk(catalogue, listing, 2)) == expected(views, listing)


# --- cost ---------------------------------------------------------------------------------------


def plans(database: Database, catalogue: SqliteCatalogue, listing: Listing) -> list[str]:
    """Return the steps of SQLite's plans for all queries of a first and a second page of ``listing``."""
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


@pytest.mark.parametrize("bounds", [Bounds(), ALONG_AN_INDEX], ids=["few", "along an index"])
@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_no_listing_sorts_or_scans_a_table(
    database: Database, listing: Listing, bounds: Bounds
) -> None:
    with catalogue_of(database, bounds) as catalogue:
        put(catalogue, *(a_book(number) for number in range(5)))
        steps = plans(database, catalogue, listing)
    one_row_or_full_text = ("SCAN generations", "SCAN terms_1 VIRTUAL TABLE INDEX 0:M")
    others = [step for step in steps if not step.startswith(one_row_or_full_text)]
    if bounds == ALONG_AN_INDEX:
        assert [step for step in steps if step.startswith("SEARCH entry USING PRIMARY KEY")]
    assert [step for step in others if "SCAN" in step or "TEMP B-TREE" in step] == []


def test_a_page_goes_on_by_a_step_down_the_index(database: Database) -> None:
    with catalogue_of(database, Bounds()) as catalogue:
        put(catalogue, *(a_book(number) for number in range(5)))
        listing, words = Listing(author="jane austen"), Listing(words=("em",))
        assert any("(key,book_id)>(?,?)" in step for step in plans(database, catalogue, listing))
        assert any(
            "((word,title,book_id)>(?,?,?) AND word<?)" in step
            for step in plans(database, catalogue, words)
        )


def steps_of_a_page(database: Database, catalogue: SqliteCatalogue, listing: Listing) -> int:
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
    with catalogue_of(database, ALONG_AN_INDEX) as catalogue:
        put(catalogue, *(a_book(number) for number in range(30)))
        small = steps_of_a_page(database, catalogue, listing)
        put(catalogue, *(a_book(number) for number in range(30, 300)))
        assert steps_of_a_page(database, catalogue, listing) <= small


def test_a_page_ends_after_so_many_entries_with_where_to_go_on(database: Database) -> None:
    with catalogue_of(database, Bounds(scanned=10, sorted=0)) as catalogue:
        put(catalogue, *(view(f"{number:02}", subjects=("x",)) for number in range(25)))
        put(catalogue, view("99", subjects=("x", "y")))
        pages = walk(catalogue, Listing(subject="x", author="jane austen"), 20)
        assert [len(page.items) for page in pages] == [10, 10, 6]
        pages = walk(catalogue, Listing(author="jane austen", subject="y"), 20)
        assert [ids(page.items) for page in pages] == [[], [], ["99"]]


def test_a_page_looks_ahead_for_a_book_before_it_promises_more(database: Database) -> None:
    with catalogue_of(database, ALONG_AN_INDEX) as catalogue:
        put(catalogue, view("1", subjects=("x",)), view("2"), view("3"))
        page = catalogue.find(Listing(author="jane austen", subject="x"), None, 1)
        assert (ids(page.items), page.next) == (["1"], None)


def test_a_rare_combination_of_common_conditions_is_found_on_one_page(database: Database) -> None:
    with catalogue_of(database, Bounds(scanned=10, sorted=5)) as catalogue:
        put(catalogue, *(view(f"a{n:02}", subjects=("x",), authors=("A",)) for n in range(25)))
        put(catalogue, *(view(f"b{n:02}", subjects=("y",), authors=("B",)) for n in range(25)))
        put(catalogue, view("both", subjects=("y",), authors=("A",)))
        for listing in (
            Listing(author="a", subject="y"),
            Listing(words=("a", "emma"), subject="y"),
        ):
            page = catalogue.find(listing, None, 20)
            assert (ids(page.items), page.next) == (["both"], None)


def test_a_search_for_more_words_than_a_book_can_have_finds_none(database: Database) -> None:
    with catalogue_of(database, Bounds()) as catalogue:
        put(catalogue, view("emma"))
        words = tuple(f"word{number}" for number in range(2_000))
        assert listed(catalogue, Listing(words=(*words, "emma"))) == []
        assert listed(catalogue, Listing(words=(*words[:300], "emma"))) == []


@pytest.mark.parametrize("bounds", [Bounds(), ALONG_AN_INDEX], ids=["few", "along an index"])
def test_a_book_is_found_by_as_many_words_as_the_index_keeps(
    database: Database, bounds: Bounds
) -> None:
    with catalogue_of(database, bounds) as catalogue:
        title = " ".join(f"w{number}" for number in range(300))
        put(catalogue, view("a", title=title), view("b"))
        words = tuple(title.split())
        assert listed(catalogue, Listing(words=(*words, "w"))) == ["a"]


# --- generations --------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SqliteReadModel]:
    with closing(SqliteReadModel(tmp_path / "books.db")) as model:
        yield model


def test_a_generation_that_was_replaced_is_unavailable(model: SqliteReadModel) -> None:
    model.begin_rebuild()
    _, old = model.targets()
    model.finish_rebuild()
    model.begin_rebuild()
    model.finish_rebuild()
    with pytest.raises(StoreUnavailable, match="try again"):
        old.replace(None, view("emma"))
    with pytest.raises(StoreUnavailable, match="try again"):
        old.get("emma")


def test_the_live_catalogue_follows_a_switch_at_once(model: SqliteReadModel) -> None:
    live = model.live()
    put(live, view("emma"))
    put(model.begin_rebuild(), view("persuasion"))
    model.finish_rebuild()
    assert listed(live, Listing()) == ["persuasion"]


def test_another_process_sees_a_switch_at_once(model: SqliteReadModel, tmp_path: Path) -> None:
    with closing(SqliteReadModel(tmp_path / "books.db")) as other:
        put(other.live(), view("emma"))
        put(model.begin_rebuild(), view("persuasion"))
        assert len(other.targets()) == 2
        model.finish_rebuild()
        assert listed(other.live(), Listing()) == ["persuasion"]


def test_a_replaced_generation_leaves_no_tables(model: SqliteReadModel) -> None:
    def tables() -> int:
        with model._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])

    before = tables()
    model.begin_rebuild()
    assert tables() > before
    model.finish_rebuild()
    assert tables() == before
