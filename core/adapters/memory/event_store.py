"""The event store in memory."""

from collections.abc import Collection, Iterator, Sequence
from threading import Lock
from typing import Generic, TypeVar

from core.ports.erasure import ERASED, Erased
from core.ports.event_store import (
    NO_CLAIMS,
    Claims,
    ClaimTaken,
    VersionConflict,
    check_continues,
)
from core.ports.events import Envelope

E = TypeVar("E")


class MemoryEventStore(Generic[E]):
    """Keeps events as long as the process lives. A position is an index into the log."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._log: list[Envelope[E]] = []
        self._streams: dict[str, list[Envelope[E]]] = {}
        self._owners: dict[str, str] = {}
        self._snapshots: dict[tuple[str, int], str] = {}

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[E]]:
        with self._lock:
            events = self._streams.get(stream, [])
            return events[after : None if limit is None else after + limit]

    def load_last(self, stream: str, count: int) -> list[Envelope[E]]:
        with self._lock:
            events = self._streams.get(stream, [])
            return events[max(len(events) - count, 0) :]

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[E]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        check_continues(stream, expected_version, events)
        with self._lock:
            present = self._streams.get(stream, [])
            if [e.event_id for e in present[expected_version:][: len(events)]] == [
                e.event_id for e in events
            ]:
                return
            if len(present) != expected_version:
                raise VersionConflict(stream, expected_version)
            for name in sorted(claims.take):
                if (owner := self._owners.get(name, stream)) != stream:
                    raise ClaimTaken(name, owner)
            self._streams[stream] = [*present, *events]
            self._log.extend(events)
            for name in claims.release:
                if self._owners.get(name) == stream:
                    del self._owners[name]
            self._owners.update(dict.fromkeys(claims.take, stream))

    def read_all(self, after: str | None = None) -> Iterator[tuple[str, Envelope[E]]]:
        return self.follow(after)

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[E]]]:
        start = 0 if after is None else int(after)
        with self._lock:
            log = self._log[start:]
        yield from ((str(index), event) for index, event in enumerate(log, start + 1))

    def load_snapshot(self, stream: str, version: int) -> str | None:
        with self._lock:
            return self._snapshots.get((stream, version))

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> None:
        with self._lock:
            self._snapshots[stream, version] = snapshot

    def check(self) -> None:
        return None

    def replace_actors(self, actors: Collection[str]) -> Erased:
        """Do what ``ActorErasure.erase`` promises."""
        with self._lock:
            changed = [at for at, event in enumerate(self._log) if event.actor in actors]
            for at in changed:
                event = self._log[at]._replace(actor=ERASED)
                self._log[at] = self._streams[event.stream][event.version - 1] = event
            return Erased(len(self._log), len(changed))
