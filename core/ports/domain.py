"""The domain as one value: all that the engine is handed of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from core.ports.listing import ListingDeclaration
from core.ports.records import Record

if TYPE_CHECKING:
    from core.ports.decider import Decider
    from core.ports.events import Envelope, EventCodec
    from core.ports.messages import PublicLanguage

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")
V = TypeVar("V", bound=Record)


class WriteSide(NamedTuple, Generic[S, C, E]):
    """How a domain decides, and how its events are stored. Who only reads views needs neither."""

    decider: Decider[S, C, E]
    events: EventCodec[E]


class Domain(NamedTuple, Generic[S, C, E, V]):
    """A domain in the engine's vocabulary.

    - ``noun`` names one of its things, in messages, problem types and keys: "order". It never
      changes once there is data.
    - ``collection`` is the path of its resources: "/v1/shop/orders".
    - ``write_side`` returns its write side. It imports that when it is called.
    - ``view`` returns what readers see in a state, None when there is nothing to see; ``restore``
      is its inverse: the state that a view shows (``view(restore(v)) == v``), so that an event can
      be applied to a view alone.
    - ``listing`` declares by what views are found.
    - ``claim_labels`` has what each kind of claim is called in messages: {"vat_id": "VAT number"}.
    - ``state_version`` is raised when ``evolve``, ``view`` or ``restore`` begin to make another
      state of the same events: snapshots made before are ignored from then on.
    - ``snapshot_every`` is how many versions of a stream lie between two snapshots. A smaller one
      saves reads and costs writes.
    - ``public_language`` returns its public messages, where it has any. It imports them when it is
      called.
    """

    noun: str
    collection: str
    write_side: Callable[[], WriteSide[S, C, E]]
    view: Callable[[S], V | None]
    restore: Callable[[V], S]
    listing: ListingDeclaration[V]
    claim_labels: Mapping[str, str]
    state_version: int = 1
    snapshot_every: int = 50
    public_language: Callable[[], PublicLanguage[E, S]] | None = None

    @property
    def decider(self) -> Decider[S, C, E]:
        """What decides on commands, and applies events."""
        return self.write_side().decider

    @property
    def events(self) -> EventCodec[E]:
        """The codec of the events."""
        return self.write_side().events

    def fold(self, envelopes: Iterable[Envelope[Any]], state: S | None = None) -> S:
        """Return the state after ``envelopes``, from the initial state (or ``state``) on.

        Records that nothing changed leave it as it is. Raises ImpossibleHistory.
        """
        return self.evolved(self.decider.initial if state is None else state, envelopes)

    def evolved(self, state: S, envelopes: Iterable[Envelope[Any]]) -> S:
        """Return what ``state`` becomes by ``envelopes``. Raises ImpossibleHistory."""
        events: Iterable[Any] = (e.event for e in envelopes if not e.changed_nothing)
        return reduce(self.decider.evolve, events, state)

    def is_foreign(self, envelope: Envelope[Any]) -> bool:
        """Return whether an event belongs to another domain that shares the log."""
        return not (envelope.changed_nothing or self.events.owns(envelope.event))
