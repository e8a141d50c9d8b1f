"""The places of views in SQLite: in order and few to move, whatever comes in whatever order."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.sqlite.catalogue import SqliteCatalogue
from core.adapters.sqlite.database import Database, Synchronous
from core.adapters.sqlite.ids import packed, unpacked
from core.adapters.sqlite.listings import Bounds
from core.adapters.sqlite.places import END, between
from core.ports.listing import Filter, Listing, ListingDeclaration, Sort
from core.ports.views import Tombstone, View
from tests.support.sample import NOON, put
from tests.support.share import examples
from tests.support.sqlite_files import index_of
from tests.support.walking import listed


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sample with two sorts, words and a filter."""

    label: str
    size: str = ""


PARCELS: ListingDeclaration[Parcel] = ListingDeclaration(
    details=Parcel,
    filters=(Filter("size", lambda parcel: (parcel.details.size,), check=str),),
    sorts=(
        Sort("label", lambda parcel: parcel.details.label),
        Sort("size", lambda parcel: parcel.details.size),
    ),
    search_texts=lambda parcel: (parcel.details.label, "parcel"),
)


def parcel(stream: str, label: str, size: str = "", version: int = 1) -> View[Parcel]:
    return View(stream, version, Parcel(label, size), NOON, NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path, Synchronous.NORMAL)) as database:
        yield database


@pytest.fixture
def catalogue(database: Database) -> SqliteCatalogue[Parcel]:
    return SqliteCatalogue(database, PARCELS, None, Bounds(max_unordered=2))


def inwards(count: int) -> list[int]:
    """Return the numbers so that each comes between the two before it."""
    return [n // 2 if n % 2 == 0 else count - 1 - n // 2 for n in range(count)]


COUNT = 100
ORDERS = {
    "up": list(range(COUNT)),
    "down": list(reversed(range(COUNT))),
    "inwards": inwards(COUNT),
    "up in a gap": [0, COUNT, *range(1, COUNT)],
    "down in a gap": [0, COUNT, *reversed(range(1, COUNT))],
    "random": Random(7).sample(range(COUNT), COUNT),
}


@pytest.mark.parametrize("order", ORDERS)
def test_views_that_come_in_any_order_are_in_order_and_move_few_others(
    order: str, database: Database, catalogue: SqliteCatalogue[Parcel], path: Path
) -> None:
    numbers = ORDERS[order]
    statements: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(statements.append)
    put(catalogue, *(parcel(f"id-{n:04}", f"{n:04}", "large") for n in numbers))
    moved = [s for s in statements if s.startswith("UPDATE places")]
    assert len(moved) <= 5 * 2 * len(numbers)  # in two sorts
    in_order = [f"id-{n:04}" for n in sorted(numbers)]
    assert listed(catalogue, Listing()) == in_order
    assert listed(catalogue, Listing(filters={"size": "large"}, sort="size")) == in_order
    assert listed(catalogue, Listing(words=("parcel",))) == in_order
    assert len(index_of(path, 1)["orders"]) == 2 * len(numbers)


def test_ascending_views_and_those_in_random_order_move_none(
    database: Database, catalogue: SqliteCatalogue[Parcel]
) -> None:
    statements: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(statements.append)
    put(
        catalogue,
        *(parcel(f"id-{n}", f"{n:04}", f"{i:04}") for i, n in enumerate(ORDERS["random"])),
    )
    assert not [s for s in statements if s.startswith("UPDATE places")]


ids = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda uuid: str(uuid).upper()),
    st.uuids().map(lambda uuid: uuid.hex),
    st.integers(0, 99).map(lambda n: f"view-{n}"),
    st.text("0a-", min_size=1, max_size=6),
    st.sampled_from([str(UUID(int=n << 96 | n)) for n in range(3)]),
)


@settings(
    max_examples=examples(15, thoroughly=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(streams=st.lists(ids, max_size=20, unique=True), data=st.data())
def test_views_of_one_key_are_in_the_order_of_their_ids(
    tmp_path: Path, streams: list[str], data: st.DataObject
) -> None:
    path = Path(mkdtemp(dir=tmp_path)) / "store.db"
    with closing(Database(path, Synchronous.NORMAL)) as database:
        catalogue = SqliteCatalogue(database, PARCELS, None)
        put(catalogue, *(parcel(stream, "x") for stream in streams))
        assert listed(catalogue, Listing()) == sorted(streams)
        assert listed(catalogue, Listing(descending=True)) == sorted(streams, reverse=True)
        asked = data.draw(st.sampled_from(streams) | ids if streams else ids)
        page = catalogue.find(Listing(), ("x", asked), 100)
        assert [v.id for v in page.items] == sorted(s for s in streams if s > asked)
        page = catalogue.find(Listing(descending=True), ("x", asked), 100)
        assert [v.id for v in reversed(page.items)] == sorted(s for s in streams if s < asked)
        index_of(path, 1)


def test_an_id_among_many_of_one_key_is_found_in_a_few_steps(
    database: Database, catalogue: SqliteCatalogue[Parcel]
) -> None:
    put(catalogue, *(parcel(f"view-{n:04}", "x") for n in ORDERS["random"]))
    statements: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(statements.append)
    page = catalogue.find(Listing(), ("x", "view-0050"), 1)
    assert [v.id for v in page.items] == ["view-0051"]
    assert len(statements) < 60


@settings(
    max_examples=examples(15, thoroughly=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, 5),
            st.one_of(st.none(), st.tuples(st.text("ab ", max_size=4), st.text("ab", max_size=1))),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_the_entries_are_those_of_the_views_after_any_changes(
    tmp_path: Path, changes: list[tuple[int, tuple[str, str] | None]]
) -> None:
    paths = [Path(mkdtemp(dir=tmp_path)) / "store.db" for _ in range(2)]
    with (
        closing(Database(paths[0], Synchronous.NORMAL)) as database,
        closing(Database(paths[1], Synchronous.NORMAL)) as fresh,
    ):
        catalogue = SqliteCatalogue(database, PARCELS, None, Bounds(max_unordered=2))
        now: dict[str, View[Parcel] | Tombstone] = {}
        for version, (number, details) in enumerate(changes, 1):
            stream = f"view-{number}"
            new = (
                Tombstone(stream, version) if details is None else parcel(stream, *details, version)
            )
            catalogue.replace(now.get(stream), new)
            now[stream] = new
        changed = index_of(paths[0], 1)
        another = SqliteCatalogue(fresh, PARCELS, None, Bounds(max_unordered=2))
        for new in now.values():
            another.replace(None, new)
        rebuilt = index_of(paths[1], 1)
    for name in ("views", "orders", "matches"):
        assert changed[name] == rebuilt[name]


def test_a_term_is_listed_in_each_sort_once_more_than_a_few_views_have_it(
    catalogue: SqliteCatalogue[Parcel], path: Path
) -> None:
    def sorts() -> set[str]:
        return {sort for _, sort, _ in index_of(path, 1)["listings"]}

    put(catalogue, parcel("1", "x", "large"), parcel("2", "x", "large"))
    assert sorts() == {""}
    put(catalogue, parcel("3", "x", "large"))
    assert sorts() == {"label", "size"}


# --- by themselves --------------------------------------------------------------------------------

places = st.integers(0, END - 1)


@given(st.none() | places, st.none() | places, st.integers(1, 2**40))
def test_a_place_is_between_its_neighbours(below: int | None, above: int | None, n: int) -> None:
    if below is not None and above is not None:
        below, above = min(below, above), max(below, above)
    place = between(below, above, n)
    if place is not None:
        assert (-1 if below is None else below) < place < (END if above is None else above)
    elif below is not None and above is not None:
        assert above - below < 2


def test_the_largest_place_takes_six_bytes() -> None:
    assert END - 1 == 2**47 - 1


@given(ids)
def test_an_id_is_kept_as_it_is(stream: str) -> None:
    assert unpacked(packed(stream)) == stream


@given(st.uuids())
def test_a_uuid_takes_16_bytes(uuid: UUID) -> None:
    assert packed(str(uuid)) == uuid.bytes
