"""Lamps with long histories, what is read of them, and what can become of their snapshots."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.queries import QueryHandler
from core.application.requests import CommandRequest
from core.application.snapshotting import keep_snapshot
from core.ports.event_store import EventStore
from core.ports.events import Envelope, NothingChanged, Unreadable
from core.ports.views import View
from tests.support.desk import NOON, request
from tests.unit.application.lamps import LAMPS, LampDetails, Lamps, Lit, PutOut, lamp_event

LAMP = "lamp"


class Counting(MemoryEventStore[Any]):
    """Counts the events and the snapshots that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[int] = []

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[Any]]:
        found = super().load(stream, after, limit)
        self.reads.append(len(found))
        return found

    def load_last(self, stream: str, count: int) -> list[Envelope[Any]]:
        found = super().load_last(stream, count)
        self.reads.append(len(found))
        return found

    def load_snapshot(self, stream: str, version: int) -> str | None:
        self.reads.append(0)
        return super().load_snapshot(stream, version)

    def forget(self, version: int) -> None:
        """Delete a snapshot."""
        self._snapshots.pop((LAMP, version), None)


class WithoutSnapshots(MemoryEventStore[Any]):
    """Reads all events of a stream, always: the oracle."""

    def load_last(self, stream: str, count: int) -> list[Envelope[Any]]:
        return self.load(stream)

    def load_snapshot(self, stream: str, version: int) -> str | None:
        raise AssertionError("all events were read")


def keyed(key: str | None, body: object = None) -> CommandRequest:
    """Return what a command carries; ``body`` is what its fingerprint is made of."""
    return request("Lamp", body, key)


def long_history(length: int, chance: Random | None = None) -> list[Envelope[Any]]:
    """Return events of ``LAMP``, the nth with the key "n".

    With ``chance`` they are of all kinds, some of one command, some without a key, and their times
    are in disorder.
    """
    events: list[Envelope[Any]] = []
    key: str | None = None
    for version in range(1, length + 1):
        event: Any = Lit(colour=f"colour {version}")
        seconds = float(version)
        before, key = key, str(version)
        if chance is not None:
            event = Lit(colour=chance.choice(["red", "green"]))
            event = chance.choice([event] * 17 + [NothingChanged()] * 2 + [PutOut()])
            seconds += chance.choice([0, 0, 0, 0.5, 30, -30, 4_000, -4_000])
            key = chance.choice([key, key, before, None])
        about = keyed(key)
        events.append(
            lamp_event(LAMP, version, event)._replace(
                occurred_at=NOON + timedelta(seconds=seconds),
                idempotency_key=about.idempotency_key,
                fingerprint=about.key.fingerprint if about.key else None,
            )
        )
    return events


def as_of(store: EventStore[Any], seconds: float, domain: Lamps = LAMPS) -> View[LampDetails]:
    """Return the lamp as it was that long after noon."""
    queries = QueryHandler(
        domain,
        MemoryReadModel(domain.listing),
        lambda: store,
        clock=lambda: NOON,
        sleep=lambda _: None,
        stopwatch=lambda: 0.0,
    )
    return queries.view_as_of(LAMP, NOON + timedelta(seconds=seconds))


DAMAGES = ("missing", "damaged", "of another version", "of other code")


def damage(store: Counting, domain: Lamps, version: int, how: str) -> None:
    """Let the snapshot at ``version`` be missing, or one that is not valid there."""
    text = store.load_snapshot(LAMP, version) or ""
    match how:
        case "missing":
            store.forget(version)
        case "damaged":
            store.save_snapshot(LAMP, version, text.replace("re", "gre"))
        case "of another version":
            other = store.load_snapshot(LAMP, domain.snapshot_every)
            store.save_snapshot(LAMP, version, other or text)
        case _:
            other_code, older = Counting(), domain._replace(state_version=0)
            other_code.append(LAMP, 0, long_history(2 * domain.snapshot_every))
            keep_all(other_code, other_code.load(LAMP), older)
            found = other_code.load_snapshot(LAMP, domain.snapshot_every)
            store.save_snapshot(LAMP, version, found or text)


def fail(stream: str, error: Exception) -> None:
    """Report a snapshot that was not kept, where it should have been."""
    raise AssertionError(stream) from error


def keep_all(
    store: MemoryEventStore[Any],
    logged: Sequence[Envelope[Any] | Unreadable],
    domain: Lamps = LAMPS,
) -> None:
    """Hand all of ``logged`` to ``keep_snapshot``."""
    for event in logged:
        keep_snapshot(event, store, domain, fail)
