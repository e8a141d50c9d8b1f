"""What happened to a book. Events are facts: frozen, versioned, and never rewritten once stored.

``EVENTS`` declares how each is stored. To change a stored form, append an upcaster to its
declaration: a function from the form of before to the next one. What is stored still loads then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from core.domain.details import BookDetails
from core.ports.events import EventCodec, EventType


@dataclass(frozen=True, slots=True)
class BookAdded:
    """A book was added."""

    details: BookDetails


@dataclass(frozen=True, slots=True)
class BookRevised:
    """Fields of a book were changed; ``changes`` has the new values, ``None`` for cleared ones."""

    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class BookRemoved:
    """A book was removed."""


BookEvent = BookAdded | BookRevised | BookRemoved

EVENTS: EventCodec[BookEvent] = EventCodec(
    get_args(BookEvent),
    {
        "BookAdded": EventType(BookAdded),
        "BookRevised": EventType(BookRevised),
        "BookRemoved": EventType(BookRemoved),
    },
)
