"""What happened to a book. Events are facts: frozen, versioned, and never rewritten once stored.

``EVENTS`` declares how each is stored. To change a stored form, append an upcaster to its
declaration: a function from the form of before to the next one. What is stored still loads then.
"""

from collections.abc import Mapping
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict

from core.domain.details import BookDetails
from core.ports.events import EventCodec, EventType

# What cannot be read is logged with its error, and the content of a book does not belong in the
# log.
_FACT: Final = ConfigDict(frozen=True, hide_input_in_errors=True)


class BookAdded(BaseModel):
    """A book was added."""

    model_config = _FACT

    details: BookDetails


class BookRevised(BaseModel):
    """Fields of a book were changed; ``changes`` has the new values, ``None`` for cleared ones."""

    model_config = _FACT

    changes: Mapping[str, str | None]


class BookRemoved(BaseModel):
    """A book was removed."""

    model_config = _FACT


BookEvent = BookAdded | BookRevised | BookRemoved

EVENTS: EventCodec[BookEvent] = EventCodec(
    get_args(BookEvent),
    {
        "BookAdded": EventType(BookAdded),
        "BookRevised": EventType(BookRevised),
        "BookRemoved": EventType(BookRemoved),
    },
)
