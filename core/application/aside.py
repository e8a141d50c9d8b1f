"""Isolation: a stream whose event cannot be applied is set aside, and the others go on.

There are two kinds of failure. An outage (StoreUnavailable) passes: the event is projected
again until it succeeds. Whatever else a projection fails with comes back each time that this
version of the code tries: an event of a newer version, a history that cannot be, a mistake in the
code. Then the stream is set aside, and heals when a version that can apply the event retries it.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, TypeVar

from core.application.projection import CannotProject, project
from core.ports.catalogue import Catalogue
from core.ports.clock import Stopwatch
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.event_store import EventStore
from core.ports.events import Envelope, Unreadable
from core.ports.read_model import Aside, ReadModel
from core.ports.records import Record

V = TypeVar("V", bound=Record)

MAX_REASON_CHARACTERS: Final = 1_000
RETRY_EVERY_SECONDS: Final = 300.0


class Report(Protocol):
    """Receives what was set aside."""

    def __call__(self, aside: Aside, error: Exception, /) -> None:
        """Make it known to whoever can mend it. ``error`` is what the projection failed with."""


def project_or_set_aside(
    logged: Envelope[Any] | Unreadable,
    catalogues: Iterable[Catalogue[V]],
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    report: Report,
) -> bool:
    """Bring the view in each of ``catalogues`` up to an event, or set its stream aside.

    Return whether a view has changed. Raises StoreUnavailable; then the same call may be made
    again.
    """
    try:
        return project_logged(logged, catalogues, store, domain)
    except StoreUnavailable:
        raise
    except Exception as error:
        aside = Aside(logged.stream, logged.version, _reason(error))
        read_model.set_aside(aside)
        report(aside, error)
        return False


def project_logged(
    logged: Envelope[Any] | Unreadable,
    catalogues: Iterable[Catalogue[V]],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> bool:
    """Bring the view in each of ``catalogues`` up to an event; return whether one has changed.

    Raises what ``project`` raises, and UnknownEvent for an event that is Unreadable.
    """
    if isinstance(logged, Unreadable):
        raise UnknownEvent(logged.reason)
    changed = [project(logged, catalogue, store, domain) for catalogue in catalogues]
    return any(changed)


def _reason(error: Exception) -> str:
    """Return why, as text that any store can keep: an error may quote a lone surrogate."""
    text = (str(error) or repr(error))[:MAX_REASON_CHARACTERS]
    return text.encode(errors="replace").decode()


class Retries:
    """Says when what is aside is due to be retried: at once, then every ``RETRY_EVERY_SECONDS``.

    Once is not enough: during a deployment, a process of the version before may set a stream aside
    after one of the next version has started.
    """

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._next = stopwatch()

    def are_due(self) -> bool:
        """Return whether it is time, and count from then on."""
        now = self._stopwatch()
        if now < self._next:
            return False
        self._next = now + RETRY_EVERY_SECONDS
        return True


def retry_aside(
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    report: Report,
    has_time: Callable[[], bool] = lambda: True,
) -> int:
    """Project the streams that were set aside again; return how many are set aside no more.

    Those that fail again stay, and are reported. Once ``has_time`` is false, what is left waits for
    the next call. Raises StoreUnavailable. Costs, when nothing was set aside, one query.
    """
    healed = 0
    for aside in read_model.aside():
        if not has_time():
            break
        try:
            retry(aside, read_model, store, domain)
        except StoreUnavailable:
            raise
        except Exception as error:
            report(aside, error)
        else:
            healed += 1
    return healed


def retry(
    aside: Aside,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> None:
    """Project a stream that was set aside, and forget that it was. Raises what ``project`` does."""
    _project_latest(aside, read_model, store, domain)
    _resume(aside, read_model, store, domain)


def _resume(
    aside: Aside,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> None:
    """Forget ``aside``, whose stream was projected, in a generation begun meanwhile too.

    An older version of the code may have begun that, and set the stream aside again before it was
    forgotten. So what the stream has is projected once more, to what are the targets now.
    """
    read_model.resume(aside)
    try:
        _project_latest(aside, read_model, store, domain)
    except Exception:
        read_model.set_aside(aside)
        raise


def _project_latest(
    aside: Aside,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> None:
    events = store.load(aside.stream, after=aside.version - 1)
    if not events:
        raise CannotProject(f"the event store lacks version {aside.version} of {aside.stream}")
    for catalogue in read_model.targets():
        project(events[-1], catalogue, store, domain)
