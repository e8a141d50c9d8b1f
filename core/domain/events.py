"""What happened to a book. Events are facts: frozen, versioned, and never rewritten once stored.

``EVENTS`` declares how each is stored. An older stored form is lifted to today's by
``core.domain.upcasters`` when it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from core.domain.details import BookDetails
from core.domain.upcasters import added_1_to_2, revised_1_to_2
from core.ports.events import EventCodec, EventType


@dataclass(frozen=True, slots=True)
class BookAdded:
    """A book came into the catalogue."""

    details: BookDetails


@dataclass(frozen=True, slots=True)
class BookRevised:
    """Fields of a book were changed; ``changes`` has the new values, null for cleared ones.

    Logs of earlier versions have some without changes: records of commands that changed nothing.
    """

    changes: Mapping[str, str | tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class BookRemoved:
    """A book left the catalogue."""


BookEvent = BookAdded | BookRevised | BookRemoved

EVENTS: EventCodec[BookEvent] = EventCodec(
    get_args(BookEvent),
    {
        "BookAdded": EventType(BookAdded, added_1_to_2),
        "BookRevised": EventType(BookRevised, revised_1_to_2),
        "BookRemoved": EventType(BookRemoved),
    },
)
