"""Queries: what is read from the catalogue and, for a stream's history, from the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from core.ports.errors import UnknownEvent
from core.ports.records import Record
from core.ports.refusals import NotFound
from core.ports.views import Projected, View

if TYPE_CHECKING:
    from core.ports.clock import Clock, Sleep, Stopwatch
    from core.ports.domain import Domain
    from core.ports.event_store import EventStore
    from core.ports.events import Envelope
    from core.ports.listing import Listing, Page, Position
    from core.ports.read_model import ReadModel

S = TypeVar("S")
E = TypeVar("E")
V = TypeVar("V", bound=Record)

WAIT_SECONDS: Final = 3.0
"""How long a query waits for ``min_version``: well over the usual lag of a projector, well under
the 30 seconds after which API Gateway gives up (HTTP API quotas)."""

MAX_WAITED_FOR: Final = timedelta(seconds=10)
"""A write that is older than this and not visible yet is not waited for: the projector stands still
or lags by more than a wait would bridge. Clocks of different machines may differ by less."""

MAX_LAG: Final = timedelta(seconds=10)
"""A read model that is further behind is degraded; usually it is behind by a tenth of a second."""

_FIRST_PAUSE_SECONDS: Final = 0.02
_MAX_PAUSE_SECONDS: Final = 0.32


class NotYetVisible(Exception):
    """The catalogue has not reached the version waited for. The query may be repeated."""

    def __init__(self, noun: str, version: int) -> None:
        super().__init__(
            f"The catalogue has not reached version {version} of the {noun} yet."
            " Send the request again."
        )


class NoSuchVersion(Exception):
    """The log has no such version of the stream, so there is nothing to wait for."""

    def __init__(self, noun: str, version: int) -> None:
        super().__init__(
            f"The {noun} has no version {version}. Ask for one that a command has returned."
        )
        self.noun = noun


class Degraded(Exception):
    """The read model is further behind the log than readers should have to expect."""

    def __init__(self, lag: timedelta) -> None:
        super().__init__(
            f"The read model is {lag.total_seconds():.0f} s behind the log: see the projector."
        )


def check_lag(lag: timedelta) -> None:
    """Raise Degraded when the read model is more than ``MAX_LAG`` behind the log."""
    if lag > MAX_LAG:
        raise Degraded(lag)


class QueryHandler(NamedTuple, Generic[S, E, V]):
    """Answers the queries of a domain. Every method may raise StoreUnavailable.

    Those that read the log may raise UnknownEvent too. ``open_store`` returns the event store, and
    is called by them alone: most queries need the read model only.
    """

    domain: Domain[S, Any, E, V]
    read_model: ReadModel[V]
    open_store: Callable[[], EventStore[Any]]
    clock: Clock
    sleep: Sleep
    stopwatch: Stopwatch

    @property
    def store(self) -> EventStore[Any]:
        """The event store."""
        return self.open_store()

    def view(self, stream: str, min_version: int = 0) -> View[V]:
        """Return a view at ``min_version`` or above, waiting at most ``WAIT_SECONDS`` for it.

        Anybody may ask, so only what will come is waited for: a version that the log has, of an
        event not older than ``MAX_WAITED_FOR``. Raises NotFound, NoSuchVersion, or NotYetVisible
        when the time is over. A version that is not visible at once costs a read of the log.
        """
        current = self.read_model.live().get(stream)
        if not _has_reached(current, min_version):
            self._check_will_come(stream, min_version)
            current = self._awaited(stream, min_version)
        return self._found(current)

    def _check_will_come(self, stream: str, version: int) -> None:
        try:
            events = self._own(stream, self.store.load(stream, after=version - 1, limit=1))
        except UnknownEvent as error:  # the projector cannot apply it either
            raise NotYetVisible(self.domain.noun, version) from error
        if not events and not self._own(stream, self.store.load(stream, limit=1)):
            raise NotFound(self.domain.noun)
        if not events:
            raise NoSuchVersion(self.domain.noun, version)
        if self.clock() - events[0].occurred_at > MAX_WAITED_FOR:
            raise NotYetVisible(self.domain.noun, version)

    def _awaited(self, stream: str, min_version: int) -> Projected[V] | None:
        deadline = self.stopwatch() + WAIT_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while True:
            current = self.read_model.live().get(stream)
            if _has_reached(current, min_version):
                return current
            if self.stopwatch() + pause > deadline:
                raise NotYetVisible(self.domain.noun, min_version)
            self.sleep(pause)
            pause = min(2 * pause, _MAX_PAUSE_SECONDS)

    def page(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        """Return a page of a listing, as ``Catalogue.find`` promises it."""
        return self.read_model.live().find(listing, after, limit)

    def history(
        self, stream: str, after: int, limit: int
    ) -> tuple[Sequence[Envelope[E]], int | None]:
        """Return a page of a stream's events after ``after``, and the version to go on after.

        That is None at the end. What was removed has a history too. Raises NotFound where there
        never was anything.
        """
        events = self._own(stream, self.store.load(stream, after=after, limit=limit + 1))
        if not events and after == 0:
            raise NotFound(self.domain.noun)
        page = events[:limit]
        return page, page[-1].version if len(events) > limit else None

    def view_as_of(self, stream: str, instant: datetime) -> View[V]:
        """Return the view as it was at ``instant``. Raises NotFound if there was none then.

        That is the view after the last version with a time up to ``instant``. Versions order
        events: one that a wrong clock dated ahead counts when a later one is dated before.

        Costs one read of a short stream, and at most four of a long one, whatever its length and
        however long ago the instant was (``load_past``, ``projected_as_of``).
        """
        from core.application.as_of import projected_as_of
        from core.application.past import Past, load_past

        past = load_past(stream, self.store, self.domain)
        if past.snapshot is None:
            past = Past(self._own(stream, past.recent))
        return self._found(projected_as_of(past, instant, stream, self.store, self.domain))

    def _own(self, stream: str, events: Sequence[Envelope[Any]]) -> Sequence[Envelope[E]]:
        # Records that nothing changed do not say whose they are; the first event of a stream does.
        first = self.store.load(stream, limit=1) if _are_records(events) else events[:1]
        return [] if any(map(self.domain.is_foreign, first)) else events

    def _found(self, projected: Projected[V] | None) -> View[V]:
        if not isinstance(projected, View):
            raise NotFound(self.domain.noun)
        return projected


def _has_reached(projected: Projected[Any] | None, version: int) -> bool:
    return (projected.version if projected else 0) >= version


def _are_records(events: Sequence[Envelope[Any]]) -> bool:
    return bool(events) and events[0].changed_nothing
