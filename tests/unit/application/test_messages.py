"""Public messages of events, with lamps that tell what became of them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.application.messages import Origin, Translator
from core.application.snapshotting import keep_snapshot
from core.ports.decider import ImpossibleHistory
from core.ports.events import Envelope, NothingChanged
from core.ports.messages import Message, PublicLanguage
from tests.support.unreliable_stores import Intercepted
from tests.unit.application.lamps import (
    LAMPS,
    Lamps,
    LampState,
    Lit,
    PutOut,
    lamp_event,
    lit_again,
)


@dataclass(frozen=True, slots=True)
class Told:
    colour: str | None
    note: str | None = None


def told(_: Any, state: LampState) -> Told:
    return Told(state.colour if state else None)


LANGUAGE: PublicLanguage[Any, Any] = PublicLanguage(
    {
        Lit: [Message("lamps.lamp-lit", 1, Told, told), Message("lamps.lamp-lit", 2, Told, told)],
        PutOut: [Message("lamps.lamp-put-out", 1, Told, told)],
    }
)
TALKING: Lamps = LAMPS._replace(public_language=lambda: LANGUAGE)
ORIGIN = Origin("/v1/lamps", "urn:lamps:messages:")


def translator(*events: Envelope[Any], domain: Lamps = TALKING) -> Translator[Any, Any, Any]:
    return Translator(domain, stored(*events), ORIGIN)


def stored(*events: Envelope[Any]) -> MemoryEventStore[Any]:
    store: MemoryEventStore[Any] = MemoryEventStore()
    for event in events:
        store.append(event.stream, event.version - 1, [event])
    return store


def test_a_message_has_what_cloudevents_asks_for_and_nothing_of_the_caller() -> None:
    event = lamp_event("a", 1, Lit(colour="red"))
    message, _ = translator(event).messages(event)
    assert message == {
        "specversion": "1.0",
        "id": "a-1",
        "source": "/v1/lamps",
        "type": "lamps.lamp-lit.v1",
        "subject": "a",
        "time": "2024-05-17T12:00:01Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:lamps:messages:lamps.lamp-lit.v1",
        "streamversion": 1,
        "correlationid": "request-1",
        "data": {"colour": "red"},
    }


def test_the_names_of_attributes_are_those_that_cloudevents_allows() -> None:
    event = lamp_event("a", 1, Lit(colour="red"))
    for message in translator(event).messages(event):
        assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in message)


def test_versions_of_a_message_are_sent_side_by_side_with_ids_of_their_own() -> None:
    event = lamp_event("a", 1, Lit(colour="red"))
    first, second = translator(event).messages(event)
    assert (first["type"], first["id"]) == ("lamps.lamp-lit.v1", "a-1")
    assert (second["type"], second["id"]) == ("lamps.lamp-lit.v2", "a-1-v2")


def test_the_time_is_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    at = datetime(2024, 5, 17, 14, 30, tzinfo=there)
    event = lamp_event("a", 1, Lit(colour="red"))
    moved = event._replace(occurred_at=at)
    assert translator().messages(moved)[0]["time"] == "2024-05-17T12:30:00Z"


def test_data_is_made_of_the_state_after_the_event_in_any_order() -> None:
    events = lit_again("a")
    one, two, three = events
    make = translator(*events)
    told = [make.messages(event)[0]["data"] for event in (three, one, two, three, three)]
    assert told == [
        {"colour": "green"},
        {"colour": "red"},
        {},
        {"colour": "green"},
        {"colour": "green"},
    ]


def test_records_that_nothing_changed_have_no_message_and_leave_the_state() -> None:
    lit, nothing, out = (
        lamp_event("a", 1, Lit(colour="red")),
        lamp_event("a", 2, NothingChanged()),
        lamp_event("a", 3, PutOut()),
    )
    make = translator(lit, nothing, out)
    assert make.messages(nothing) == []
    assert make.messages(out)[0]["streamversion"] == 3


def test_another_domains_event_and_a_private_one_have_no_message() -> None:
    private = TALKING._replace(public_language=lambda: PublicLanguage[Any, Any]({}))
    event = lamp_event("a", 1, Lit(colour="red"))
    assert translator().messages(lamp_event("a", 1, object())) == []
    assert translator(domain=private).messages(event) == []
    assert translator(domain=LAMPS).messages(event) == []


def test_a_stream_that_begins_in_the_batch_is_not_read() -> None:
    empty = Intercepted(MemoryEventStore())
    make = Translator(TALKING, empty, ORIGIN)
    data = [make.messages(event)[0]["data"] for event in lit_again("a")]
    assert data == [{"colour": "red"}, {}, {"colour": "green"}]
    assert empty.loads == 0


def test_a_long_stream_is_read_from_the_last_snapshot_on() -> None:
    colours = [lamp_event("a", n, Lit(colour=f"{n}")) for n in range(1, 8)]
    domain = TALKING._replace(snapshot_every=3)
    store = stored(*colours)
    for event in colours:
        keep_snapshot(event, store, domain, lambda *_: None)

    class Snapshots(MemoryEventStore[Any]):
        def load(self, *_: Any, **__: Any) -> list[Envelope[Any]]:
            raise AssertionError("version 6 has a snapshot")

        def load_snapshot(self, stream: str, version: int) -> str | None:
            return store.load_snapshot(stream, version)

    [message, _] = Translator(domain, Snapshots(), ORIGIN).messages(colours[-1])

    assert message["data"] == {"colour": "7"}


def test_an_event_that_comes_twice_in_a_row_happens_once() -> None:
    def strict(state: LampState, event: Any) -> LampState:
        if isinstance(event, Lit) and state is not None:
            raise ImpossibleHistory("lit twice")
        return TALKING.decider.evolve(state, event)

    deciding = TALKING.decider._replace(evolve=strict)
    domain = TALKING._replace(write_side=lambda: TALKING.write_side()._replace(decider=deciding))
    event = lamp_event("a", 1, Lit(colour="red"))
    make = translator(event, domain=domain)
    assert make.messages(event) == make.messages(event)


def test_missing_earlier_events_are_no_guess() -> None:
    with pytest.raises(LookupError):
        translator().messages(lamp_event("a", 2, PutOut()))


def test_an_impossible_history_is_reported() -> None:
    def impossible(_: Any, __: Any) -> Any:
        raise ImpossibleHistory("lit twice")

    spoilt = TALKING.decider._replace(evolve=impossible)
    domain = TALKING._replace(write_side=lambda: TALKING.write_side()._replace(decider=spoilt))
    with pytest.raises(ImpossibleHistory):
        translator(domain=domain).messages(lamp_event("a", 1, Lit(colour="red")))


@pytest.mark.parametrize(
    "messages",
    [
        {Lit: [Message("Lamp Lit", 1, Told, told)]},
        {Lit: [Message("lamps.lit", 0, Told, told)]},
        {Lit: [Message("lamps.lit", 1, Told, told), Message("lamps.lit", 1, Told, told)]},
        {Lit: [Message("lamps.lit", 1, Told, told), Message("lamps.seen", 1, Told, told)]},
        {Lit: [Message("lamps.lit", 1, Told, told)], PutOut: [Message("lamps.lit", 1, Told, told)]},
        {Lit: [Message("lamps.lit", 1, cast("Any", object), told)]},
    ],
    ids=["name", "version", "twice", "two names", "two events", "no record"],
)
def test_a_language_that_cannot_be_is_refused(messages: Any) -> None:
    with pytest.raises(TypeError):
        PublicLanguage(messages)
