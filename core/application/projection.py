"""Projection: events become the views of the catalogue.

Event n is applied only on top of n-1. A repeat is skipped, a gap is healed from the event store,
and a view is only ever replaced by one of a higher version, so events may come late, twice, in any
order and from several projectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from core.ports.catalogue import Catalogue, StaleView
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable
from core.ports.event_store import EventStore
from core.ports.events import Envelope
from core.ports.records import Record
from core.ports.views import Projected, Tombstone, View

S = TypeVar("S")
E = TypeVar("E")
V = TypeVar("V", bound=Record)

MAX_ATTEMPTS: Final = 10
"""How often an event is applied again when another projector has changed the view in between."""


class CannotProject(Exception):
    """An event that cannot be applied: the event store lacks earlier ones."""


def project(
    event: Envelope[Any],
    catalogue: Catalogue[V],
    store: EventStore[Any],
    domain: Domain[S, Any, E, V],
) -> bool:
    """Bring a stream's view up to ``event``; return False if there was nothing to do.

    That is when the view has taken it in already, and when it is an event of another domain. Raises
    CannotProject, ImpossibleHistory, UnknownEvent (of an earlier event that has to be applied
    first), or StoreUnavailable (also when others keep changing the view); then the view is as it
    was.
    """
    if domain.is_foreign(event):
        return False
    for _ in range(MAX_ATTEMPTS):
        current = catalogue.get(event.stream)
        if current is not None and event.version <= current.version:
            catalogue.finish(current)
            return False
        view = current if isinstance(current, View) else None
        events = _continuing(view, event, store)
        if any(map(domain.is_foreign, events)):
            return False
        try:
            catalogue.replace(current, apply(view, events, domain))
        except StaleView:
            continue
        return True
    raise StoreUnavailable(f"others keep changing the view of {event.stream}")


def _continuing(
    view: View[V] | None, event: Envelope[Any], store: EventStore[Any]
) -> Sequence[Envelope[Any]]:
    """Return the events after ``view`` up to ``event`` at least, from the store if need be."""
    after = view.version if view else 0
    if event.version == after + 1:
        return [event]
    events = store.load(event.stream, after=after)
    found = [e.version for e in events[: event.version - after]]
    if found != list(range(after + 1, event.version + 1)):
        raise CannotProject(
            f"the event store lacks events of {event.stream} up to version {event.version}"
        )
    return events


def apply(
    view: View[V] | None, events: Sequence[Envelope[Any]], domain: Domain[S, Any, E, V]
) -> Projected[V]:
    """Return what becomes of ``view`` by ``events``, one or more, that continue it. Pure.

    Raises ImpossibleHistory.
    """
    state = domain.fold(events, domain.restore(view.details) if view else None)
    details, last = domain.view(state), events[-1]
    if details is None:
        return Tombstone(last.stream, last.version)
    added_at = view.added_at if view else events[0].occurred_at
    return View(last.stream, last.version, details, added_at, revised_at=last.occurred_at)
