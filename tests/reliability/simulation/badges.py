"""A domain for the simulator: badges, each with a code that no other badge has.

It has what the engine treats differently: a claim that moves, a filter, words, two sorts, a command
of two events, commands that change nothing, an end. ``NEXT`` is the domain one release later: it
stores a change of colour as an event that ``BADGES`` cannot read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from core.ports.decider import Claim, Decider, ImpossibleHistory
from core.ports.domain import Domain, WriteSide
from core.ports.events import EventCodec, EventType
from core.ports.folding import fold
from core.ports.listing import EVERYTHING, WORDS, Filter, ListingDeclaration, Sort, at_most
from core.ports.records import to_data
from core.ports.refusals import NotFound, NotPossible
from core.ports.text import instant_key

NOUN: Final = "badge"
COLOURS: Final = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Badge:
    """What readers see of a badge."""

    code: str
    colour: str
    label: str


class NoBadge(NamedTuple):
    """There is no badge: yet, or any more."""

    is_revoked: bool


State = Badge | NoBadge


@dataclass(frozen=True, slots=True)
class Issued:
    code: str
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Recoded:
    code: str


@dataclass(frozen=True, slots=True)
class Relabelled:
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Painted:
    colour: str


@dataclass(frozen=True, slots=True)
class Revoked:
    pass


Event = Issued | Recoded | Relabelled | Painted | Revoked


@dataclass(frozen=True, slots=True)
class Issue:
    """Issue a badge."""

    badge: Badge


@dataclass(frozen=True, slots=True)
class Change:
    """Change what is not None."""

    code: str | None = None
    colour: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Revoke:
    """Revoke a badge: its code is free again."""


Command = Issue | Change | Revoke


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, Issue):
        if state != NoBadge(is_revoked=False):
            raise NotPossible(NOUN, "The badge was issued before.")
        return [Issued(**to_data(command.badge))]
    if not isinstance(state, Badge):
        raise NotFound(NOUN)
    if isinstance(command, Revoke):
        return [Revoked()]
    return _changes(state, command)


def _changes(badge: Badge, command: Change) -> Sequence[Event]:
    events: list[Event] = []
    if command.code not in {None, badge.code}:
        events.append(Recoded(code=command.code or ""))
    colour = command.colour or badge.colour
    label = command.label or badge.label
    if (colour, label) != (badge.colour, badge.label):
        events.append(Relabelled(colour=colour, label=label))
    return events


def decide_next(state: State, command: Command) -> Sequence[Event]:
    """Return the events of the next release, which stores a change of colour as one of its own."""
    events = decide(state, command)
    if not isinstance(state, Badge):
        return events
    return [
        Painted(colour=event.colour)
        if isinstance(event, Relabelled) and event.label == state.label
        else event
        for event in events
    ]


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NoBadge(is_revoked=False), Issued():
            return Badge(event.code, event.colour, event.label)
        case Badge(), Recoded():
            return replace(state, code=event.code)
        case Badge(), Relabelled():
            return replace(state, colour=event.colour, label=event.label)
        case Badge(), Painted():
            return replace(state, colour=event.colour)
        case Badge(), Revoked():
            return NoBadge(is_revoked=True)
        case _:
            raise ImpossibleHistory(f"{event!r} cannot happen to {state!r}")


def claims(state: State) -> Iterable[Claim]:
    return [Claim("code", state.code)] if isinstance(state, Badge) else []


def _view(state: State) -> Badge | None:
    return state if isinstance(state, Badge) else None


def _restore(details: Badge) -> State:
    return details


DECIDER: Final[Decider[State, Command, Any]] = Decider(
    initial=NoBadge(is_revoked=False),
    decide=decide,
    evolve=evolve,
    is_terminal=lambda state: isinstance(state, NoBadge) and state.is_revoked,
    claims=claims,
)

LISTING: Final[ListingDeclaration[Badge]] = ListingDeclaration(
    details=Badge,
    filters=(Filter("colour", lambda view: (view.details.colour,), check=at_most(20)),),
    sorts=(
        Sort("label", lambda view: fold(view.details.label)),
        Sort("added", lambda view: instant_key(view.added_at)),
    ),
    search_texts=lambda view: (view.details.label,),
    spread={EVERYTHING: 2, WORDS: 2},
)

_TYPES: Final[dict[str, EventType[Any]]] = {
    "Issued": EventType(Issued),
    "Recoded": EventType(Recoded),
    "Relabelled": EventType(Relabelled),
    "Revoked": EventType(Revoked),
}

EVENTS: Final[EventCodec[Any]] = EventCodec((Issued, Recoded, Relabelled, Revoked), _TYPES)

BADGES: Final[Domain[State, Command, Any, Badge]] = Domain(
    noun=NOUN,
    collection="/v1/badges",
    write_side=lambda: WriteSide(DECIDER, EVENTS),
    view=_view,
    restore=_restore,
    listing=LISTING,
    claim_labels={"code": "code"},
    snapshot_every=4,
)

NEXT_DECIDER: Final = DECIDER._replace(decide=decide_next)
NEXT_EVENTS: Final[EventCodec[Any]] = EventCodec(
    (Issued, Recoded, Relabelled, Revoked, Painted), {**_TYPES, "Painted": EventType(Painted)}
)

NEXT: Final[Domain[State, Command, Any, Badge]] = BADGES._replace(
    write_side=lambda: WriteSide(NEXT_DECIDER, NEXT_EVENTS)
)
