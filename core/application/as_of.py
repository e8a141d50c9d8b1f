"""What a stream was at an instant, without reading all of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from core.application.past import Past
from core.application.projection import apply
from core.application.snapshots import decode, microseconds
from core.ports.domain import Domain
from core.ports.event_store import EventStore
from core.ports.events import Envelope
from core.ports.records import Record
from core.ports.views import Projected, View

V = TypeVar("V", bound=Record)


def projected_as_of(
    past: Past[V],
    instant: datetime,
    stream: str,
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> Projected[V] | None:
    """Return the view after the last version with a time up to ``instant``; None without one.

    Costs no read when that version is after the snapshot. Otherwise the times that the snapshot
    knows say between which two others it is, and it costs one read of the earlier of them, and one
    of the events from there to the other. Without a valid one all events are read.
    """
    start = past.snapshot.view if past.snapshot else None
    if until := _until(instant, past.since):
        return apply(start, until, domain)
    earliest = past.snapshot.earliest if past.snapshot else ()
    at = microseconds(instant)
    every = domain.snapshot_every
    segment = next((n for n in reversed(range(len(earliest))) if earliest[n] <= at), None)
    if segment is None:
        return None
    before = view_at(segment * every, stream, store, domain)
    if segment and before is None:
        return apply(None, _until(instant, store.load(stream)), domain)
    events = store.load(stream, after=segment * every, limit=every)
    return apply(before, _until(instant, events), domain)


def _until(instant: datetime, events: Sequence[Envelope[Any]]) -> Sequence[Envelope[Any]]:
    """Return the first of ``events``, up to the last one with a time up to ``instant``."""
    count = max((n for n, e in enumerate(events, 1) if e.occurred_at <= instant), default=0)
    return events[:count]


def view_at(
    version: int, stream: str, store: EventStore[Any], domain: Domain[Any, Any, Any, V]
) -> View[V] | None:
    """Return the view of ``stream`` at ``version``, None without a valid snapshot; one read."""
    if version == 0:
        return None
    snapshot = decode(store.load_snapshot(stream, version), stream, domain)
    return snapshot.view if snapshot and snapshot.view.version == version else None
