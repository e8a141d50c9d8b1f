"""What happened to a book. Events are facts: frozen, versioned, and never rewritten once stored.

``SCHEMA_VERSIONS`` has the version that is written today; an older stored form is lifted to it by
``core.domain.upcasters`` when it is read.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from core.domain.book import BookDetails
from core.domain.upcasters import upcast

# What cannot be read is logged with its error, and the content of a book does not belong into the log.
_FACT: Final = ConfigDict(frozen=True, hide_input_in_errors=True)


class BookAdded(BaseModel):
    """A book came into the catalogue."""

    model_config = _FACT

    details: BookDetails


class BookRevised(BaseModel):
    """Fields of a book were changed: ``changes`` has their new values, ``None`` where one was cleared.

    Without changes it only remembers that a command was obeyed that changed nothing (an idempotent one).
    """

    model_config = _FACT

    changes: Mapping[str, str | tuple[str, ...] | None]


class BookRemoved(BaseModel):
    """A book left the catalogue."""

    model_config = _FACT


BookEvent = BookAdded | BookRevised | BookRemoved

_TYPES: Final[dict[str, type[BookEvent]]] = {
    "BookAdded": BookAdded,
    "BookRevised": BookRevised,
    "BookRemoved": BookRemoved,
}
SCHEMA_VERSIONS: Final[dict[str, int]] = {"BookAdded": 2, "BookRevised": 2, "BookRemoved": 1}


class UnknownEvent(Exception):
    """A stored event that this version of the code cannot read: its type or its schema version is not known."""


def event_type(event: BookEvent) -> str:
    """Return the name under which an event is stored."""
    return type(event).__name__


def event_data(event: BookEvent) -> dict[str, Any]:
    """Return the event as JSON data in its newest schema version; fields that say nothing are left out."""
    return event.model_dump(mode="json", exclude_defaults=True)


def event_from_data(name: str, schema_version: int, data: Mapping[str, Any]) -> BookEvent:
    """Return the event that was stored as ``data``, lifted to today's schema.

    Raises UnknownEvent for a type or a schema version that is newer than this code, or for data of another shape.
    """
    kind = _TYPES.get(name)
    if kind is None or not 1 <= schema_version <= SCHEMA_VERSIONS[name]:
        raise UnknownEvent(
            f"An event {name} of schema version {schema_version} is not known to this version of the code."
        )
    try:
        return kind.model_validate(upcast(name, schema_version, data))
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownEvent(
            f"A stored {name} of schema version {schema_version} has not the shape of one."
        ) from error
