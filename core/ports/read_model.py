"""The generations of the catalogue: the one that serves, and the one being made anew beside it."""

from collections.abc import Sequence
from typing import Protocol

from core.ports.catalogue import Catalogue


class ReadModel(Protocol):
    """Knows which generation of the catalogue serves. Every method may raise StoreUnavailable."""

    def live(self) -> Catalogue:
        """Return the catalogue that queries are answered from. May be a few seconds behind a switch."""

    def targets(self) -> Sequence[Catalogue]:
        """Return the catalogues that every event is projected to, the live one first.

        While a rebuild is under way there are two. Always read anew: an event that was stored after ``begin_rebuild``
        returned finds the new one here.
        """

    def begin_rebuild(self) -> Catalogue:
        """Return the catalogue being built: that of the rebuild under way, or a new, empty one."""

    def finish_rebuild(self) -> None:
        """Let the catalogue being built serve, and take the old one away once nobody reads it any more.

        Does only what is left to do when it was stopped in the middle. Without a rebuild under way it does nothing.
        """

    def checkpoint(self, name: str) -> str | None:
        """Return the position in the log up to which ``name`` has worked, or None."""

    def save_checkpoint(self, name: str, position: str) -> None:
        """Remember the position in the log up to which ``name`` has worked. A new rebuild forgets "rebuild"'s."""
