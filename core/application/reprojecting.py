"""Views compared with the log: which are stale, and one stream projected again.

A view is stale when its projector has given up its events (after 23 hours in AWS), or has not come
to them yet. Projecting its last event repairs it: what lies between is read from the log.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from core.application.aside import retry
from core.application.projection import CannotProject, apply, project
from core.ports.catalogue import Catalogue
from core.ports.domain import Domain
from core.ports.event_store import EventStore
from core.ports.events import Envelope
from core.ports.read_model import ReadModel
from core.ports.records import Record

V = TypeVar("V", bound=Record)


class Reprojected(NamedTuple):
    """The version of a stream in the log, and of its view in each generation before (0: none)."""

    version: int
    before: list[int]


class NotRepaired(Exception):
    """A view that only a rebuild replaces; ``str()`` says why."""


def shown_version(stream: str, catalogue: Catalogue[Any]) -> int:
    """Return the version of a stream's view or tombstone, 0 without one. Raises UnreadableView."""
    projected = catalogue.get(stream)
    return projected.version if projected else 0


def reproject(
    stream: str,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> Reprojected:
    """Bring the views of ``stream`` in all generations up to the log.

    A view that is missing or behind is brought up to the last event, a replacement that was
    interrupted is finished, and a stream that was set aside is so no more. Then each view is
    compared with what all events of the stream make.

    Raises CannotProject for a stream without events, and NotRepaired where a view differs, or is
    ahead of the log, as after the log was restored to an earlier time. (No view is replaced by one
    that is not of a higher version, or a late record would undo a later one.) Raises what
    ``project`` and ``Catalogue.get`` do as well. Costs a read of the stream.
    """
    events = store.load(stream)
    if not events:
        raise CannotProject(f"the log has no events of {stream}")
    before = []
    for catalogue in read_model.targets():
        before.append(shown_version(stream, catalogue))
        project(events[-1], catalogue, store, domain)
        _check(events, catalogue, store, domain)
    for aside in read_model.aside():
        if aside.stream == stream:
            retry(aside, read_model, store, domain)
    return Reprojected(len(events), before)


def _check(
    events: list[Envelope[Any]],
    catalogue: Catalogue[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
) -> None:
    if any(map(domain.is_foreign, events)):
        return
    stream = events[-1].stream
    shown = catalogue.get(stream)
    if shown is None:
        raise NotRepaired(f"{stream} has no view, although it was projected")
    if shown.version > len(events):  # events were appended since, or are no longer there
        events = [*events, *store.load(stream, after=len(events))][: shown.version]
    if shown.version > len(events):
        raise NotRepaired(
            f"the view of {stream} is at version {shown.version}, and the log ends at {len(events)}"
        )
    if shown != apply(None, events, domain):
        raise NotRepaired(
            f"the view of {stream} at version {shown.version} is not what the log says"
        )
