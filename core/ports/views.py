"""What the catalogue keeps for a stream: its view, or the mark that it is gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from core.ports.records import Record

V_co = TypeVar("V_co", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[V_co]):
    """What readers see of a stream.

    ``id`` is the stream's. ``version`` is that of the last event that the view has taken in,
    ``added_at`` and ``revised_at`` are the times of the first and the last. ``details`` is the
    domain's own part, a record.
    """

    id: str
    version: int
    details: V_co
    added_at: datetime
    revised_at: datetime


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The mark of a stream that shows nothing: a late event does not bring it back."""

    id: str
    version: int


Projected = View[V_co] | Tombstone
"""What a projection makes of a stream."""
