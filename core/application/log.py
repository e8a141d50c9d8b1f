"""Following the log: the local projector, and the making of a new read model while the old one serves."""

from typing import Protocol

from core.application.projection import CannotProject, project
from core.domain.decider import ImpossibleHistory
from core.ports.catalogue import Catalogue
from core.ports.event_store import Envelope, EventStore, OrderedEventStore
from core.ports.read_model import ReadModel

CHECKPOINT_EVERY = 200
"""Events between two checkpoints: what at most is read twice after a stop. Repeats are skipped, so it loses nothing."""


class Report(Protocol):
    """Is told of an event that cannot be applied."""

    def __call__(self, event: Envelope, error: Exception, /) -> None:
        """Make it known to whoever can mend it."""


class Progress(Protocol):
    """Is told how far the work is."""

    def __call__(self, events: int, /) -> None:
        """Show that ``events`` were read."""


def catch_up(name: str, read_model: ReadModel, store: OrderedEventStore, report: Report) -> int:
    """Project what was stored since the checkpoint ``name``; return the number of events read.

    An event that cannot be applied is told to ``report`` and left out; the others go on.
    """
    count = 0
    for count, (position, event) in enumerate(store.follow(read_model.checkpoint(name)), 1):
        # Asked for each event: a rebuild may begin at any time, and events stored after that belong to both.
        for catalogue in read_model.targets():
            _project_or_report(event, catalogue, store, report)
        if count % CHECKPOINT_EVERY == 0:
            read_model.save_checkpoint(name, position)
    if count % CHECKPOINT_EVERY:
        read_model.save_checkpoint(name, position)
    return count


def _project_or_report(
    event: Envelope, catalogue: Catalogue, store: EventStore, report: Report
) -> None:
    try:
        project(event, catalogue, store)
    except (CannotProject, ImpossibleHistory) as error:
        report(event, error)


def rebuild(read_model: ReadModel, store: EventStore, report: Report, progress: Progress) -> int:
    """Make a new read model from the log while the old one serves, let it serve, and return the events read.

    Stopped at any point and started again, it goes on. Events stored meanwhile are in the new one too: the ones
    before the log is read are found in the log, and the later ones find the new catalogue among ``targets``.
    ``progress`` is told the number of events now and then; ``report`` as in ``catch_up``.
    """
    building = read_model.begin_rebuild()
    count = 0
    for count, (position, event) in enumerate(
        store.read_all(after=read_model.checkpoint("rebuild")), 1
    ):
        _project_or_report(event, building, store, report)
        if count % CHECKPOINT_EVERY == 0:
            read_model.save_checkpoint("rebuild", position)
            progress(count)
    read_model.finish_rebuild()
    progress(count)
    return count
