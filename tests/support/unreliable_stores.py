"""Stores that fail as real ones do."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NoReturn

from core.adapters.memory.event_store import MemoryEventStore
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.event_store import NO_CLAIMS, Claims, OrderedEventStore
from core.ports.events import Envelope, Unreadable
from core.ports.read_model import Aside


def nothing() -> None:
    """Do nothing."""


@dataclass
class Intercepted:
    """An event store that calls ``before`` and ``after`` around each append, and counts calls."""

    inner: OrderedEventStore[Any]
    before: Callable[[], object] = nothing
    after: Callable[[], object] = nothing
    loads: int = 0
    appends: int = 0

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[Any]]:
        self.loads += 1
        return self.inner.load(stream, after, limit)

    def load_last(self, stream: str, count: int) -> list[Envelope[Any]]:
        self.loads += 1
        return self.inner.load_last(stream, count)

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[Any]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        self.appends += 1
        self.before()
        self.inner.append(stream, expected_version, events, claims)
        self.after()

    def read_all(
        self, after: str | None = None
    ) -> Iterator[tuple[str, Envelope[Any] | Unreadable]]:
        return self.inner.read_all(after)

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[Any] | Unreadable]]:
        return self.inner.follow(after)

    def load_snapshot(self, stream: str, version: int) -> str | None:
        self.loads += 1
        return self.inner.load_snapshot(stream, version)

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> None:
        self.inner.save_snapshot(stream, version, snapshot)

    def check(self) -> None:
        self.inner.check()


def losing_the_response(store: OrderedEventStore[Any], times: int = 1) -> Intercepted:
    """Return ``store`` behind a network that loses the responses to the next ``times`` appends."""
    left = iter(range(times))

    def lose() -> None:
        if next(left, None) is not None:
            raise StoreUnavailable("the response was lost")

    return Intercepted(store, after=lose)


@dataclass(frozen=True, slots=True)
class Broken:
    """An event store and a read model whose every method raises ``error``."""

    error: Exception

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> NoReturn:
        raise self.error

    def load_last(self, stream: str, count: int) -> NoReturn:
        raise self.error

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[Any]],
        claims: Claims = NO_CLAIMS,
    ) -> NoReturn:
        raise self.error

    def read_all(self, after: str | None = None) -> NoReturn:
        raise self.error

    def follow(self, after: str | None) -> NoReturn:
        raise self.error

    def load_snapshot(self, stream: str, version: int) -> NoReturn:
        raise self.error

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> NoReturn:
        raise self.error

    def check(self) -> NoReturn:
        raise self.error

    def live(self) -> NoReturn:
        raise self.error

    def targets(self) -> NoReturn:
        raise self.error

    def batch(self) -> NoReturn:
        raise self.error

    def begin_rebuild(self) -> NoReturn:
        raise self.error

    def finish_rebuild(self) -> NoReturn:
        raise self.error

    def checkpoint(self, name: str) -> NoReturn:
        raise self.error

    def save_checkpoint(self, name: str, position: str) -> NoReturn:
        raise self.error

    def set_aside(self, aside: Aside) -> NoReturn:
        raise self.error

    def aside(self) -> NoReturn:
        raise self.error

    def resume(self, aside: Aside) -> NoReturn:
        raise self.error


class Forgetful(MemoryEventStore[Any]):
    """An event store whose code cannot read the events ``newer``, as after a rollback."""

    newer: AbstractSet[tuple[str, int]] = frozenset()

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[Any]]:
        events = super().load(stream, after, limit)
        if any((event.stream, event.version) in self.newer for event in events):
            raise UnknownEvent("newer")
        return events

    def follow(  # type: ignore[override]  # MemoryEventStore can read all that it has
        self, after: str | None
    ) -> Iterator[tuple[str, Envelope[Any] | Unreadable]]:
        for position, event in super().follow(after):
            newer = (event.stream, event.version) in self.newer
            yield position, Unreadable(event.stream, event.version, "newer") if newer else event

    def read_all(  # type: ignore[override]
        self, after: str | None = None
    ) -> Iterator[tuple[str, Envelope[Any] | Unreadable]]:
        return self.follow(after)
