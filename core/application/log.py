"""Following the log: the local projector, and the rebuild of the read model."""

from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar

from core.application.aside import Report, retry_aside
from core.application.batches import Batches, in_parts
from core.application.snapshotting import Keep, keep_none
from core.ports.clock import Clock
from core.ports.domain import Domain
from core.ports.event_store import EventStore, OrderedEventStore
from core.ports.events import Unreadable
from core.ports.read_model import Aside, ReadModel
from core.ports.records import Record

V = TypeVar("V", bound=Record)

_REBUILD: Final = "rebuild"
"""The name of a rebuild's checkpoint (``ReadModel.begin_rebuild``)."""


class Progress(Protocol):
    """Receives how far the work is."""

    def __call__(self, events: int, /) -> None:
        """Show that ``events`` were read."""


def catch_up(
    name: str,
    read_model: ReadModel[V],
    store: OrderedEventStore[Any],
    domain: Domain[Any, Any, Any, V],
    report: Report,
    keep: Keep = keep_none,
) -> int:
    """Project what was stored since the checkpoint ``name``; return the number of events read.

    An event that cannot be applied is reported, its stream is set aside, and the others go on.
    ``keep`` receives each event afterwards (``keep_snapshot``).
    Raises StoreUnavailable; the next call continues at the last checkpoint.
    """
    batches = Batches(name, read_model.targets, read_model, store, domain, report)
    count = 0
    for part in in_parts(store.follow(read_model.checkpoint(name))):
        batches.project(part)
        count += len(part)
        for _, logged in part:
            keep(logged)
    return count


def lag(
    name: str, read_model: ReadModel[Any], store: OrderedEventStore[Any], clock: Clock
) -> timedelta:
    """Return how long ago the first event after the checkpoint ``name`` was stored: 0 without one.

    It grows while the projector stands still, and while it is slower than the writers. Raises
    StoreUnavailable. Costs two reads.
    """
    waiting = (logged for _, logged in store.follow(read_model.checkpoint(name)))
    first = next((logged for logged in waiting if not isinstance(logged, Unreadable)), None)
    return timedelta(0) if first is None else max(clock() - first.occurred_at, timedelta(0))


def rebuild(
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    report: Report,
    progress: Progress,
) -> int:
    """Rebuild the read model from the log while the old one serves; return the events read.

    Stopped at any point and started again, it goes on. Events stored meanwhile are in the new one
    too: the ones before the log is read are found in the log, and the later ones find the new
    catalogue among ``targets``. ``progress`` gets the number of events from time to time.

    An event that cannot be applied does not end it: the stream is set aside. At the end all streams
    that are aside, by whomever, are retried; ``report`` receives each that stays so. Raises
    StoreUnavailable. Costs a read of the log, and a replacement of a view for each event.
    """
    building = read_model.begin_rebuild()
    batches = Batches(_REBUILD, lambda: [building], read_model, store, domain, _later)
    count = 0
    for part in in_parts(store.read_all(after=read_model.checkpoint(_REBUILD))):
        batches.project(part)
        count += len(part)
        progress(count)
    read_model.finish_rebuild()
    retry_aside(read_model, store, domain, report)
    progress(count)
    return count


def _later(aside: Aside, error: Exception, /) -> None:
    """Report nothing: what is aside is retried, and reported, at the end."""
