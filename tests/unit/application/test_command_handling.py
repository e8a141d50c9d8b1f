"""Commands: load, decide, append with the expected version."""

import pytest

from core.application.errors import AlreadyClaimed, LastingConflict, PreconditionFailed
from core.application.handling import MAX_ATTEMPTS, Accepted
from core.domain.events import BookAdded, BookRemoved, BookRevised
from core.ports.decider import Claim
from core.ports.errors import StoreUnavailable
from core.ports.refusals import InvalidInput, NotFound
from tests.support.desk import ANN, BOB, NOON, Desk
from tests.support.example import EMMA, EMMAS_ISBN
from tests.support.unreliable_stores import Broken, Intercepted


def test_a_new_book_is_at_version_1_under_a_new_id(desk: Desk) -> None:
    assert desk.add() == Accepted("id-1", 1)


def test_a_new_book_costs_one_write_and_no_read() -> None:
    store = Intercepted(Desk().store)
    Desk(store).add(EMMA, "key-1")

    assert (store.loads, store.appends) == (0, 1)


def test_a_revision_costs_one_read_and_one_write(desk: Desk) -> None:
    book = desk.add().id
    desk.store = store = Intercepted(desk.store)
    desk.revise(book, {"title": "E"})

    assert (store.loads, store.appends) == (1, 1)


def test_each_command_appends_its_event(desk: Desk) -> None:
    book = desk.add().id
    desk.revise(book, {"title": "E"})
    desk.remove(book)

    assert [type(e.event) for e in desk.events(book)] == [BookAdded, BookRevised, BookRemoved]


def test_an_event_records_its_actor_time_and_request(desk: Desk) -> None:
    (event,) = desk.events(desk.add(actor=BOB).id)

    assert (event.actor, event.occurred_at) == ("bob", NOON)
    assert (event.correlation_id, event.causation_id) == ("correlation-1", "message-1")


def test_an_event_of_a_command_without_a_key_records_none(desk: Desk) -> None:
    (event,) = desk.events(desk.add().id)

    assert (event.idempotency_key, event.fingerprint) == (None, None)


def test_a_key_is_stored_as_a_digest_only(desk: Desk) -> None:
    (event,) = desk.events(desk.add(EMMA, "jane@example.com").id)

    assert event.idempotency_key is not None
    assert "jane" not in event.idempotency_key + event.stream


def test_a_command_that_changes_nothing_writes_nothing(desk: Desk) -> None:
    book = desk.add().id

    assert desk.revise(book, {"title": "Emma"}) == Accepted(book, 1)
    assert len(desk.events(book)) == 1


def test_a_refused_command_writes_nothing(desk: Desk) -> None:
    book = desk.add().id
    with pytest.raises(InvalidInput):
        desk.revise(book, {"title": ""})

    assert len(desk.events(book)) == 1


@pytest.mark.parametrize("if_match", [None, {1}, {7}])
def test_revising_or_removing_an_unknown_book_is_refused_whatever_the_condition(
    desk: Desk, if_match: set[int] | None
) -> None:
    with pytest.raises(NotFound):
        desk.revise("nowhere", {"title": "E"}, if_match=if_match)
    with pytest.raises(NotFound):
        desk.remove("nowhere", if_match=if_match)


@pytest.mark.parametrize("if_match", [{1}, {1, 3}, set()])
def test_a_failed_precondition_reports_the_current_version(desk: Desk, if_match: set[int]) -> None:
    book = desk.add().id
    desk.revise(book, {"title": "E"})

    with pytest.raises(PreconditionFailed) as refusal:
        desk.remove(book, if_match=if_match)
    assert refusal.value.version == 2


def test_a_command_with_a_matching_precondition_is_accepted(desk: Desk) -> None:
    book = desk.add().id

    assert desk.remove(book, if_match={1, 5}).version == 2


def test_an_isbn_belongs_to_one_book(desk: Desk) -> None:
    owner = desk.add({**EMMA, "isbn": EMMAS_ISBN}).id

    with pytest.raises(AlreadyClaimed) as refusal:
        desk.add({**EMMA, "isbn": EMMAS_ISBN})
    assert refusal.value.claim == Claim("isbn", EMMAS_ISBN)
    assert (refusal.value.owner, refusal.value.noun) == (owner, "book")


def test_an_isbn_is_released_when_its_book_is_removed_or_gets_another(desk: Desk) -> None:
    first = desk.add({**EMMA, "isbn": EMMAS_ISBN}).id
    desk.remove(first)
    second = desk.add({**EMMA, "isbn": EMMAS_ISBN}).id
    desk.revise(second, {"isbn": "9780140434156"})

    assert desk.add({**EMMA, "isbn": EMMAS_ISBN}).version == 1


def test_an_unavailable_store_is_reported() -> None:
    with pytest.raises(StoreUnavailable):
        Desk(Broken(StoreUnavailable("unavailable"))).add()


def revised_by_others(desk: Desk, book: str, times: int | None) -> Intercepted:
    """Return the desk's store, in which Bob revises the book before each of ``times`` appends."""
    other = Desk(desk.store, new_id=lambda: f"bobs-{store.appends}")

    def revise() -> None:
        if times is None or store.appends <= times:
            other.revise(book, {"title": f"Edition {store.appends}"}, actor=BOB)

    store = Intercepted(desk.store, before=revise)
    return store


def test_a_command_is_retried_on_top_of_concurrent_changes(desk: Desk) -> None:
    book = desk.add().id
    desk.store = revised_by_others(desk, book, 2)

    assert desk.revise(book, {"title": "E"}) == Accepted(book, 4)
    assert [e.actor for e in desk.events(book)] == ["ann", "bob", "bob", "ann"]


def test_a_command_is_refused_after_max_attempts_conflicts(desk: Desk) -> None:
    book = desk.add().id
    desk.store = store = revised_by_others(desk, book, None)

    with pytest.raises(LastingConflict):
        desk.revise(book, {"title": "E"})
    assert store.appends == MAX_ATTEMPTS


def test_a_concurrent_change_fails_a_precondition_without_a_retry(desk: Desk) -> None:
    book = desk.add().id
    desk.store = store = revised_by_others(desk, book, None)

    with pytest.raises(PreconditionFailed) as refusal:
        desk.revise(book, {"title": "E"}, if_match={1})
    assert (refusal.value.version, store.appends) == (2, 1)


def test_a_retry_is_decided_on_the_new_state(desk: Desk) -> None:
    book = desk.add().id
    bob = Desk(desk.store, new_id=lambda: "bobs")
    desk.store = Intercepted(desk.store, before=lambda: bob.remove(book, actor=BOB))

    with pytest.raises(NotFound):
        desk.revise(book, {"title": "E"})


def test_a_retry_changes_nothing_when_others_have_made_the_same_change(desk: Desk) -> None:
    book = desk.add().id
    bob = Desk(desk.store, new_id=lambda: "bobs")
    desk.store = Intercepted(desk.store, before=lambda: bob.revise(book, {"title": "E"}, actor=BOB))

    assert desk.revise(book, {"title": "E"}) == Accepted(book, 2)


@pytest.mark.parametrize("seconds", [-60, -0.000001, 0])
def test_time_does_not_go_back_within_a_stream_when_clocks_differ(
    desk: Desk, seconds: float
) -> None:
    book = desk.add().id
    desk.pass_time(seconds)
    desk.revise(book, {"title": "E"})
    desk.remove(book)

    assert [e.occurred_at for e in desk.events(book)] == [NOON] * 3


@pytest.mark.parametrize("seconds", [-60.000001, -86_400])
def test_the_time_of_a_clock_that_was_far_ahead_is_not_carried_on(
    desk: Desk, seconds: float
) -> None:
    book = desk.add().id
    desk.pass_time(seconds)
    desk.revise(book, {"title": "E"})

    assert desk.events(book)[1].occurred_at == desk.now


def test_time_advances_within_a_stream_with_the_clock(desk: Desk) -> None:
    book = desk.add().id
    desk.pass_time(60)
    desk.revise(book, {"title": "E"}, actor=ANN)

    first, second = desk.events(book)
    assert (second.occurred_at - first.occurred_at).total_seconds() == 60
