"""Idempotency-Key on POST, PATCH and DELETE."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.config import PROBLEM_TYPES
from tests.support.api import Api, load_app
from tests.support.example import BOOKS, EMMA, EMMAS_ISBN
from tests.support.gateway import ANN, BOB, Gateway, HttpResponse

KEY = {"Idempotency-Key": "key-1"}
KEY_REUSED = f"{PROBLEM_TYPES}key-reused"


def essence(response: HttpResponse) -> tuple[Any, ...]:
    """Return what a repeat's response has in common with the first one."""
    shared = {name: response.headers.get(name) for name in ("content-type", "etag", "location")}
    return response.status, shared, response.text


def versions(api: Api, book_id: str) -> list[int]:
    return [event["version"] for event in api.history(book_id).json["items"]]


def test_a_repeated_addition_gets_the_first_response(api: Api) -> None:
    first, repeat = api.add(EMMA, KEY), api.add(EMMA, KEY)

    assert essence(repeat) == essence(first)


def test_only_the_repeat_is_marked_as_replayed(api: Api) -> None:
    first, repeat = api.add(EMMA, KEY), api.add(EMMA, KEY)

    assert "idempotent-replayed" not in first.headers
    assert repeat.headers["idempotent-replayed"] == "true"


def test_a_repeated_addition_adds_one_book(api: Api) -> None:
    for _ in range(3):
        api.add({**EMMA, "isbn": EMMAS_ISBN}, KEY)
    api.project()

    assert api.titles() == ["Emma"]


def test_a_repeated_revision_gets_the_first_response_and_makes_one_event(api: Api) -> None:
    book_id = api.added()
    first, repeat = (api.revise(book_id, {"title": "E"}, KEY) for _ in range(2))

    assert essence(repeat) == essence(first)
    assert versions(api, book_id) == [1, 2]


def test_a_repeated_removal_gets_the_first_response(api: Api) -> None:
    book_id = api.added()
    first, repeat = (api.remove(book_id, KEY) for _ in range(2))

    assert essence(repeat) == essence(first)


def test_a_repeat_gets_the_first_version_whatever_has_happened_since(api: Api) -> None:
    book_id = api.added()
    first = api.revise(book_id, {"title": "Two"}, KEY)
    api.revise(book_id, {"title": "Three"})

    assert essence(api.revise(book_id, {"title": "Two"}, KEY)) == essence(first)


def test_a_repeat_is_recognised_after_the_book_was_removed(api: Api) -> None:
    added = api.add(EMMA, KEY)
    revision = {"Idempotency-Key": "key-2"}
    revised = api.revise(added.json["id"], {"title": "Two"}, revision)
    api.remove(added.json["id"])

    assert essence(api.add(EMMA, KEY)) == essence(added)
    assert essence(api.revise(added.json["id"], {"title": "Two"}, revision)) == essence(revised)


def test_a_repeat_is_recognised_before_if_match(api: Api) -> None:
    book_id = api.added()
    headers = {**KEY, "If-Match": '"1"'}
    first = api.revise(book_id, {"title": "Two"}, headers)

    assert essence(api.revise(book_id, {"title": "Two"}, headers)) == essence(first)


def test_a_repeat_is_recognised_before_its_isbn_is_checked(api: Api) -> None:
    book = {**EMMA, "isbn": EMMAS_ISBN}
    first = api.add(book, KEY)
    api.revise(first.json["id"], {"isbn": None})
    api.add(book)

    assert essence(api.add(book, KEY)) == essence(first)


def test_a_late_repeat_of_a_request_that_changed_nothing_undoes_nothing(api: Api) -> None:
    book_id = api.added(title="Emma")
    api.revise(book_id, {"title": "Emma"}, KEY)
    api.revise(book_id, {"title": "Another's work"}, caller=BOB)

    late = api.revise(book_id, {"title": "Emma"}, KEY)
    api.project()

    assert late.headers["idempotent-replayed"] == "true"
    assert api.get(book_id).json["title"] == "Another's work"


def test_equal_json_written_differently_is_the_same_request(api: Api) -> None:
    first_letter, rest = EMMA["title"][0], EMMA["title"][1:]
    spaced = json.dumps(dict(reversed(list(EMMA.items()))), indent=1)
    escaped = spaced.replace(f'"{first_letter}{rest}"', f'"\\u{ord(first_letter):04x}{rest}"')
    first = api.add(EMMA, KEY)

    target, headers = BOOKS, {**KEY, "Content-Type": "application/json"}
    repeat = api.gateway.send("POST", target, headers=headers, body=escaped.encode(), caller=ANN)

    assert essence(repeat) == essence(first)


def test_a_key_reused_for_another_book_returns_422(api: Api) -> None:
    api.add(EMMA, KEY)

    response = api.add({**EMMA, "title": "Persuasion"}, KEY)

    assert (response.status, response.json["type"]) == (422, KEY_REUSED)


def test_a_key_reused_for_an_invalid_book_is_reported_as_reused(api: Api) -> None:
    api.add(EMMA, KEY)

    assert api.add({"title": ""}, KEY).json["type"] == KEY_REUSED


def test_a_key_reused_for_another_patch_returns_422(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)

    assert api.revise(book_id, {"title": "Three"}, KEY).status == 422


def test_a_key_of_a_revision_cannot_be_reused_for_a_removal(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)

    assert api.remove(book_id, KEY).status == 422


def test_a_key_reused_for_a_refused_patch_is_reported_as_reused(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)
    api.remove(book_id)

    response = api.revise(book_id, {"title": ""}, {**KEY, "If-Match": '"9"'})

    assert response.json["type"] == KEY_REUSED


def test_one_key_may_be_used_for_two_books(api: Api) -> None:
    first, second = api.added(), api.added()

    assert [api.revise(b, {"title": b}, KEY).status for b in (first, second)] == [200, 200]


def test_a_key_belongs_to_its_caller(api: Api) -> None:
    mine, others = api.add(EMMA, KEY), api.add({**EMMA, "title": "Persuasion"}, KEY, BOB)

    assert others.status == 201
    assert others.json["id"] != mine.json["id"]


def test_a_key_of_an_addition_cannot_be_reused_for_a_patch_with_the_same_body(api: Api) -> None:
    book_id = api.add(EMMA, KEY).json["id"]

    assert api.revise(book_id, EMMA, KEY).status == 422


def test_a_refused_request_is_not_remembered_and_its_repeat_is_decided_again(api: Api) -> None:
    owner = api.added(isbn=EMMAS_ISBN)
    book = {**EMMA, "isbn": EMMAS_ISBN}
    refused = api.add(book, KEY)
    api.remove(owner)

    repeat = api.add(book, KEY)

    assert (refused.status, repeat.status) == (409, 201)
    assert "idempotent-replayed" not in repeat.headers


def test_a_key_of_a_refused_request_may_be_reused_for_a_corrected_one(api: Api) -> None:
    assert [api.add(book, KEY).status for book in ({"title": ""}, EMMA)] == [422, 201]


@pytest.mark.parametrize("key", ["k", "k" * 255, " ", '"quoted"', "~!@#$%^&*()"])
def test_any_printable_ascii_is_a_valid_key(api: Api, key: str) -> None:
    assert api.add(EMMA, {"Idempotency-Key": key}).status == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb", "\u007f"])
def test_an_invalid_key_returns_400(api: Api, key: str) -> None:
    assert api.add(EMMA, {"Idempotency-Key": key}).status == 400


def test_the_name_of_the_header_is_case_insensitive(api: Api) -> None:
    api.add(EMMA, {"idempotency-key": "key-1"})

    assert "idempotent-replayed" in api.add(EMMA, {"IDEMPOTENCY-KEY": "key-1"}).headers


def test_concurrent_repeats_of_a_request_make_one_book_and_get_equal_responses(api: Api) -> None:
    book = {**EMMA, "isbn": EMMAS_ISBN}
    # An app each, as in Lambda: an execution environment has one request at a time.
    apis = [Api(Gateway((load_app("command"),))) for _ in range(8)]
    with ThreadPoolExecutor(len(apis)) as pool:
        responses = list(pool.map(lambda one: one.add(book, KEY), apis))
    api.project()

    assert len({r.text for r in responses}) == 1
    assert sum("idempotent-replayed" not in r.headers for r in responses) == 1
    assert versions(api, responses[0].json["id"]) == [1]
