"""A stream's past, as far as a command needs it: its newest events, and what was before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from core.ports.records import Record

if TYPE_CHECKING:
    from core.application.snapshots import Snapshot
    from core.ports.domain import Domain
    from core.ports.event_store import EventStore
    from core.ports.events import Envelope

S = TypeVar("S")
V = TypeVar("V", bound=Record)


def recent_events(domain: Domain[Any, Any, Any, Any]) -> int:
    """Return how many of the newest events are read first.

    They go back to the newest snapshot, also when the projector, which makes it, is a bit behind.
    """
    return domain.snapshot_every + domain.snapshot_every // 5


class Past(NamedTuple, Generic[V]):
    """The newest events of a stream: all of them, or all since ``snapshot`` and perhaps more."""

    recent: Sequence[Envelope[Any]] = ()
    snapshot: Snapshot[V] | None = None

    @property
    def version(self) -> int:
        """The version that the stream is at; 0 for none."""
        return self.recent[-1].version if self.recent else 0

    @property
    def since(self) -> Sequence[Envelope[Any]]:
        """The events after the snapshot; all of them without one."""
        if self.snapshot is None:
            return self.recent
        start = self.snapshot.view.version
        return [event for event in self.recent if event.version > start]

    def is_foreign(self, domain: Domain[Any, Any, Any, V]) -> bool:
        """Return whether the stream belongs to another domain; it has no snapshot in this one."""
        return self.snapshot is None and any(map(domain.is_foreign, self.recent[:1]))

    def state(self, domain: Domain[S, Any, Any, V]) -> S:
        """Return the state that the events have led to. Raises ImpossibleHistory."""
        start = domain.restore(self.snapshot.view.details) if self.snapshot else None
        return domain.fold(self.since, start)


def load_past(stream: str, store: EventStore[Any], domain: Domain[Any, Any, Any, V]) -> Past[V]:
    """Return what a command needs of ``stream``.

    Costs one read of at most ``recent_events``, which is all of a stream that has no more. A longer
    one costs a read of its newest snapshot as well, and one of the events since that if they are
    more. Without a valid snapshot all events are read.
    """
    recent = store.load_last(stream, recent_events(domain))
    if not recent or recent[0].version == 1:
        return Past(recent)
    from core.application.snapshots import newest  # short streams do without

    snapshot = newest(stream, store, domain)
    if snapshot is None or snapshot.view.version > recent[-1].version:
        return Past(store.load(stream))
    if snapshot.view.version < recent[0].version - 1:
        recent = store.load(stream, after=snapshot.view.version)
    return Past(recent, snapshot)


def last_with_key(
    key: str, past: Past[Any], stream: str, store: EventStore[Any]
) -> Envelope[Any] | None:
    """Return the last event of ``stream`` with an idempotency key.

    One that is among the recent events is found there. Of the events before them, the snapshot
    knows the keys that may have been used (``Snapshot.keys``): then all events are read, and the
    answer is as exact as if there were no snapshots.
    """
    found = _last_with_key(key, past.recent)
    if found is None and past.snapshot is not None and past.snapshot.may_have(key):
        return _last_with_key(key, store.load(stream))
    return found


def _last_with_key(key: str, events: Sequence[Envelope[Any]]) -> Envelope[Any] | None:
    return next((e for e in reversed(events) if e.idempotency_key == key), None)
