"""Public messages of events, as CloudEvents.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, Final, Generic, NamedTuple, TypeVar

from core.application.as_of import view_at
from core.ports.domain import Domain
from core.ports.event_store import EventStore
from core.ports.events import Envelope
from core.ports.messages import CloudEvent, Message
from core.ports.records import Record, shown_data

S = TypeVar("S")
E = TypeVar("E")
V = TypeVar("V", bound=Record)

MAX_STATES: Final = 1_000
"""How many streams' states are remembered."""


class Origin(NamedTuple):
    """Where messages come from: their ``source``, and what the URIs of their schemas begin with."""

    source: str
    schemas: str


class _Reached(NamedTuple, Generic[S]):
    version: int
    state: S


class Translator(Generic[S, E, V]):
    """Makes the messages of events, in any order, most cheaply in the order of the log.

    A state that it has not come to itself costs a read of the stream up to there, from the last
    snapshot on.
    """

    def __init__(self, domain: Domain[S, Any, E, V], store: EventStore[E], origin: Origin) -> None:
        self._domain = domain
        self._store = store
        self._origin = origin
        self._language = domain.public_language() if domain.public_language else None
        self._reached: dict[str, _Reached[S]] = {}

    def messages(self, envelope: Envelope[Any]) -> list[CloudEvent]:
        """Return the messages of an event: none for one that is private, or another domain's.

        Raises StoreUnavailable, UnknownEvent (of an earlier event), ImpossibleHistory, or what the
        domain's own functions raise.
        """
        declared = self._language.messages_of(envelope.event) if self._language else ()
        if not declared:
            return []
        state = self._state_after(envelope)
        return [cloud_event(envelope, message, state, self._origin) for message in declared]

    def _state_after(self, envelope: Envelope[E]) -> S:
        if len(self._reached) >= MAX_STATES:
            self._reached.clear()
        start = self._start(envelope)
        events = list(self._between(start.version, envelope))
        state = self._domain.fold(events, start.state)
        self._reached[envelope.stream] = _Reached(envelope.version, state)
        return state

    def _start(self, envelope: Envelope[E]) -> _Reached[S]:
        """Return a state that the stream had before ``envelope``."""
        reached = self._reached.get(envelope.stream)
        if reached is not None and reached.version < envelope.version:
            return reached
        every = self._domain.snapshot_every
        snapshot = (envelope.version - 1) // every * every
        view = view_at(snapshot, envelope.stream, self._store, self._domain)
        if view is None:
            return _Reached(0, self._domain.decider.initial)
        return _Reached(snapshot, self._domain.restore(view.details))

    def _between(self, after: int, envelope: Envelope[E]) -> Iterator[Envelope[E]]:
        """Yield the events from ``after`` up to ``envelope``."""
        if missing := envelope.version - after - 1:
            found = self._store.load(envelope.stream, after=after, limit=missing)
            if len(found) < missing:
                raise LookupError(f"the event store lacks events before version {envelope.version}")
            yield from found
        yield envelope


def cloud_event(
    envelope: Envelope[E], message: Message[E, S], state: S, origin: Origin
) -> CloudEvent:
    """Return a message of an event, after which its stream is in ``state``. Pure."""
    # The versions of a message are different messages, and a version's id is always the same.
    later = "" if message.version == 1 else f"-v{message.version}"
    return {
        "specversion": "1.0",
        "id": f"{envelope.event_id}{later}",
        "source": origin.source,
        "type": message.type,
        "subject": envelope.stream,
        "time": envelope.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": f"{origin.schemas}{message.type}",
        "streamversion": envelope.version,
        "correlationid": envelope.correlation_id,
        "data": shown_data(message.of(envelope.event, state)),  # type: ignore[arg-type]
    }
