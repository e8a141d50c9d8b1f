"""The log of an event store, for tests in which every event can be read."""

from typing import Any

from core.ports.event_store import EventStore
from core.ports.events import Envelope


def events_of(store: EventStore[Any]) -> list[Envelope[Any]]:
    """Return all events, those of one stream in the order of their versions."""
    logged = [found for _, found in store.read_all()]
    events = [found for found in logged if isinstance(found, Envelope)]
    assert events == logged
    return events
