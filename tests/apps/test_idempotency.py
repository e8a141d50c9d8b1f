"""Idempotency-Key on POST, PATCH and DELETE."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.config import PROJECT_NAME
from tests.support.api import Api, load_app
from tests.support.example import BOOKS, EMMA, EMMAS_ISBN
from tests.support.gateway import ANN, BOB, Answer, Gateway

KEY = {"Idempotency-Key": "key-1"}
KEY_REUSED = f"urn:{PROJECT_NAME}:problem:key-reused"


def essence(answer: Answer) -> tuple[Any, ...]:
    """What a repeat has in common with the first answer."""
    shared = {name: answer.headers.get(name) for name in ("content-type", "etag", "location")}
    return answer.status, shared, answer.text


def versions(api: Api, book_id: str) -> list[int]:
    return [event["version"] for event in api.history(book_id).json["items"]]


def test_a_repeated_addition_gets_the_first_answer(api: Api) -> None:
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


def test_a_repeated_revision_gets_the_first_answer_and_makes_one_event(api: Api) -> None:
    book_id = api.added()
    first, repeat = (api.revise(book_id, {"title": "E"}, KEY) for _ in range(2))

    assert essence(repeat) == essence(first)
    assert versions(api, book_id) == [1, 2]


def test_a_repeated_removal_gets_the_first_answer(api: Api) -> None:
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


def test_a_repeat_is_recognised_before_the_isbn_is_found_taken(api: Api) -> None:
    book = {**EMMA, "isbn": EMMAS_ISBN}
    first = api.add(book, KEY)
    api.revise(first.json["id"], {"isbn": None})
    api.add(book)

    assert essence(api.add(book, KEY)) == essence(first)


def test_the_late_repeat_of_a_request_that_changed_nothing_undoes_nothing(api: Api) -> None:
    book_id = api.added(title="Emma")
    api.revise(book_id, {"title": "Emma"}, KEY)
    api.revise(book_id, {"title": "Another's work"}, caller=BOB)

    late = api.revise(book_id, {"title": "Emma"}, KEY)
    api.project()

    assert late.headers["idempotent-replayed"] == "true"
    assert api.get(book_id).json["title"] == "Another's work"


def test_bodies_that_say_the_same_in_other_letters_are_one_request(api: Api) -> None:
    spaced = (
        json.dumps(dict(reversed(list(EMMA.items()))), indent=1)
        .replace("Emma", "\\u0045mma")
        .encode()
    )
    first = api.add(EMMA, KEY)

    target, headers = BOOKS, {**KEY, "Content-Type": "application/json"}
    repeat = api.gateway.send("POST", target, headers=headers, body=spaced, caller=ANN)

    assert essence(repeat) == essence(first)


def test_a_key_with_another_book_is_answered_with_422(api: Api) -> None:
    api.add(EMMA, KEY)

    answer = api.add({**EMMA, "title": "Persuasion"}, KEY)

    assert (answer.status, answer.json["type"]) == (422, KEY_REUSED)


def test_a_key_with_another_book_that_is_invalid_is_answered_as_reused(api: Api) -> None:
    api.add(EMMA, KEY)

    assert api.add({"title": ""}, KEY).json["type"] == KEY_REUSED


def test_a_key_with_another_patch_is_answered_with_422(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)

    assert api.revise(book_id, {"title": "Three"}, KEY).status == 422


def test_a_key_of_a_revision_is_not_one_of_a_removal(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)

    assert api.remove(book_id, KEY).status == 422


def test_a_key_with_a_patch_that_any_rule_refuses_is_answered_as_reused(api: Api) -> None:
    book_id = api.added()
    api.revise(book_id, {"title": "Two"}, KEY)
    api.remove(book_id)

    answer = api.revise(book_id, {"title": ""}, {**KEY, "If-Match": '"9"'})

    assert answer.json["type"] == KEY_REUSED


def test_one_key_may_serve_two_books(api: Api) -> None:
    first, second = api.added(), api.added()

    assert [api.revise(b, {"title": b}, KEY).status for b in (first, second)] == [200, 200]


def test_a_key_belongs_to_its_caller(api: Api) -> None:
    mine, others = api.add(EMMA, KEY), api.add({**EMMA, "title": "Persuasion"}, KEY, BOB)

    assert others.status == 201
    assert others.json["id"] != mine.json["id"]


def test_a_key_of_an_addition_may_not_serve_a_patch_of_the_same_content(api: Api) -> None:
    book_id = api.add(EMMA, KEY).json["id"]

    assert api.revise(book_id, EMMA, KEY).status == 422


def test_a_refused_request_leaves_nothing_so_its_repeat_is_decided_afresh(api: Api) -> None:
    owner = api.added(isbn=EMMAS_ISBN)
    book = {**EMMA, "isbn": EMMAS_ISBN}
    refused = api.add(book, KEY)
    api.remove(owner)

    repeat = api.add(book, KEY)

    assert (refused.status, repeat.status) == (409, 201)
    assert "idempotent-replayed" not in repeat.headers


def test_a_key_whose_request_was_refused_may_come_with_a_mended_request(api: Api) -> None:
    assert [api.add(book, KEY).status for book in ({"title": ""}, EMMA)] == [422, 201]


@pytest.mark.parametrize("key", ["k", "k" * 255, " ", '"quoted"', "~!@#$%^&*()"])
def test_any_printable_ascii_is_a_key(api: Api, key: str) -> None:
    assert api.add(EMMA, {"Idempotency-Key": key}).status == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb", "\u007f"])
def test_what_is_no_key_is_answered_with_400(api: Api, key: str) -> None:
    assert api.add(EMMA, {"Idempotency-Key": key}).status == 400


def test_the_name_of_the_header_has_no_case(api: Api) -> None:
    api.add(EMMA, {"idempotency-key": "key-1"})

    assert "idempotent-replayed" in api.add(EMMA, {"IDEMPOTENCY-KEY": "key-1"}).headers


def test_the_same_request_many_times_at_once_makes_one_book_and_equal_answers(api: Api) -> None:
    book = {**EMMA, "isbn": EMMAS_ISBN}
    # An app each, as in Lambda: an execution environment has one request at a time.
    copies = [Api(Gateway((load_app("command"),))) for _ in range(8)]
    with ThreadPoolExecutor(len(copies)) as pool:
        answers = list(pool.map(lambda copy: copy.add(book, KEY), copies))
    api.project()

    assert len({a.text for a in answers}) == 1
    assert sum("idempotent-replayed" not in a.headers for a in answers) == 1
    assert versions(api, answers[0].json["id"]) == [1]
