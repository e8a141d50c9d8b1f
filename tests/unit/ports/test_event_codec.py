"""The codec in which a domain declares its events."""

import pytest
from pydantic import BaseModel

from core.domain.events import EVENTS, BookRemoved
from core.ports.events import EventCodec, EventType, NothingChanged, UnknownEvent
from tests.lending.events import EVENTS as LOAN_EVENTS
from tests.lending.events import CopyReturned


class Opened(BaseModel, frozen=True):
    pass


class Closed(BaseModel, frozen=True):
    pass


def test_an_undeclared_event_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="Closed"):
        EventCodec[Opened | Closed]([Opened, Closed], {"Opened": EventType(Opened)})


def test_an_event_outside_the_union_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="Closed"):
        EventCodec[Opened | Closed](
            [Opened], {"Opened": EventType(Opened), "Closed": EventType(Closed)}
        )


def test_an_event_declared_twice_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="once"):
        EventCodec([Opened], {"Opened": EventType(Opened), "Begun": EventType(Opened)})


def test_the_name_of_the_engines_own_record_is_reserved() -> None:
    with pytest.raises(TypeError, match="NothingChanged"):
        EventCodec([Opened], {"NothingChanged": EventType(Opened)})


def test_the_engines_own_record_is_stored_beside_a_domains_events() -> None:
    stored = EVENTS.encode(NothingChanged())
    assert EVENTS.decode(*stored) == NothingChanged()
    assert not EVENTS.owns(NothingChanged())


def test_a_joined_codec_reads_and_writes_the_events_of_both() -> None:
    joined = EVENTS.joined(LOAN_EVENTS)
    events = (BookRemoved(), CopyReturned(), NothingChanged())
    assert [joined.decode(*joined.encode(event)) for event in events] == list(events)
    assert joined.encode(BookRemoved()) == EVENTS.encode(BookRemoved())


def test_a_joined_codec_does_not_change_its_parts() -> None:
    joined = EVENTS.joined(LOAN_EVENTS)
    assert joined.owns(CopyReturned())
    assert not EVENTS.owns(CopyReturned())
    with pytest.raises(UnknownEvent, match="CopyReturned"):
        EVENTS.decode("CopyReturned", 1, {})


def test_two_domains_cannot_share_a_name() -> None:
    other = EventCodec([Opened], {"BookRemoved": EventType(Opened)})
    with pytest.raises(TypeError, match="BookRemoved"):
        EVENTS.joined(other)
