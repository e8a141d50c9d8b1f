"""Making snapshots, off the path of any request: the projector does it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from core.application.snapshots import (
    Snapshot,
    decode,
    encode,
    microseconds,
    newest,
    short_keys,
)
from core.ports.domain import Domain
from core.ports.event_store import NEWEST_SNAPSHOT, EventStore
from core.ports.events import Envelope, Unreadable
from core.ports.records import Record
from core.ports.views import View

S = TypeVar("S")
V = TypeVar("V", bound=Record)

MAX_AT_ONCE: Final = 100
"""Snapshots that are made one after the other, of a long stream that has none. The next time it
goes on from there."""

Keep = Callable[[Envelope[Any] | Unreadable], None]
"""Receives each event that was projected, and keeps a snapshot where one is due."""


def keep_none(_: Envelope[Any] | Unreadable) -> None:
    """Keep no snapshots."""


def keep_snapshot(
    logged: Envelope[Any] | Unreadable,
    store: EventStore[Any],
    domain: Domain[S, Any, Any, V],
    report: Callable[[str, Exception], None],
) -> None:
    """Keep a snapshot of the stream of ``logged`` if one is due at its version.

    It is made from the snapshot before it and the events since, never from the read model. So it
    costs a read of the one, a read of the others, and two writes; more where snapshots were missed.
    For other versions it costs nothing.

    A state that its view does not show whole has no snapshot: none whose view is None, for one.

    Raises nothing: a snapshot that cannot be made is reported, with its stream, and done without.
    """
    if isinstance(logged, Unreadable) or logged.version % domain.snapshot_every != 0:
        return
    try:
        _keep(logged.stream, logged.version, store, domain)
    except Exception as error:
        report(logged.stream, error)


def _keep(
    stream: str, version: int, store: EventStore[Any], domain: Domain[Any, Any, Any, V]
) -> None:
    every = domain.snapshot_every
    before = newest(stream, store, domain)
    reached = before.view.version if before else 0
    keys, earliest = (before.keys, before.earliest) if before else ("", ())
    added_at = before.view.added_at if before else None
    state = domain.restore(before.view.details) if before else domain.decider.initial
    latest = None
    for start in range(reached, version, every)[:MAX_AT_ONCE]:
        events = store.load(stream, after=start, limit=every)
        if any(map(domain.is_foreign, events)):
            return
        if [e.version for e in events] != list(range(start + 1, start + every + 1)):
            raise LookupError(f"the event store lacks events of {stream} after version {start}")
        state = domain.evolved(state, events)
        keys += short_keys(events)
        earliest += (min(microseconds(e.occurred_at) for e in events),)
        added_at = added_at or events[0].occurred_at
        details = domain.view(state)
        if details is None:
            continue
        view = View(stream, start + every, details, added_at, events[-1].occurred_at)
        past = encode(Snapshot(view), domain)
        if (kept := decode(past, stream, domain)) and domain.restore(kept.view.details) == state:
            store.save_snapshot(stream, view.version, past)
            latest = Snapshot(view, keys, earliest)
    if latest is not None:
        store.save_snapshot(stream, NEWEST_SNAPSHOT, encode(latest, domain))
