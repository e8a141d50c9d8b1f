"""Files of older schema versions open, and lose nothing.

``tests/fixtures/stores/sqlite-1-*.sql`` are dumps of files that schema version 1 wrote;
``sqlite-N*.db.gz`` are the files of recording N (``README.md`` there). What the services show of
them is in ``tests/apps/test_old_stores.py``.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.adapters.sqlite.database import Database, Synchronous
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.migrations import MIGRATIONS
from core.adapters.sqlite.read_model import SqliteReadModel
from core.adapters.sqlite.schema import SCHEMA_VERSION
from core.application.log import catch_up, rebuild
from core.application.projection import project
from core.domain.details import BookDetails
from core.domain.events import EVENTS, BookEvent
from core.domain.listing import LISTING
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope
from core.ports.listing import Listing
from core.ports.read_model import Aside
from core.ports.views import Tombstone, View
from tests.support.books import books_by, envelope, view
from tests.support.logs import events_of
from tests.support.sqlite_files import all_rows, index_of, old_file, old_files
from tests.support.walking import listed

Store = SqliteEventStore[BookEvent]
Model = SqliteReadModel[BookDetails]

LIVE, BUILDING = 2, 3
"""The generations of ``sqlite-1-rebuilding.sql``."""

EMMA = "6506ef8b-e043-88ed-931d-5ce223241320"
REMOVED = "id-11"
NOON = "2024-05-17T12:00:00.000000+00:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return old_file(tmp_path / "old.db", "sqlite-1-rebuilding.sql")


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(SqliteEventStore(path, EVENTS)) as store:
        yield store


@pytest.fixture
def model(path: Path) -> Iterator[Model]:
    with closing(SqliteReadModel(path, LISTING)) as model:
        yield model


def fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error


def migrate(path: Path) -> None:
    with closing(Database(path, Synchronous.FULL)) as database, database.read():
        pass


def schema(path: Path) -> dict[str, str]:
    """Return the statements that create the tables, without comments and quotes.

    ALTER TABLE adds quotes. ``sqlite_sequence`` is SQLite's own, and stays in an older file.
    """
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_schema"
            " WHERE sql IS NOT NULL AND name <> 'sqlite_sequence'"
        )
        return {name: re.sub(r'--.*|"|\s', "", sql) for name, sql in rows}


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def projected(path: Path, events: list[Envelope[BookEvent]], store: Store) -> Path:
    """Make a new file whose catalogue has taken in ``events``, and return its path."""
    with closing(SqliteReadModel(path, LISTING)) as model:
        for event in events:
            project(event, model.live(), store, BOOKS)
    return path


# --- from every version -------------------------------------------------------------------------


def test_there_is_a_step_from_every_version_and_a_file_to_prove_it(tmp_path: Path) -> None:
    older = list(range(1, SCHEMA_VERSION))
    versions = {version_of(old_file(tmp_path / name, name)) for name in old_files()}
    assert sorted(versions) == sorted(MIGRATIONS) == older


@pytest.mark.parametrize("name", old_files())
def test_a_migrated_file_has_the_tables_of_a_new_one(name: str, tmp_path: Path) -> None:
    migrate(old := old_file(tmp_path / "old.db", name))
    with closing(sqlite3.connect(old)) as connection:
        live, building = connection.execute("SELECT live, building FROM generations").fetchone()
    migrate(new := tmp_path / "new.db")
    with closing(SqliteReadModel(new, LISTING)) as model:  # to the same generations
        for _ in range(1, live):
            model.begin_rebuild()
            model.finish_rebuild()
        if building:
            model.begin_rebuild()
    assert schema(old) == schema(new)


# --- from version 1 -----------------------------------------------------------------------------


def test_the_log_the_claims_and_the_checkpoints_are_unchanged(path: Path) -> None:
    before = all_rows(path)
    migrate(path)
    after = all_rows(path)
    for table in ("events", "claims", "checkpoints", "generations"):
        assert after[table] == before[table]
        assert before[table]


def test_the_events_are_loaded_with_their_idempotency_keys(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        query = "SELECT stream, version, command_id, fingerprint FROM events ORDER BY position"
        before = old.execute(query).fetchall()
    events = events_of(store)
    after = [(e.stream, e.version, e.idempotency_key, e.fingerprint) for e in events]
    assert after == before
    assert len([key for *_, key, _ in after if key is not None]) == 3


@pytest.mark.parametrize("number", [LIVE, BUILDING])
def test_the_index_is_the_same_as_one_built_from_the_log(
    path: Path, tmp_path: Path, store: Store, number: int
) -> None:
    with closing(SqliteReadModel(path, LISTING)) as model:
        last = model.checkpoint("projector" if number == LIVE else "rebuild")
    positions = [position for position, _ in store.read_all() if int(position) <= int(last or 0)]
    events = events_of(store)[: len(positions)]
    new = projected(tmp_path / "new.db", events, store)
    assert index_of(path, number) == index_of(new, 1)
    assert index_of(path, number)["matches"]


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        (books_by(), ["id-7", EMMA, "id-5", "id-3", "id-9"]),
        (books_by(author="jane austen", sort="published"), [EMMA, "id-3"]),
        (books_by(author="jane austen", subject="courtship"), [EMMA]),
        (books_by(isbn="9780141186160"), [EMMA]),
        (books_by(isbn="9780141439587"), []),
        (books_by(language="ja", sort="added", descending=True), ["id-9"]),
        (books_by(language="en"), []),
        (books_by(("jane", "austen", "em")), [EMMA]),
        (books_by(("au",), author="jane austen"), [EMMA, "id-3"]),
    ],
    ids=str,
)
def test_listings_find_what_they_found(model: Model, listing: Listing, found: list[str]) -> None:
    assert listed(model.live(), listing) == found


def test_views_have_their_unlisted_fields(model: Model) -> None:
    emma = model.live().get(EMMA)
    assert isinstance(emma, View)
    assert emma.details.description == 'It\'s "handsome, clever,\nand rich" – \U0001f4da'
    page = model.live().find(books_by(isbn="9780141186160"), None, 1)
    assert [view.details.description for view in page.items] == [None]


def test_tombstones_are_kept(model: Model) -> None:
    assert model.live().get(REMOVED) == Tombstone(REMOVED, 2)


def test_a_replaced_view_leaves_no_entries(model: Model, path: Path) -> None:
    def take_all(catalogue: Catalogue[BookDetails]) -> None:
        for stream in (EMMA, "id-3", "id-5", "id-7", "id-9", REMOVED):
            old = catalogue.get(stream)
            version = 0 if old is None else old.version
            catalogue.replace(old, new := view(stream, version + 1))
            catalogue.replace(new, Tombstone(stream, version + 2))

    for catalogue in model.targets():
        take_all(catalogue)
    for number in (LIVE, BUILDING):
        left = index_of(path, number)
        assert [left[name] for name in ("orders", "listings", "matches")] == [[], [], []]


def test_a_rebuild_continues_where_it_was(
    path: Path, tmp_path: Path, store: Store, model: Model
) -> None:
    assert rebuild(model, store, BOOKS, fail, lambda _: None) == 2
    new = projected(tmp_path / "new.db", events_of(store), store)
    assert index_of(path, BUILDING) == index_of(new, 1)
    assert not [table for table in all_rows(path) if table.endswith(f"_{LIVE}")]


def test_the_projector_continues_where_it_was(store: Store, model: Model) -> None:
    assert catch_up("projector", model, store, BOOKS, fail) == 0


def test_a_file_without_a_rebuild_under_way_is_migrated(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        old.execute("UPDATE generations SET building = NULL")
        for table in ("books", "listings", "words", "terms"):
            old.execute(f"DROP TABLE {table}_{BUILDING}")
        old.commit()
    with closing(SqliteReadModel(path, LISTING)) as model:
        assert len(listed(model.live(), Listing())) == 5
        assert listed(model.begin_rebuild(), Listing()) == []


def test_an_empty_file_is_migrated(tmp_path: Path) -> None:
    path = old_file(tmp_path / "empty.db", "sqlite-1-empty.sql")
    migrate(path)
    migrate(new := tmp_path / "new.db")
    assert schema(path) == schema(new)
    assert all_rows(path) == {**all_rows(new), "sqlite_sequence": []}


# --- from version 2 -----------------------------------------------------------------------------


def test_a_stream_can_be_set_aside_in_a_migrated_file(tmp_path: Path) -> None:
    path = old_file(tmp_path / "old.db", "sqlite-2.db.gz")
    with closing(SqliteReadModel(path, LISTING)) as model:
        model.set_aside(aside := Aside(EMMA, 2, "unknown"))
        assert model.aside() == [aside]


# --- from version 3 -----------------------------------------------------------------------------

VERSION_3 = ["sqlite-3.db.gz", "sqlite-3-rebuilding.db.gz"]


@pytest.mark.parametrize("name", VERSION_3)
def test_all_but_the_catalogue_is_unchanged(name: str, tmp_path: Path) -> None:
    before = all_rows(path := old_file(tmp_path / "old.db", name))
    migrate(path)
    after = all_rows(path)
    kept = ("events", "claims", "checkpoints", "generations", "aside")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert len(before["events"]) > 40


@pytest.mark.parametrize("name", VERSION_3)
def test_the_live_index_is_the_same_as_one_built_from_the_log(name: str, tmp_path: Path) -> None:
    path = old_file(tmp_path / "old.db", name)
    with (
        closing(SqliteEventStore(path, EVENTS)) as store,
        closing(SqliteReadModel(path, LISTING)) as model,
    ):
        events = events_of(store)
        assert model.checkpoint("projector") == str(len(events))
        new = projected(tmp_path / "new.db", events, store)
    ((live, _),) = all_rows(path)["generations"]
    assert index_of(path, live) == index_of(new, 1)


def test_a_term_that_many_views_have_is_listed_in_each_sort(tmp_path: Path) -> None:
    path = old_file(tmp_path / "old.db", "sqlite-3.db.gz")
    ((live, _),) = all_rows(path)["generations"]
    keys = {"title": "x", "published": "", "added": ""}
    term = f"subject_{'00' * 16}"
    with closing(sqlite3.connect(path)) as old:
        for number in range(101):
            indexed = json.dumps({"keys": keys, "terms": [term], "words": []})
            row = (1000 + number, f"id-{number:03}", 1, "{}", NOON, NOON, indexed, "{}")
            old.execute(f"INSERT INTO views_{live} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            old.executemany(
                f"INSERT INTO listings_{live} VALUES (?, ?, ?, ?, ?)",
                [(t, *key, row[1], row[0]) for t in ("all", term) for key in keys.items()],
            )
        old.commit()
    migrate(path)
    sorts = Counter((token[:8], sort) for token, sort, _ in index_of(path, live)["listings"])
    assert {sort: sorts[b"subject_", sort] for sort in keys} == dict.fromkeys(keys, 101)
    assert sorts[b"subject_", ""] > 0


# --- from version 4 -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sqlite-4.db.gz", "sqlite-4-rebuilding.db.gz"])
def test_all_but_the_last_position_is_unchanged(name: str, tmp_path: Path) -> None:
    before = all_rows(path := old_file(tmp_path / "old.db", name))
    migrate(path)
    assert all_rows(path) == {**before, "sqlite_sequence": []}
    assert len(before["events"]) > 40


@pytest.mark.parametrize("name", old_files())
def test_events_stay_as_they_are_and_positions_go_on(name: str, tmp_path: Path) -> None:
    path = old_file(tmp_path / "old.db", name)
    before = all_rows(path)["events"]
    migrate(path)
    assert all_rows(path)["events"] == before
    last = max((row[0] for row in before), default=0)
    with closing(SqliteEventStore(path, EVENTS)) as store:
        events = [envelope("new", 1), envelope("new", 2)]
        for event in events:
            store.append("new", event.version - 1, [event])
        after = str(last) if last else None
        assert list(store.follow(after)) == [(str(last + n), e) for n, e in enumerate(events, 1)]


# --- all or nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", old_files())
def test_a_migrated_file_has_the_current_version(name: str, tmp_path: Path) -> None:
    migrate(path := old_file(tmp_path / "old.db", name))
    assert version_of(path) == SCHEMA_VERSION


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        query = "SELECT indexed FROM books_3 WHERE book_id = ?"
        (indexed,) = old.execute(query, (EMMA,)).fetchone()
        old.execute("UPDATE books_3 SET indexed = 'damaged' WHERE book_id = ?", (EMMA,))
        old.commit()
    before = all_rows(path)
    with pytest.raises(sqlite3.OperationalError):
        migrate(path)
    assert all_rows(path) == before
    with closing(sqlite3.connect(path)) as old:
        old.execute("UPDATE books_3 SET indexed = ? WHERE book_id = ?", (indexed, EMMA))
        old.commit()
    migrate(path)
    assert all_rows(path).keys() > {"views_2", "views_3"}


@pytest.mark.parametrize("name", old_files())
def test_a_file_that_another_process_is_migrating_is_unavailable(name: str, tmp_path: Path) -> None:
    path = old_file(tmp_path / "old.db", name)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            closing(SqliteEventStore(path, EVENTS, busy_seconds=0.01)) as store,
            pytest.raises(StoreUnavailable, match="another process; try again"),
        ):
            store.check()
