"""Concurrent requests with one key, or with one EMMAS_ISBN."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.application.errors import AlreadyClaimed, KeyReused
from core.application.handling import Accepted
from core.ports.event_store import OrderedEventStore
from tests.support.desk import Desk, ids
from tests.support.example import EMMA, EMMAS_ISBN, OTHER_FIELDS
from tests.support.keyed_commands import COMMANDS, WITH_ISBN, own_events
from tests.support.racing import race
from tests.support.unreliable_stores import Intercepted


@pytest.mark.parametrize("what", COMMANDS)
def test_a_request_overtaken_by_its_own_repeat_gets_the_response_of_the_repeat(
    desk: Desk, book: str, what: str
) -> None:
    repeat = Desk(desk.store, new_id=ids("repeat"))
    responses: list[Accepted] = []
    desk.store = Intercepted(
        desk.store, before=lambda: responses.append(COMMANDS[what](repeat, book))
    )

    late = COMMANDS[what](desk, book)

    assert late == Accepted(responses[0].id, responses[0].version, replayed=True)
    assert len(own_events(desk, late)) == 1


@pytest.mark.parametrize("what", [w for w in COMMANDS if w not in ("an addition", "a removal")])
def test_a_request_overtaken_by_another_request_with_the_same_key_is_refused(
    desk: Desk, book: str, what: str
) -> None:
    other = Desk(desk.store, new_id=ids("other"))
    desk.store = Intercepted(desk.store, before=lambda: other.revise(book, {"title": "F"}, "key"))

    with pytest.raises(KeyReused):
        COMMANDS[what](desk, book)


def desks(store: OrderedEventStore[Any], number: int) -> list[Desk]:
    return [Desk(store, new_id=ids(f"desk-{n}")) for n in range(number)]


@pytest.mark.parametrize("what", COMMANDS)
def test_concurrent_repeats_of_one_request_append_one_event_and_get_equal_responses(
    desk: Desk, book: str, what: str
) -> None:
    send = COMMANDS[what]

    responses = race([partial(send, d, book) for d in desks(desk.store, 8)])

    accepted = [a for a in responses if isinstance(a, Accepted)]
    assert len(accepted) == 8
    assert len({(a.id, a.version) for a in accepted}) == 1
    assert sum(not a.replayed for a in accepted) == 1
    assert len(own_events(desk, accepted[0])) == 1


def outcomes(*attempts: Callable[[], Accepted]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in race(attempts))


@pytest.mark.parametrize("turn", range(10))
def test_of_two_concurrent_requests_with_one_key_one_is_accepted_and_one_refused(
    desk: Desk, book: str, turn: int
) -> None:
    first, second = desks(desk.store, 2)

    assert outcomes(
        lambda: first.revise(book, {"title": "First"}, "key"),
        lambda: second.revise(book, {"title": "Second"}, "key"),
    ) == ["Accepted", "KeyReused"]
    assert len(desk.events(book)) == 2


@pytest.mark.parametrize("turn", range(10))
@pytest.mark.parametrize("isbn", [None, EMMAS_ISBN])
def test_of_two_concurrent_additions_with_one_key_one_is_accepted_and_one_refused(
    desk: Desk, isbn: str | None, turn: int
) -> None:
    first, second = desks(desk.store, 2)

    assert outcomes(
        lambda: first.add({**EMMA, "isbn": isbn}, "key"),
        lambda: second.add({**EMMA, "title": "E", "isbn": isbn}, "key"),
    ) == ["Accepted", "KeyReused"]
    assert len(list(desk.store.read_all())) == 1


def test_of_concurrent_additions_with_one_isbn_one_is_accepted(desk: Desk) -> None:
    responses = race([partial(d.add, WITH_ISBN) for d in desks(desk.store, 8)])

    assert sum(isinstance(a, Accepted) for a in responses) == 1
    assert all(isinstance(a, Accepted | AlreadyClaimed) for a in responses)


def test_concurrent_revisions_of_different_fields_are_all_kept(desk: Desk, book: str) -> None:
    attempts = [
        partial(d.revise, book, {name: value})
        for d, (name, value) in zip(
            desks(desk.store, len(OTHER_FIELDS)), OTHER_FIELDS.items(), strict=True
        )
    ]

    responses = race(attempts)

    versions = sorted(a.version for a in responses if isinstance(a, Accepted))
    assert versions == list(range(2, 2 + len(OTHER_FIELDS)))
