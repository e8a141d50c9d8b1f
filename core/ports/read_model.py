"""The generations of the catalogue: the one that serves, and the one being rebuilt beside it.

A read model also remembers which streams were set aside: those with an event that could not be
applied. The others go on without them, and each heals once a version of the code that can apply the
event retries it (``core.application.aside.retry_aside``).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol, TypeVar

from core.ports.catalogue import Catalogue
from core.ports.records import Record

V = TypeVar("V", bound=Record)


class Aside(NamedTuple):
    """A stream that was set aside: its view lacks its events up to ``version``, and ``reason``."""

    stream: str
    version: int
    reason: str


class ReadModel(Protocol[V]):
    """Knows which generation of the catalogue serves. Every method may raise StoreUnavailable."""

    def live(self) -> Catalogue[V]:
        """Return the catalogue for queries. May be a few seconds behind a switch."""

    def targets(self) -> Sequence[Catalogue[V]]:
        """Return the catalogues that every event is projected to, the live one first.

        While a rebuild is under way there are two. Ask after the events were read, and again for
        the next ones: an event that was stored after ``begin_rebuild`` returned finds the new one
        here.
        """

    def batch(self) -> AbstractContextManager[Callable[[], bool]]:
        """Begin a batch: what the thread writes inside is visible and durable together at its end.

        Many writes may take little longer than one. The function that is returned says whether
        there is time for more: while a batch lasts, others may have to wait. Batches do not nest.

        When an exception leaves the batch, nothing of it was written, and the work is repeated. A
        store without transactions of any size writes everything at once instead, each for itself.
        """

    def begin_rebuild(self) -> Catalogue[V]:
        """Return the catalogue being built: that of the rebuild under way, or a new, empty one.

        From then on it is among ``targets``.
        """

    def finish_rebuild(self) -> None:
        """Switch to the catalogue being built, and remove the old one when nobody reads it.

        Does only what is left to do when it was stopped in the middle. Without a rebuild under way
        it does nothing. Takes as long as the requests that still read the old one, and as removing
        it.
        """

    def checkpoint(self, name: str) -> str | None:
        """Return the position in the log up to which ``name`` has worked, or None."""

    def save_checkpoint(self, name: str, position: str) -> None:
        """Remember the log position that ``name`` has reached. A new rebuild forgets its own."""

    def set_aside(self, aside: Aside) -> None:
        """Remember that a stream was set aside, whatever generation serves.

        There is one for each stream: that of the highest version, the last of them if set aside
        twice at the same one.
        """

    def aside(self) -> Sequence[Aside]:
        """Return what is set aside, ordered by stream. Sees every ``set_aside`` that returned."""

    def resume(self, aside: Aside) -> None:
        """Forget ``aside``, as its stream was projected, unless a later version was set aside."""
