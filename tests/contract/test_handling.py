"""Command handling and idempotency, with every domain on every event store."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.application.errors import AlreadyClaimed, KeyReused, PreconditionFailed
from core.application.handling import Accepted, CommandHandler
from core.application.requests import Actor, CommandRequest, IdempotencyKey
from core.ports.event_store import EventStore
from core.ports.events import NothingChanged
from core.ports.refusals import InvalidInput, NotFound
from tests.support.adapters import ORDERED_EVENT_STORES
from tests.support.racing import race
from tests.support.samples import AnySample
from tests.support.unreliable_stores import Intercepted, losing_the_response

RACERS = 8
ANN = Actor("https://issuer.test", "ann")
BOB = Actor("https://issuer.test", "bob")


def request(
    key: str | None = None, *if_match: int, actor: Actor = ANN, content: str = "same"
) -> CommandRequest:
    """Return what a command carries besides its content; ``content`` is for the request body."""
    return CommandRequest(
        actor=actor,
        correlation_id="correlation-1",
        message_id="message-1",
        key=None if key is None else IdempotencyKey(key, content),
        if_match=frozenset(if_match) or None,
    )


def handler(sample: AnySample, store: EventStore[Any]) -> CommandHandler[Any, Any, Any]:
    return CommandHandler(
        sample.domain,
        store,
        clock=lambda: sample.view("any").added_at,
        new_id=lambda: str(uuid4()),
    )


@pytest.fixture
def desk(event_store: EventStore[Any], sample: AnySample) -> CommandHandler[Any, Any, Any]:
    return handler(sample, event_store)


def events(desk: CommandHandler[Any, Any, Any], stream: str) -> list[Any]:
    return [envelope.event for envelope in desk.store.load(stream)]


# --- creating ------------------------------------------------------------------------------------


def test_a_stream_is_created_at_version_1(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    assert made == Accepted(made.id, 1)
    assert len(events(desk, made.id)) == 1


def test_creating_costs_one_write_and_no_read(sample: AnySample, event_store: Any) -> None:
    counted = Intercepted(event_store)
    handler(sample, counted).create(sample.create, request("key"))
    assert (counted.loads, counted.appends) == (0, 1)


def test_a_refused_creation_leaves_nothing(
    desk: CommandHandler[Any, Any, Any], sample: AnySample, event_store: EventStore[Any]
) -> None:
    with pytest.raises(InvalidInput):
        desk.create(sample.invalid, request("key"))
    assert list(event_store.read_all()) == []


def test_a_claim_that_another_stream_holds_is_refused_with_its_owner(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    owner = desk.create(sample.create, request()).id
    with pytest.raises(AlreadyClaimed) as refused:
        desk.create(sample.rival, request())
    assert refused.value.owner == owner
    assert refused.value.noun == sample.domain.noun


def test_a_claim_is_free_once_its_stream_has_ended(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    owner = desk.create(sample.create, request()).id
    desk.handle(owner, sample.end, request())
    assert desk.create(sample.rival, request()).version == 1


# --- changing ------------------------------------------------------------------------------------


def test_a_change_is_appended(desk: CommandHandler[Any, Any, Any], sample: AnySample) -> None:
    made = desk.create(sample.create, request())
    assert desk.handle(made.id, sample.change(1), request()) == Accepted(made.id, 2)
    assert len(events(desk, made.id)) == 2


def test_a_change_of_an_unknown_stream_is_refused(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    with pytest.raises(NotFound):
        desk.handle("nowhere", sample.change(1), request())


def test_a_change_of_an_ended_stream_is_refused_before_its_precondition(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    desk.handle(made.id, sample.end, request())
    with pytest.raises(NotFound):
        desk.handle(made.id, sample.change(1), request(None, 1))


def test_a_stale_precondition_is_refused(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    desk.handle(made.id, sample.change(1), request(None, 1))
    with pytest.raises(PreconditionFailed) as stale:
        desk.handle(made.id, sample.change(2), request(None, 1))
    assert stale.value.version == 2


def test_a_change_is_decided_again_on_top_of_another(sample: AnySample, event_store: Any) -> None:
    made = handler(sample, event_store).create(sample.create, request())
    others = iter([sample.change(1)])

    def another() -> None:
        if (change := next(others, None)) is not None:
            handler(sample, event_store).handle(made.id, change, request())

    raced = handler(sample, Intercepted(event_store, before=another))
    assert raced.handle(made.id, sample.change(2), request()).version == 3


def test_a_command_that_changes_nothing_without_a_key_is_not_stored(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    assert desk.handle(made.id, sample.same, request()) == Accepted(made.id, 1)
    assert len(events(desk, made.id)) == 1


# --- keys ----------------------------------------------------------------------------------------


def test_a_repeated_creation_gets_the_first_response(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    first = desk.create(sample.create, request("key"))
    again = desk.create(sample.create, request("key"))
    assert again == Accepted(first.id, 1, replayed=True)
    assert len(events(desk, first.id)) == 1


def test_a_repeated_change_gets_the_first_response_whatever_has_happened_since(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    first = desk.handle(made.id, sample.change(1), request("key", 1))
    desk.handle(made.id, sample.change(2), request())
    desk.handle(made.id, sample.end, request())
    assert first.version == 2
    assert desk.handle(made.id, sample.change(1), request("key", 1)) == Accepted(made.id, 2, True)


def test_a_command_with_a_key_that_changes_nothing_is_remembered_by_a_record_of_the_engine(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    made = desk.create(sample.create, request())
    first = desk.handle(made.id, sample.same, request("key"))
    desk.handle(made.id, sample.change(1), request())
    again = desk.handle(made.id, sample.same, request("key"))
    assert (first, again) == (Accepted(made.id, 2), Accepted(made.id, 2, replayed=True))
    assert events(desk, made.id)[1] == NothingChanged()


def test_a_key_used_for_another_request_is_refused(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    desk.create(sample.create, request("key"))
    with pytest.raises(KeyReused):
        desk.create(sample.create, request("key", content="another"))


def test_a_repeat_that_today_s_rules_refuse_still_gets_the_first_response(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    first = desk.create(sample.create, request("key"))
    assert desk.create(sample.invalid, request("key")) == Accepted(first.id, 1, replayed=True)


def test_callers_do_not_share_keys(desk: CommandHandler[Any, Any, Any], sample: AnySample) -> None:
    made = desk.create(sample.create, request("key"))
    desk.handle(made.id, sample.end, request())
    other = desk.create(sample.create, request("key", actor=BOB))
    assert other.id != made.id
    assert not other.replayed


def test_an_append_whose_response_was_lost_is_found_by_the_repeat(
    sample: AnySample, event_store: Any
) -> None:
    lossy = handler(sample, losing_the_response(event_store))
    with pytest.raises(Exception, match="lost"):
        lossy.create(sample.create, request("key"))
    assert lossy.create(sample.create, request("key")).replayed


# --- at once -------------------------------------------------------------------------------------


def test_concurrent_repeats_of_a_creation_make_one_event(
    desk: CommandHandler[Any, Any, Any], sample: AnySample
) -> None:
    def create() -> Accepted:
        return desk.create(sample.create, request("key"))

    results = race([create] * RACERS)
    made = [r for r in results if isinstance(r, Accepted)]
    assert len(made) == RACERS, results
    assert {(r.id, r.version) for r in made} == {(made[0].id, 1)}
    assert [r.replayed for r in made].count(False) == 1
    assert len(events(desk, made[0].id)) == 1


@pytest.mark.parametrize("adapter", ORDERED_EVENT_STORES)
def test_of_racing_claims_one_wins(adapter: str, sample: AnySample, tmp_path: Path) -> None:
    with ORDERED_EVENT_STORES[adapter](sample.domain, tmp_path) as store:
        desks = [handler(sample, store) for _ in range(RACERS)]

        def creating(number: int) -> Any:
            return lambda: desks[number].create(sample.rival, request(f"key-{number}"))

        results = race([creating(number) for number in range(RACERS)])
    assert sorted(type(r).__name__ for r in results) == sorted(
        ["Accepted", *["AlreadyClaimed"] * (RACERS - 1)]
    )
