"""A domain of views alone, for the places of its cards: each event says all that its card shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from core.ports.decider import Decider
from core.ports.domain import Domain, WriteSide
from core.ports.events import Envelope, EventCodec, EventType
from core.ports.listing import Filter, ListingDeclaration, Sort, at_most


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a card."""

    code: str | None = None
    colours: tuple[str, ...] = ()
    shape: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Dealt:
    """A card is what is said here from now on, or is gone."""

    card: Card | None


def _decide(_: Card | None, __: object) -> Sequence[Dealt]:
    return []


def _evolve(_: Card | None, event: Dealt) -> Card | None:
    return event.card


def _same(card: Card | None) -> Card | None:
    return card


LISTING: Final[ListingDeclaration[Card]] = ListingDeclaration(
    details=Card,
    filters=(
        Filter("code", lambda view: (view.details.code,), check=at_most(9), unique=True),
        Filter("colour", lambda view: view.details.colours, check=at_most(9)),
        Filter("shape", lambda view: (view.details.shape,), check=at_most(9)),
    ),
    sorts=(
        Sort("label", lambda view: view.details.label),
        Sort("shape", lambda view: view.details.shape or ""),
    ),
    search_texts=lambda view: (view.details.label, *view.details.colours),
)

_WRITE_SIDE: Final[WriteSide[Card | None, object, Dealt]] = WriteSide(
    Decider(None, _decide, _evolve, lambda _: False, lambda _: ()),
    EventCodec((Dealt,), {"Dealt": EventType(Dealt)}),
)

CARDS: Final[Domain[Card | None, object, Dealt, Card]] = Domain(
    noun="card",
    collection="/v1/cards",
    write_side=lambda: _WRITE_SIDE,
    view=_same,
    restore=_same,
    listing=LISTING,
    claim_labels={},
)

# Few values, so that cards have much in common with what they were, and with each other.
cards: Final = st.builds(
    Card,
    code=st.sampled_from([None, "k"]),
    colours=st.sampled_from([(), ("ab",), ("b",), ("ab", "b")]),
    shape=st.sampled_from([None, "o"]),
    label=st.sampled_from(["a", "a bb", "ab", "bb"]),
)

histories: Final = st.lists(
    st.one_of(cards, cards, cards, cards, st.none()), min_size=3, max_size=6
).filter(lambda history: history[0] is not None)
"""What a card shows after each event: None where it is gone."""


def events(stream: str, history: Sequence[Card | None]) -> list[Envelope[Any]]:
    """Return the events that make a stream show ``history``."""
    return [
        Envelope(
            stream=stream,
            version=version,
            event_id=f"{stream}-{version}",
            event=Dealt(card=card),
            occurred_at=datetime(2024, 5, 17, tzinfo=UTC) + timedelta(seconds=version),
            actor="ann",
            correlation_id="c",
            causation_id="m",
        )
        for version, card in enumerate(history, 1)
    ]
