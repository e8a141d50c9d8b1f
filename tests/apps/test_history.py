"""GET /v1/catalog/books/{id}/history."""

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.api import UNKNOWN, Api
from tests.support.example import EMMA, EMMAS_ISBN
from tests.support.gateway import ANN, BOB, REQUEST_ID, Caller


@pytest.fixture
def book_id(api: Api) -> str:
    book_id = api.added(title="One", isbn=EMMAS_ISBN)
    api.revise(book_id, {"title": "Two", "isbn": None}, {"X-Correlation-Id": "case-7"}, BOB)
    api.remove(book_id)
    api.project()
    return book_id


def events(api: Api, book_id: str, query: str = "") -> list[dict[str, Any]]:
    return api.history(book_id, query).json["items"]  # type: ignore[no-any-return]


def test_a_history_has_every_event_oldest_first(api: Api, book_id: str) -> None:
    assert [(e["version"], e["type"]) for e in events(api, book_id)] == [
        (1, "BookAdded"),
        (2, "BookRevised"),
        (3, "BookRemoved"),
    ]


def test_an_event_has_its_changes(api: Api, book_id: str) -> None:
    added, revised, removed = (event["data"] for event in events(api, book_id))

    assert added == {"details": {**EMMA, "title": "One", "isbn": EMMAS_ISBN}}
    assert revised == {"changes": {"title": "Two", "isbn": None}}
    assert removed == {}


def test_an_event_has_its_actor_and_the_ids_of_its_request(api: Api, book_id: str) -> None:
    added, revised, _ = events(api, book_id)

    assert (added["actor"], added["correlation_id"]) == ("ann", REQUEST_ID)
    assert (revised["actor"], revised["correlation_id"]) == ("bob", "case-7")
    assert revised["causation_id"] == REQUEST_ID


def test_every_event_has_its_own_id(api: Api, book_id: str) -> None:
    assert len({event["event_id"] for event in events(api, book_id)}) == 3


def test_a_history_does_not_wait_for_the_projector(api: Api) -> None:
    assert len(events(api, api.add().json["id"])) == 1


def test_a_history_is_read_in_pages(api: Api, book_id: str) -> None:
    first = api.history(book_id, "?limit=2").json
    second = api.history(book_id, f"?limit=2&cursor={first['next']}").json

    assert [e["version"] for e in first["items"] + second["items"]] == [1, 2, 3]
    assert "next" not in second


def test_the_history_of_an_unknown_book_returns_404(api: Api) -> None:
    assert api.history(UNKNOWN).status == 404


def after(moment: str, **more: float) -> str:
    return quote((datetime.fromisoformat(moment) + timedelta(**more)).isoformat())


def test_as_of_returns_the_book_as_it_was_at_that_time(api: Api, book_id: str) -> None:
    first, second, _ = events(api, book_id)

    titles = [
        api.history(book_id, f"?as_of={after(event['occurred_at'])}").json["title"]
        for event in (first, second)
    ]

    assert titles == ["One", "Two"]


def test_as_of_returns_the_version_at_that_time(api: Api, book_id: str) -> None:
    first, second, _ = events(api, book_id)

    book = api.history(book_id, f"?as_of={after(second['occurred_at'])}").json

    assert (book["version"], book["added_at"], book["revised_at"]) == (
        2,
        first["occurred_at"],
        second["occurred_at"],
    )


def test_as_of_before_the_book_was_added_returns_404(api: Api, book_id: str) -> None:
    moment = after(events(api, book_id)[0]["occurred_at"], microseconds=-1)

    assert api.history(book_id, f"?as_of={moment}").status == 404


def test_as_of_after_the_book_was_removed_returns_404(api: Api, book_id: str) -> None:
    moment = after(events(api, book_id)[2]["occurred_at"])

    assert api.history(book_id, f"?as_of={moment}").status == 404


@pytest.mark.parametrize(
    ("moment", "status"),
    [("9999-12-31T23:59:59-23:59", 200), ("0001-01-01T00:00:00%2B23:59", 404)],
)
def test_as_of_accepts_the_earliest_and_the_latest_time(api: Api, moment: str, status: int) -> None:
    assert api.history(api.added(), f"?as_of={moment}").status == status


@pytest.mark.parametrize("hours", [0, 5.5, -12])
def test_as_of_may_be_in_any_time_zone(api: Api, hours: float) -> None:
    book_id = api.added()
    moment = datetime.fromisoformat(events(api, book_id)[0]["occurred_at"])
    local = moment.astimezone(timezone(timedelta(hours=hours))).isoformat()

    assert api.history(book_id, f"?as_of={quote(local)}").status == 200


@pytest.mark.parametrize(
    "moment",
    ["2026", "yesterday", "2026-01-31T12:00:00", "2026-01-31T12:00:00+02:00", "%00", "NaN"],
)
def test_as_of_without_a_valid_time_and_zone_returns_400(
    api: Api, book_id: str, moment: str
) -> None:
    response = api.history(book_id, f"?as_of={moment}")

    assert response.status == 400
    assert "%2B" in response.json["detail"]


@pytest.mark.parametrize("other", ["limit=1", "cursor=x"])
def test_as_of_cannot_be_combined_with_paging(api: Api, book_id: str, other: str) -> None:
    assert api.history(book_id, f"?as_of=2026-01-31T12:00:00Z&{other}").status == 400


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (ANN, 200),
        (Caller("auditor", "books:audit"), 200),
        (Caller("writer", "books:write"), 403),
        (Caller("nobody", "other"), 403),
        (None, 401),
    ],
    ids=str,
)
def test_a_history_requires_the_scope_of_auditors(
    api: Api, book_id: str, caller: Caller | None, status: int
) -> None:
    assert api.get(f"{book_id}/history", caller=caller).status == status
