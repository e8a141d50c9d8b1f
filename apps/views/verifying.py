"""Comparing the versions of all views with the log."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any, Final, NamedTuple

from apps.log.streams import Streams
from core.application.reprojecting import shown_version
from core.ports.catalogue import Catalogue, UnreadableView
from core.ports.event_store import EventStore

AT_ONCE: Final = 1_000
"""Views that are asked for before their versions are looked at."""

MAX_DIFFERENCES: Final = 10_000
"""Where more views differ, a rebuild is the faster repair, and nobody reads the list."""

_UNREADABLE: Final = -1


class TooManyDifferences(Exception):
    """More views than ``MAX_DIFFERENCES`` are not at the version of the log."""


class Difference(NamedTuple):
    """A stream whose view is not at the ``version`` that the log has; ``shown`` is 0 for none."""

    stream: str
    version: int
    shown: int

    @property
    def is_stale(self) -> bool:
        """Return whether projecting the stream repairs it: nothing does where the view is ahead."""
        return 0 <= self.shown < self.version

    def __str__(self) -> str:
        return f"{self.stream}: the log has version {self.version}, {self._view()}"

    def _view(self) -> str:
        if self.shown == _UNREADABLE:
            return "the view cannot be read"
        return f"the view {self.shown}" if self.shown else "there is no view"


class Verified(NamedTuple):
    """How many streams and events the log has, and whose views differ."""

    streams: int
    events: int
    differences: list[Difference]


def verify(
    store: EventStore[Any],
    catalogue: Catalogue[Any],
    threads: int,
    progress: Callable[[int], None],
) -> Verified:
    """Compare the view of each stream with the log. Raises TooManyDifferences, StoreUnavailable.

    What differs is looked at again in the end, so that what the projector was about to project
    while the log was read does not count.
    """
    with closing(Streams()) as streams:
        events = _read(store, streams, progress)
        different = _different(streams.all(), catalogue, threads)
        found = list(islice(different, MAX_DIFFERENCES + 1))
        count = streams.count()
    if len(found) > MAX_DIFFERENCES:
        raise TooManyDifferences
    return Verified(
        count, events, [left for each in found if (left := _again(each, store, catalogue))]
    )


def _read(store: EventStore[Any], streams: Streams, progress: Callable[[int], None]) -> int:
    number = 0
    for number, (_, logged) in enumerate(store.read_all(), 1):
        streams.reach(logged.stream, logged.version)
        progress(number)
    return number


def _different(
    versions: Iterator[tuple[str, int]], catalogue: Catalogue[Any], threads: int
) -> Iterator[Difference]:
    def compare(known: tuple[str, int]) -> Difference:
        stream, version = known
        return Difference(stream, version, _shown(stream, catalogue))

    with ThreadPoolExecutor(threads, "verify") as pool:
        while some := list(islice(versions, AT_ONCE)):
            yield from (each for each in pool.map(compare, some) if each.shown != each.version)


def _again(
    found: Difference, store: EventStore[Any], catalogue: Catalogue[Any]
) -> Difference | None:
    """Return how a view still differs from what the log had, or is ahead of what it has now."""
    shown = _shown(found.stream, catalogue)
    if shown < found.version:
        return found._replace(shown=shown)
    last = max((e.version for e in store.load_last(found.stream, 1)), default=0)
    return found._replace(version=last, shown=shown) if shown > last else None


def _shown(stream: str, catalogue: Catalogue[Any]) -> int:
    try:
        return shown_version(stream, catalogue)
    except UnreadableView:
        return _UNREADABLE
