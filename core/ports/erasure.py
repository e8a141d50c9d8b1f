"""Erasure: the one change that is ever made to events that are stored.

A log is not rewritten. But a person may ask that it forgets who they are, and the law may be on
their side (docs/explanation/privacy.md).
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple, Protocol

ERASED: Final = "(erased)"
"""The actor of an event whose actor was erased."""


class Erased(NamedTuple):
    """How far an erasure is: events that were looked at, and those of them that were changed."""

    seen: int
    changed: int


class ActorErasure(Protocol):
    """Erases actors from the log. Safe beside appends, readers, projectors and other erasures."""

    def erase(self, actors: Collection[str]) -> Iterator[Erased]:
        """Replace the actor of every event that has one of ``actors`` by ``ERASED``, part by part.

        Yields how far it is after each part; the last one is the sum. Nothing else of an event
        changes: neither its place in the log and its id nor its content, its idempotency key and
        the digest of its request, so repeats are recognised as before. Claims and snapshots are
        left alone. Events that this version of the code cannot read are changed as well. A
        projector has nothing to do after it.

        Every event is found that was appended before the first part began. Of those appended since,
        some may be left.

        Stopped at any point, it has changed the parts that it has yielded; the same call again
        changes what is left. Costs a read of the whole log, and a write for each event that is
        changed. Raises StoreUnavailable.
        """
