"""Following the log: the local projector, and the rebuild of the read model."""

from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel

from core.application.projection import CannotProject, project
from core.ports.catalogue import Catalogue
from core.ports.decider import ImpossibleHistory
from core.ports.domain import Domain
from core.ports.event_store import EventStore, OrderedEventStore
from core.ports.events import Envelope
from core.ports.read_model import ReadModel

V = TypeVar("V", bound=BaseModel)

CHECKPOINT_EVERY: Final = 200
"""Events between two checkpoints: what at most is read twice after a stop. Repeats are skipped, so
it loses nothing."""


class Report(Protocol):
    """Receives events that cannot be applied."""

    def __call__(self, event: Envelope[Any], error: Exception, /) -> None:
        """Make it known to whoever can mend it."""


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
) -> int:
    """Project what was stored since the checkpoint ``name``; return the number of events read.

    An event that cannot be applied is reported and left out; the others go on.
    """
    count = 0
    for count, (position, event) in enumerate(store.follow(read_model.checkpoint(name)), 1):
        # Asked for each event: a rebuild may begin at any time, and events stored after that belong
        # to both.
        for catalogue in read_model.targets():
            _project_or_report(event, catalogue, store, domain, report)
        if count % CHECKPOINT_EVERY == 0:
            read_model.save_checkpoint(name, position)
    if count % CHECKPOINT_EVERY:
        read_model.save_checkpoint(name, position)
    return count


def _project_or_report(
    event: Envelope[Any],
    catalogue: Catalogue[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    report: Report,
) -> None:
    try:
        project(event, catalogue, store, domain)
    except (CannotProject, ImpossibleHistory) as error:
        report(event, error)


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
    catalogue among ``targets``. ``progress`` gets the number of events from time to time;
    ``report`` is as in ``catch_up``.
    """
    building = read_model.begin_rebuild()
    count = 0
    for count, (position, event) in enumerate(
        store.read_all(after=read_model.checkpoint("rebuild")), 1
    ):
        _project_or_report(event, building, store, domain, report)
        if count % CHECKPOINT_EVERY == 0:
            read_model.save_checkpoint("rebuild", position)
            progress(count)
    read_model.finish_rebuild()
    progress(count)
    return count
