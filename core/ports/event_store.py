"""The event store: the truth of the catalogue, one stream of events for each book."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.events import BookEvent


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with what is known about it.

    ``version`` counts from 1 within ``stream`` (a book's id); ``event_id`` is unique; ``occurred_at`` is aware, in UTC
    and never goes back within a stream. ``actor`` is the subject of the caller's token. ``correlation_id`` is shared by
    all that one request of a client set off, ``causation_id`` is the id of the message that made this event.
    ``command_id`` and ``fingerprint`` are there when the command carried an Idempotency-Key: the key within its
    caller, and the digest of the request that came with it.
    """

    stream: str
    version: int
    event_id: str
    event: BookEvent
    occurred_at: datetime
    actor: str
    correlation_id: str
    causation_id: str
    command_id: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """Names to take for a stream, and names of its own to give back, in the transaction that appends its events."""

    take: frozenset[str] = frozenset()
    release: frozenset[str] = frozenset()


NO_CLAIMS = Claims()


class VersionConflict(Exception):
    """The stream is not at the expected version. Nothing was written."""

    def __init__(self, stream: str, expected_version: int) -> None:
        super().__init__(f"stream {stream} is not at version {expected_version}")
        self.stream = stream
        self.expected_version = expected_version


class ClaimTaken(Exception):
    """Another stream, ``owner``, holds ``name``. Nothing was written."""

    def __init__(self, name: str, owner: str) -> None:
        super().__init__(f"{name} is held by {owner}")
        self.name = name
        self.owner = owner


class EventTooLarge(Exception):
    """An event is larger than this store can keep. Nothing was written."""


class EventStore(Protocol):
    """Appends to and reads streams. Safe to use from several threads and several processes at once.

    Every method raises StoreUnavailable when the store cannot answer, and UnknownEvent for a stored event that this
    version of the code cannot read.
    """

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope]:
        """Return the events of ``stream`` with a version above ``after``, by version, at most ``limit``.

        An unknown stream has none. Every acknowledged append is seen. Costs its own events, not the store's.
        """

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        """Store ``events`` as the versions after ``expected_version`` (0: a new stream), and ``claims`` with them.

        All or nothing, and durable once it returns. The same call again, with the same event ids, returns as the
        first did and stores nothing, so an append whose answer was lost may be repeated.

        Raises VersionConflict when the stream is at another version (also when a claim is taken besides), ClaimTaken
        when another stream holds a name to take, EventTooLarge, and ValueError when ``events`` is empty or does not
        continue ``stream`` at ``expected_version``.
        """

    def read_all(self, after: str | None = None) -> Iterator[tuple[str, Envelope]]:
        """Yield every event with its position, those of one stream in the order of their versions.

        With ``after``, a position that was yielded before, a reading that was stopped goes on: what was yielded up to
        there is left out. Whatever was appended before the reading first began is yielded; what was appended since
        may be.
        """

    def check(self) -> None:
        """Return when the store answers; raises StoreUnavailable otherwise. Cheap: for health checks."""


class OrderedEventStore(EventStore, Protocol):
    """An event store whose log has one order, that in which appends became visible: it can be followed."""

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope]]:
        """Yield, with their positions, all events that were appended after the one at ``after`` (None: all events).

        Nothing is missed when the last position yielded is given to the next call. Costs what is new.
        """


def check_continues(stream: str, expected_version: int, events: Sequence[Envelope]) -> None:
    """Raise ValueError unless ``events`` are one or more that continue ``stream`` at ``expected_version``."""
    wanted = [
        (stream, version)
        for version in range(expected_version + 1, expected_version + 1 + len(events))
    ]
    if not events or [(e.stream, e.version) for e in events] != wanted:
        raise ValueError(
            f"the events to append do not continue stream {stream} at version {expected_version}"
        )
