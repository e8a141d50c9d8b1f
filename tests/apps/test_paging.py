"""Pages, cursors and Link headers of listings and of histories."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.example import BOOKS, EMMA, FILTER, FILTERED
from tests.support.paging import linked, walk


@pytest.fixture
def shelf(api: Api) -> Api:
    for number in range(7):
        api.added(title=f"Book {number}", **FILTERED)
    return api


@pytest.mark.parametrize(
    "query",
    [
        "limit=3",
        "limit=1",
        "limit=7",
        "limit=2&sort=title",
        "limit=2&q=book",
        f"{FILTER}=S+%26+T&limit=3",
    ],
)
def test_the_links_visit_every_book_exactly_once(shelf: Api, query: str) -> None:
    titles = [f"Book {number}" for number in range(7)]

    assert walk(shelf, f"{BOOKS}?{query}", "title") == titles


def test_the_links_of_a_descending_listing_go_backwards(shelf: Api) -> None:
    titles = [f"Book {number}" for number in reversed(range(7))]

    assert walk(shelf, f"{BOOKS}?sort=-title&limit=2", "title") == titles


def test_books_added_and_removed_between_pages_do_not_shift_the_others(shelf: Api) -> None:
    first = shelf.get("?limit=3")
    shelf.added(title="Book 0.5")
    shelf.remove(first.json["items"][0]["id"])
    shelf.project()

    second = linked(shelf, first, f"{BOOKS}?limit=3")

    assert [i["title"] for i in second.json["items"]] == ["Book 3", "Book 4", "Book 5"]


def test_next_in_the_body_is_the_cursor_of_the_link(shelf: Api) -> None:
    response = shelf.get("?limit=3")

    assert shelf.get(f"?limit=3&cursor={response.json['next']}").json == (
        linked(shelf, response, f"{BOOKS}?limit=3").json
    )


def test_the_last_page_has_neither_next_nor_link(shelf: Api) -> None:
    response = shelf.get("?limit=7")

    assert response.json.keys() == {"items"}
    assert "link" not in response.headers


def test_a_page_has_20_items_by_default(shelf: Api) -> None:
    for number in range(20):
        shelf.add({**EMMA, "title": str(number)})
    shelf.project()

    assert len(shelf.get().json["items"]) == 20


def test_a_page_may_have_100_items(shelf: Api) -> None:
    assert shelf.get("?limit=100").status == 200


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "1.0", "1e1", "x", "٣", "9" * 5_000, "+1", "%00"]
)
def test_an_invalid_limit_returns_400(shelf: Api, limit: str) -> None:
    book_id = shelf.get("?limit=1").json["items"][0]["id"]

    assert shelf.get(f"?limit={limit}").status == 400
    assert shelf.history(book_id, f"?limit={limit}").status == 400


def test_the_limit_may_change_from_page_to_page(shelf: Api) -> None:
    cursor = shelf.get("?limit=1").json["next"]

    assert len(shelf.titles(f"?limit=5&cursor={cursor}")) == 5


@pytest.mark.parametrize(
    "other",
    [
        "",
        "&sort=-title",
        f"&{FILTER}=t",
        "&q=book",
        f"&{FILTER}=s+%26+t&sort=-title",
        f"&{FILTER}=s+%26+t&q=book",
    ],
)
def test_a_cursor_of_another_listing_returns_400(shelf: Api, other: str) -> None:
    cursor = shelf.get(f"?limit=1&{FILTER}=s+%26+t").json["next"]

    assert shelf.get(f"?limit=1&{FILTER}=s+%26+t&cursor={cursor}").status == 200
    assert shelf.get(f"?limit=1{other}&cursor={cursor}").status == 400


def test_a_cursor_is_valid_for_the_same_words_and_filters_in_another_case(
    shelf: Api,
) -> None:
    cursor = shelf.get(f"?limit=1&{FILTER}=s+%26+t&q=book").json["next"]

    assert shelf.get(f"?limit=1&{FILTER}=S+%26+T&q=BOOK&cursor={cursor}").status == 200


def test_a_cursor_of_a_history_is_invalid_for_a_listing_and_for_another_history(shelf: Api) -> None:
    mine, other = (item["id"] for item in shelf.get("?limit=2").json["items"])
    for book_id in (mine, other):
        shelf.revise(book_id, {"title": "Revised"})
    cursor = shelf.history(mine, "?limit=1").json["next"]

    assert shelf.history(mine, f"?cursor={cursor}").status == 200
    assert shelf.history(other, f"?cursor={cursor}").status == 400
    assert shelf.get(f"?cursor={cursor}").status == 400
    listing = shelf.get("?limit=1").json["next"]
    assert shelf.history(mine, f"?cursor={listing}").status == 400


GARBAGE = [
    "x",
    "%00",
    "é",
    "====",
    "bnVsbA",
    "W10",
    "e30",
    "MQ",
    "IngiCg",
    "W1tdXQ",
    "a" * 5_000,
    urlsafe_b64encode(b"[" * 3_000).decode(),
    urlsafe_b64encode(b'["' + b"9" * 5_000).decode(),
    urlsafe_b64encode(b"1" * 5_000).decode(),
    urlsafe_b64encode(b'["\xff"]').decode(),
]


@pytest.mark.parametrize("cursor", GARBAGE)
def test_an_invented_cursor_returns_400(shelf: Api, cursor: str) -> None:
    book_id = shelf.get("?limit=1").json["items"][0]["id"]

    assert shelf.get(f"?cursor={cursor}").status == 400
    assert shelf.history(book_id, f"?cursor={cursor}").status == 400


FORGED_POSITIONS: list[list[Any]] = [
    [],
    ["x"],
    ["x", "y", "z"],
    ["x", None],
    ["x", 1],
    [["x"], "y"],
    [{}, {}],
    ["k" * 5_000, "y"],
    ["\ud800", "y"],
    ["x", "\udfff"],
]


@pytest.mark.parametrize("position", FORGED_POSITIONS, ids=lambda p: ascii(p)[:30])
def test_a_cursor_with_a_position_of_another_shape_returns_400(
    shelf: Api, position: list[Any]
) -> None:
    cursor = shelf.get("?limit=1").json["next"]
    seal = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]

    forged = urlsafe_b64encode(json.dumps([seal, *position]).encode()).decode().rstrip("=")

    assert shelf.get(f"?cursor={forged}").status == 400


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.5", "9" * 12, ""])
def test_a_history_cursor_with_an_invalid_version_returns_400(shelf: Api, version: str) -> None:
    book_id = shelf.get("?limit=1").json["items"][0]["id"]
    shelf.revise(book_id, {"title": "Revised"})
    cursor = shelf.history(book_id, "?limit=1").json["next"]
    seal = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]

    forged = urlsafe_b64encode(json.dumps([seal, version]).encode()).decode().rstrip("=")

    assert shelf.history(book_id, f"?cursor={forged}").status == 400


def test_a_cursor_is_url_safe(shelf: Api) -> None:
    cursor = shelf.get("?limit=1").json["next"]

    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
