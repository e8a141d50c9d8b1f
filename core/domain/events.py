"""What happened to a book. Events are facts: frozen, versioned, and never rewritten once stored.

``EVENTS`` declares how each is stored. An older stored form is lifted to today's by
``core.domain.upcasters`` when it is read.
"""

from collections.abc import Mapping
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict

from core.domain.details import BookDetails
from core.domain.upcasters import added_1_to_2, revised_1_to_2
from core.ports.events import EventCodec, EventType

# What cannot be read is logged with its error, and the content of a book does not belong in the
# log.
_FACT: Final = ConfigDict(frozen=True, hide_input_in_errors=True)


class BookAdded(BaseModel):
    """A book came into the catalogue."""

    model_config = _FACT

    details: BookDetails


class BookRevised(BaseModel):
    """Fields of a book were changed; ``changes`` has the new values, null for cleared ones.

    Logs of earlier versions have some without changes: records of commands that changed nothing.
    """

    model_config = _FACT

    changes: Mapping[str, str | tuple[str, ...] | None]


class BookRemoved(BaseModel):
    """A book left the catalogue."""

    model_config = _FACT


BookEvent = BookAdded | BookRevised | BookRemoved

EVENTS: EventCodec[BookEvent] = EventCodec(
    get_args(BookEvent),
    {
        "BookAdded": EventType(BookAdded, added_1_to_2),
        "BookRevised": EventType(BookRevised, revised_1_to_2),
        "BookRemoved": EventType(BookRemoved),
    },
)
