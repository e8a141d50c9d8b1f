"""Erasure in the event store in memory."""

from collections.abc import Collection, Iterator
from typing import Any

from core.adapters.memory.event_store import MemoryEventStore
from core.ports.erasure import Erased


class MemoryActorErasure:
    """Erases actors from the events of ``store``, all in one part."""

    def __init__(self, store: MemoryEventStore[Any]) -> None:
        self._store = store

    def erase(self, actors: Collection[str]) -> Iterator[Erased]:
        yield self._store.replace_actors(actors)
