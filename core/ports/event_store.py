"""The event store: the source of truth, one stream of events for each thing of a domain."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from core.ports.events import Envelope, Unreadable

E = TypeVar("E")


class Claims(NamedTuple):
    """Names to take for a stream, and its own to release, in the transaction of an append."""

    take: frozenset[str] = frozenset()
    release: frozenset[str] = frozenset()


NO_CLAIMS = Claims()

NEWEST_SNAPSHOT: Final = 0
"""In place of a version: the newest snapshot of a stream."""


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


class EventStore(Protocol[E]):
    """Appends to and reads streams. Safe to use from several threads and several processes at once.

    Every method raises StoreUnavailable when the store does not respond or its response is not
    whole and valid.
    """

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[E]]:
        """Return the events of ``stream`` above version ``after``, by version, at most ``limit``.

        An unknown stream has none. Every acknowledged append is seen. Raises UnknownEvent when one
        of them cannot be read by this version of the code. Costs its own events, not the store's.
        """

    def load_last(self, stream: str, count: int) -> list[Envelope[E]]:
        """Return the last ``count`` events of ``stream``, or all if it has no more, by version.

        As ``load`` does otherwise. Costs the events returned, not the stream's others.
        """

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[E]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        """Store ``events`` after ``expected_version`` (0: a new stream), with ``claims``.

        All or nothing, and durable once it returns. The same call again, with the same event ids,
        returns as the first did and stores nothing, so an append whose response was lost may be
        repeated.

        Raises VersionConflict when the stream is at another version (also when a name is taken as
        well), ClaimTaken when another stream holds a name to take, EventTooLarge, and ValueError
        when ``events`` is empty or does not continue ``stream`` at ``expected_version``.
        """

    def read_all(self, after: str | None = None) -> Iterator[tuple[str, Envelope[E] | Unreadable]]:
        """Yield every event with its position, those of one stream in the order of their versions.

        An event that this version of the code cannot read is yielded as Unreadable.

        With ``after``, a position that was yielded before, a reading that was stopped goes on: what
        was yielded up to there is left out. Whatever was appended before the reading first began is
        yielded; what was appended since may be.
        """

    def load_snapshot(self, stream: str, version: int) -> str | None:
        """Return the snapshot of ``stream`` that was saved at ``version``, or None.

        It may be an older one than the last that was saved. Nothing but time depends on snapshots
        (``core.application.snapshots``): any of them may be missing or damaged.
        """

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> None:
        """Keep ``snapshot``, in place of another at ``version`` (or ``NEWEST_SNAPSHOT``).

        It is no event: ``load``, ``read_all`` and whoever follows the log never see it.
        """

    def check(self) -> None:
        """Raise StoreUnavailable unless the store responds. Cheap: for health checks."""


class OrderedEventStore(EventStore[E], Protocol[E]):
    """An event store that can be followed: its log is in the order of visible appends."""

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[E] | Unreadable]]:
        """Yield the events appended after position ``after`` (None: all), with their positions.

        An event that this version of the code cannot read is yielded as Unreadable. Nothing is
        missed when the last position yielded is given to the next call. Costs what is new.
        """


def check_continues(stream: str, expected_version: int, events: Sequence[Envelope[Any]]) -> None:
    """Raise ValueError unless ``events`` continue ``stream`` at ``expected_version``."""
    versions = count(expected_version + 1)
    if not events or any(e.stream != stream or e.version != next(versions) for e in events):
        raise ValueError(
            f"the events to append do not continue stream {stream} at version {expected_version}"
        )
