"""Stores of earlier versions: nothing in them is lost, and new commands continue them."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.bootstrap import stores
from tests.apps.old_stores import OldStore, opened
from tests.fixtures.stores.exchanges import recorded, repeat, reuse_key
from tests.fixtures.stores.recording import recordings
from tests.fixtures.stores.scenario import EMMAS_ISBN, FREE_ISBN
from tests.fixtures.stores.sending import BOOKS
from tests.fixtures.stores.snapshots import Snapshot, comparable, take_snapshot

JSON = {"Content-Type": "application/json"}
ALL = ""
CHANGES = {
    "title": "Changed",
    "authors": ["Somebody Else"],
    "subjects": ["changes"],
    "language": "eo",
}
CHANGED = ("subject=changes", "language=eo", "author=somebody+else", "q=chan")


@pytest.fixture(params=recordings())
def as_found(
    request: pytest.FixtureRequest,
    environment: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[OldStore]:
    with opened(request.param, tmp_path, monkeypatch) as store:
        yield store


@pytest.fixture
def old(as_found: OldStore, no_waiting: None) -> OldStore:
    """Return a store that this version has open, rebuilt where its listings need that."""
    if as_found.needs_rebuild:
        as_found.rebuild()
    return as_found


@pytest.fixture(params=recordings())
def rebuilding(
    request: pytest.FixtureRequest,
    environment: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[OldStore]:
    """Yield a store whose rebuild was interrupted."""
    with opened(request.param, tmp_path, monkeypatch, "-rebuilding") as store:
        yield store


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a rebuild from waiting for the requests that still read the old read model."""
    never = SimpleNamespace(sleep=lambda _: None, monotonic=lambda: 0.0, time=lambda: 0.0)
    monkeypatch.setattr(stores, "time", never)


def command(
    old: OldStore, method: str, book: str | None = None, body: Any = None
) -> tuple[int, Any]:
    """Send a command without a key; return the status and the JSON of its response."""
    target = BOOKS if book is None else f"{BOOKS}/{old.recording.ids[book]}"
    content = None if body is None else json.dumps(body).encode()
    response = old.send(method, target, JSON, content, "ann")
    return response.status, response.json


def snapshot(old: OldStore, *queries: str, **new_books: str) -> Snapshot:
    """Return what the query service shows now."""
    ids = {**old.recording.ids, **new_books}
    return take_snapshot(old.send, ids, [*old.recording.snapshot.listings, *queries])


def books_left(old: OldStore) -> list[str]:
    return [name for name, book in old.recording.snapshot.books.items() if book is not None]


def test_books_listings_and_histories_are_unchanged(old: OldStore) -> None:
    before, now = old.recording.snapshot, snapshot(old)

    assert now.books == before.books
    assert now.listings == before.listings
    assert now.as_of == before.as_of
    assert comparable(now.histories) == comparable(before.histories)


def test_keys_replay_the_first_response(old: OldStore) -> None:
    for first in old.recording.exchanges:
        response = repeat(old.send, first)
        assert recorded(response) == first.response
        assert response.headers["idempotent-replayed"] == "true"


def test_keys_are_refused_with_another_request(old: OldStore) -> None:
    for first in old.recording.exchanges:
        response = reuse_key(old.send, first)
        problem = json.loads(response.text)["type"].rpartition("/")[2]
        assert (response.status, problem) == (422, "key-reused")


def test_repeated_and_refused_requests_change_nothing(old: OldStore) -> None:
    for first in old.recording.exchanges:
        repeat(old.send, first)
        reuse_key(old.send, first)
    old.project()
    now = snapshot(old)

    assert now.listings == old.recording.snapshot.listings
    assert comparable(now.histories) == comparable(old.recording.snapshot.histories)


def test_projecting_again_changes_nothing(old: OldStore) -> None:
    old.project()

    assert snapshot(old).listings == old.recording.snapshot.listings


def test_rebuilt_read_model_shows_the_same(old: OldStore, no_waiting: None) -> None:
    old.rebuild()
    now = snapshot(old)

    assert now.books == old.recording.snapshot.books
    assert now.listings == old.recording.snapshot.listings


def test_a_store_whose_listings_need_a_rebuild_shows_its_books_and_says_so(
    as_found: OldStore,
) -> None:
    books = as_found.recording.snapshot.books
    for name, book in as_found.recording.ids.items():
        response = as_found.send("GET", f"{BOOKS}/{book}")
        assert response.status == (404 if books[name] is None else 200)
    listing = as_found.send("GET", BOOKS)
    assert listing.status == (503 if as_found.needs_rebuild else 200)


def test_interrupted_rebuild_shows_the_old_read_model(rebuilding: OldStore) -> None:
    if rebuilding.needs_rebuild:
        assert rebuilding.send("GET", BOOKS).status == 503
    else:
        assert snapshot(rebuilding).listings == rebuilding.recording.snapshot.listings


def test_interrupted_rebuild_is_finished(rebuilding: OldStore, no_waiting: None) -> None:
    rebuilding.rebuild()
    now = snapshot(rebuilding)

    assert now.books == rebuilding.recording.snapshot.books
    assert now.listings == rebuilding.recording.snapshot.listings


def test_commands_during_an_interrupted_rebuild_are_kept(
    rebuilding: OldStore, no_waiting: None
) -> None:
    for book in books_left(rebuilding):
        assert command(rebuilding, "PATCH", book, CHANGES)[0] == 200
    rebuilding.project()
    before = None if rebuilding.needs_rebuild else snapshot(rebuilding, *CHANGED)
    rebuilding.rebuild()
    after = snapshot(rebuilding, *CHANGED)

    assert before in (None, after)
    for query in CHANGED:
        assert set(after.listings[query]) == set(books_left(rebuilding))


def test_revised_and_removed_books_leave_no_index_entries(old: OldStore, no_waiting: None) -> None:
    revised, removed = books_left(old)[::2], books_left(old)[1::2]
    statuses = [command(old, "PATCH", book, CHANGES)[0] for book in revised]
    statuses += [command(old, "DELETE", book)[0] for book in removed]
    old.project()
    by_the_projector = snapshot(old, *CHANGED)
    old.rebuild()

    assert set(statuses) == {200}
    for query in (ALL, *CHANGED):
        assert set(by_the_projector.listings[query]) == set(revised)
    assert by_the_projector.listings["author=jane+austen"] == []
    assert snapshot(old, *CHANGED) == by_the_projector


def test_books_continue_at_their_next_version(old: OldStore) -> None:
    for book in books_left(old):
        events = old.recording.snapshot.histories[book]
        _, written = command(old, "PATCH", book, CHANGES)
        assert written["version"] == len(events) + 1


def test_held_isbn_is_refused_with_its_book(old: OldStore) -> None:
    status, problem = command(
        old, "POST", body={"title": "A", "authors": ["B"], "isbn": EMMAS_ISBN}
    )

    assert (status, problem["book_id"]) == (409, old.recording.ids["emma"])


def test_released_isbn_can_be_taken(old: OldStore) -> None:
    status, added = command(old, "POST", body={"title": "A", "authors": ["B"], "isbn": FREE_ISBN})
    old.project()
    query = f"isbn={FREE_ISBN}"

    assert status == 201
    assert snapshot(old, query, new=added["id"]).listings[query] == ["new"]


def test_isbn_of_a_removed_book_can_be_taken(old: OldStore) -> None:
    command(old, "DELETE", "emma")

    assert command(old, "POST", body={"title": "A", "authors": ["B"], "isbn": EMMAS_ISBN})[0] == 201
