"""Lamps: a second domain, as small as can be, in which what is gone can come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from core.application.handling import CommandHandler
from core.ports.decider import Decider
from core.ports.domain import Domain, WriteSide
from core.ports.event_store import EventStore
from core.ports.events import Envelope, EventCodec, EventType
from core.ports.listing import ListingDeclaration, Sort
from core.ports.refusals import NotFound
from tests.support.desk import NOON, ids


@dataclass(frozen=True, slots=True)
class LampDetails:
    colour: str


@dataclass(frozen=True, slots=True)
class Lit:
    colour: str


@dataclass(frozen=True, slots=True)
class PutOut:
    pass


@dataclass(frozen=True, slots=True)
class Light:
    colour: str


@dataclass(frozen=True, slots=True)
class PutOutLamp:
    pass


LampState = LampDetails | None
LampCommand = Light | PutOutLamp
LampEvent = Lit | PutOut


def _decide(state: LampState, command: LampCommand) -> Sequence[LampEvent]:
    if isinstance(command, Light):
        return [] if state and state.colour == command.colour else [Lit(colour=command.colour)]
    if state is None:
        raise NotFound("lamp")
    return [PutOut()]


def _evolve(_: LampState, event: LampEvent) -> LampState:
    return LampDetails(colour=event.colour) if isinstance(event, Lit) else None


def _itself(state: LampState) -> LampState:
    return state


DECIDER: Decider[LampState, LampCommand, LampEvent] = Decider(
    initial=None,
    decide=_decide,
    evolve=_evolve,
    is_terminal=lambda _: False,
    claims=lambda _: (),
)
EVENTS: EventCodec[LampEvent] = EventCodec(
    get_args(LampEvent), {"Lit": EventType(Lit), "PutOut": EventType(PutOut)}
)
Lamps = Domain[LampState, LampCommand, LampEvent, LampDetails]

LAMPS: Lamps = Domain(
    noun="lamp",
    collection="/v1/lamps",
    write_side=lambda: WriteSide(DECIDER, EVENTS),
    view=_itself,
    restore=_itself,
    listing=ListingDeclaration(
        details=LampDetails, filters=(), sorts=(Sort("colour", lambda view: view.details.colour),)
    ),
    claim_labels={},
)


def lamp_event(stream: str, version: int, event: Any) -> Envelope[Any]:
    """Return an event of ``stream``, ``version`` seconds after noon."""
    return Envelope(
        stream=stream,
        version=version,
        event_id=f"{stream}-{version}",
        event=event,
        occurred_at=NOON + timedelta(seconds=version),
        actor="ann",
        correlation_id="request-1",
        causation_id="message-1",
    )


def lit_again(stream: str) -> list[Envelope[Any]]:
    """Return the events of a lamp that was lit, put out, and lit again."""
    events = [Lit(colour="red"), PutOut(), Lit(colour="green")]
    return [lamp_event(stream, version, event) for version, event in enumerate(events, 1)]


def lamp_handler(
    store: EventStore[Any], domain: Lamps = LAMPS
) -> CommandHandler[LampState, LampCommand, LampEvent]:
    """Return a handler for lamps on ``store``."""
    return CommandHandler(domain, store, clock=lambda: NOON, new_id=ids("lamp"))
