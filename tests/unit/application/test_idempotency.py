"""Idempotency from the log (docs/decisions/0002-idempotency.md)."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.application.errors import AlreadyClaimed, KeyReused, PreconditionFailed
from core.application.handling import Accepted
from core.application.requests import Actor
from core.domain.details import BookDetails
from core.domain.events import BookAdded, BookRevised
from core.ports.errors import StoreUnavailable
from core.ports.event_store import NO_CLAIMS, Claims, ClaimTaken, OrderedEventStore
from core.ports.events import Envelope, NothingChanged
from core.ports.records import from_data
from core.ports.refusals import InvalidInput, NotFound
from tests.support.books import envelope
from tests.support.desk import ANN, BOB, Desk, request
from tests.support.example import EMMA
from tests.support.keyed_commands import COMMANDS, WITH_ISBN, Send, own_events
from tests.support.unreliable_stores import losing_the_response


@pytest.mark.parametrize("what", COMMANDS)
def test_a_repeat_gets_the_first_response_and_appends_no_event(
    desk: Desk, book: str, what: str
) -> None:
    first, repeat = COMMANDS[what](desk, book), COMMANDS[what](desk, book)

    assert repeat == Accepted(first.id, first.version, replayed=True)
    assert len(own_events(desk, first)) == 1


@pytest.mark.parametrize("what", COMMANDS)
def test_a_repeat_gets_the_first_response_after_others_changed_and_removed_the_book(
    desk: Desk, book: str, what: str
) -> None:
    first = COMMANDS[what](desk, book)
    if "removal" not in what:
        desk.revise(first.id, {"title": "Another's", "isbn": None}, actor=BOB)
        desk.remove(first.id, actor=BOB)
    desk.add(WITH_ISBN, actor=BOB)

    assert COMMANDS[what](desk, book) == Accepted(first.id, first.version, replayed=True)


@pytest.mark.parametrize("what", COMMANDS)
@pytest.mark.parametrize("lost", [1, 3])
def test_a_request_whose_response_was_lost_is_repeated_safely(
    desk: Desk, book: str, what: str, lost: int
) -> None:
    desk.store = losing_the_response(desk.store, lost)
    with pytest.raises(StoreUnavailable):
        COMMANDS[what](desk, book)

    repeats = [COMMANDS[what](desk, book) for _ in range(3)]

    assert len(set(repeats)) == 1
    assert repeats[0].replayed
    assert len(own_events(desk, repeats[0])) == 1


def test_without_a_key_a_repeated_revision_whose_response_was_lost_appends_no_event(
    desk: Desk, book: str
) -> None:
    desk.store = losing_the_response(desk.store)
    with pytest.raises(StoreUnavailable):
        desk.revise(book, {"title": "E"})

    assert desk.revise(book, {"title": "E"}) == Accepted(book, 2)


def test_a_command_with_a_key_that_changes_nothing_is_recorded(desk: Desk, book: str) -> None:
    first = desk.revise(book, {"title": "Emma"}, "key")
    desk.revise(book, {"title": "Another's"}, actor=BOB)

    assert desk.revise(book, {"title": "Emma"}, "key") == Accepted(
        book, first.version, replayed=True
    )
    assert len(desk.events(book)) == 3
    assert desk.events(book)[1].event == NothingChanged()


OTHERS: dict[str, Send] = {
    "another patch": lambda desk, book: desk.revise(book, {"title": "F"}, "key"),
    "an empty patch": lambda desk, book: desk.revise(book, {}, "key"),
    "an invalid patch": lambda desk, book: desk.revise(book, {"title": ""}, "key"),
    "a patch under a stale condition": lambda desk, book: desk.revise(book, {"a": 1}, "key", {9}),
    "a removal": lambda desk, book: desk.remove(book, "key"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_key_is_refused_for_another_request(desk: Desk, book: str, other: str) -> None:
    desk.revise(book, {"title": "E"}, "key")

    with pytest.raises(KeyReused):
        OTHERS[other](desk, book)


@pytest.mark.parametrize("other", [{**EMMA, "title": "E"}, {"title": ""}, [], None, 7])
def test_a_key_is_refused_for_the_addition_of_another_book(desk: Desk, other: Any) -> None:
    desk.add(EMMA, "key")

    with pytest.raises(KeyReused):
        desk.add(other, "key")


def test_a_key_of_an_addition_is_refused_for_a_revision_of_that_book(desk: Desk) -> None:
    added = desk.add(EMMA, "key").id

    with pytest.raises(KeyReused):
        desk.revise(added, {"title": "E"}, "key")


def test_a_key_is_scoped_to_its_caller_and_book(desk: Desk, book: str) -> None:
    other = desk.add().id
    responses = [
        desk.revise(book, {"title": "E"}, "key"),
        desk.revise(book, {"title": "F"}, "key", actor=BOB),
        desk.revise(other, {"title": "G"}, "key"),
        desk.add(EMMA, "key"),
        desk.add(EMMA, "key", BOB),
    ]

    assert not any(response.replayed for response in responses)


def test_a_refused_command_is_not_recorded_so_its_repeat_is_decided_again(desk: Desk) -> None:
    owner = desk.add(WITH_ISBN).id
    with pytest.raises(AlreadyClaimed):
        desk.add(WITH_ISBN, "key")
    desk.remove(owner)

    assert desk.add(WITH_ISBN, "key").replayed is False


@pytest.mark.parametrize(
    ("refused", "refusal"),
    [
        (lambda desk, book: desk.revise(book, {"title": ""}, "key"), InvalidInput),
        (lambda desk, book: desk.revise(book, {"title": "E"}, "key", {9}), PreconditionFailed),
        (lambda desk, book: desk.remove("nowhere", "key"), NotFound),
    ],
)
def test_a_key_of_a_refused_command_may_be_used_again(
    desk: Desk, book: str, refused: Send, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        refused(desk, book)

    assert desk.remove(book, "key").replayed is False


class ClaimFirst:
    """An event store that checks claims before versions, as a DynamoDB transaction may."""

    def __init__(self, inner: MemoryEventStore[Any]) -> None:
        self.inner = inner
        self.owners: dict[str, str] = {}

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[Any]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        taken = [name for name in claims.take if name in self.owners]
        if taken:
            raise ClaimTaken(taken[0], self.owners[taken[0]])
        self.inner.append(stream, expected_version, events, claims)
        self.owners |= dict.fromkeys(claims.take, stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def claim_first() -> OrderedEventStore[Any]:
    store: Any = ClaimFirst(MemoryEventStore())
    return store  # type: ignore[no-any-return]


def test_a_repeat_whose_isbn_is_claimed_by_the_first_request_is_replayed() -> None:
    desk = Desk(claim_first())
    first, repeat = (desk.add(WITH_ISBN, "key") for _ in range(2))

    assert repeat == Accepted(first.id, 1, replayed=True)


def test_another_book_with_the_key_is_refused_though_its_claim_comes_first() -> None:
    desk = Desk(claim_first())
    desk.add(WITH_ISBN, "key")

    with pytest.raises(KeyReused):
        desk.add({**WITH_ISBN, "title": "E"}, "key")


def test_a_claim_of_another_stream_is_reported_with_its_owner() -> None:
    desk = Desk(claim_first())
    owner = desk.add(WITH_ISBN).id

    with pytest.raises(AlreadyClaimed) as refusal:
        desk.add(WITH_ISBN, "key")
    assert refusal.value.owner == owner


def test_a_stream_id_is_derived_from_the_caller_and_the_key_alone(desk: Desk) -> None:
    first = desk.add(EMMA, "key", ANN).id
    elsewhere = Desk().add({**EMMA, "title": "E"}, "key", ANN).id

    assert first == elsewhere
    assert len({first, desk.add(EMMA, "kez", ANN).id, desk.add(EMMA, "key", BOB).id}) == 3


def test_callers_with_one_subject_and_different_issuers_do_not_share_keys(desk: Desk) -> None:
    elsewhere = Actor("https://another.test", ANN.subject)

    assert desk.add(EMMA, "key", ANN).id != desk.add(EMMA, "key", elsewhere).id


def test_a_repeat_is_recognised_after_the_rules_have_become_stricter(desk: Desk) -> None:
    # An older version of this program may have accepted it: today a title needs a character.
    accepted_then = {**EMMA, "title": ""}
    about = request("AddBook", accepted_then, "key", ANN)
    book = about.new_stream("")
    details = from_data(BookDetails, accepted_then)
    kept = envelope(book, 1, BookAdded(details=details))._replace(
        idempotency_key=about.idempotency_key,
        fingerprint=about.key.fingerprint if about.key else None,
    )
    desk.store.append(book, 0, [kept])

    assert desk.add(accepted_then, "key") == Accepted(book, 1, replayed=True)
    with pytest.raises(KeyReused):
        desk.add({**EMMA, "title": " "}, "key")


def test_a_repeat_is_recognised_by_a_record_of_before_nothing_changed_existed(
    desk: Desk, book: str
) -> None:
    # Logs of earlier versions record a command that changed nothing as a revision without changes.
    about = request("ReviseBook", {"title": "Emma"}, "key", ANN)
    record = envelope(book, 2, BookRevised(changes={}))._replace(
        idempotency_key=about.idempotency_key,
        fingerprint=about.key.fingerprint if about.key else None,
    )
    desk.store.append(book, 1, [record])
    desk.revise(book, {"title": "Another's"}, actor=BOB)

    assert desk.revise(book, {"title": "Emma"}, "key") == Accepted(book, 2, replayed=True)
    assert len(desk.events(book)) == 3
    with pytest.raises(KeyReused):
        desk.revise(book, {"title": "F"}, "key")
