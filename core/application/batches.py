"""Projecting a part of the log in batches (``core.ports.read_model.ReadModel.batch``)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from core.application.aside import Report, project_logged, project_or_set_aside
from core.ports.catalogue import Catalogue
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable
from core.ports.event_store import EventStore
from core.ports.events import Envelope, Unreadable
from core.ports.read_model import ReadModel
from core.ports.records import Record

V = TypeVar("V", bound=Record)

Logged = Envelope[Any] | Unreadable
Entry = tuple[str, Logged]
"""A position in the log, and what is there."""

CHECKPOINT_EVERY: Final = 500
"""Events between two checkpoints at most: what is read twice after a stop. Repeats are skipped, so
it loses nothing."""


class _CannotApply(Exception):
    """The event of a batch that cannot be applied is the cause."""


def in_parts(log: Iterator[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield what ``log`` yields, ``CHECKPOINT_EVERY`` at a time."""
    while part := list(islice(log, CHECKPOINT_EVERY)):
        yield part


@dataclass(frozen=True, slots=True)
class Batches(Generic[V]):
    """Projects events to ``targets``, in batches that end with the checkpoint ``name``."""

    name: str
    targets: Callable[[], Sequence[Catalogue[V]]]
    read_model: ReadModel[V]
    store: EventStore[Any]
    domain: Domain[Any, Any, Any, V]
    report: Report

    def project(self, part: Sequence[Entry]) -> None:
        """Project each event of ``part``, or set its stream aside.

        Raises StoreUnavailable; then what is before the checkpoint was projected.
        """
        done = 0
        while done < len(part):
            done += self._project_first(part[done:])

    def _project_first(self, part: Sequence[Entry]) -> int:
        """Project the first events, as many as a batch has time for; return how many.

        Where one cannot be applied, the batch is undone and repeated without it. That one is
        projected alone, so nothing else is undone with what it has written.
        """
        applied = 0
        try:
            with self.read_model.batch() as has_time:
                # Asked after the events were read: a rebuild may begin at any time, and events
                # stored after that belong to both.
                catalogues = self.targets()
                for _, logged in part:
                    self._apply(logged, catalogues)
                    applied += 1
                    if not has_time():
                        break
                self._save_checkpoint(part[applied - 1])
        except _CannotApply:
            return self._project_first(part[:applied]) if applied else self._project_alone(part[0])
        return applied

    def _apply(self, logged: Logged, catalogues: Sequence[Catalogue[V]]) -> None:
        try:
            project_logged(logged, catalogues, self.store, self.domain)
        except StoreUnavailable:
            raise
        except Exception as error:
            raise _CannotApply from error

    def _project_alone(self, entry: Entry) -> int:
        _, logged = entry
        project_or_set_aside(
            logged, self.targets(), self.read_model, self.store, self.domain, self.report
        )
        self._save_checkpoint(entry)
        return 1

    def _save_checkpoint(self, last: Entry) -> None:
        position, _ = last
        self.read_model.save_checkpoint(self.name, position)
