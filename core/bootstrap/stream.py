"""What the functions on the events table's stream have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from core.bootstrap.domain import DOMAIN

if TYPE_CHECKING:
    from core.domain.manifest import Event
    from core.ports.events import Envelope, Unreadable

_RECORD_MILLISECONDS: Final = 20_000
"""What an invocation must have left to begin a record: more than a store that does not respond
takes (``core.adapters.dynamodb.client``)."""


def decoded_image(image: Mapping[str, Any]) -> "Envelope[Event] | Unreadable | None":
    """Return the event of an image in the events table's stream, None for another item's."""
    from core.adapters.dynamodb.envelopes import is_event, logged_from_item

    return logged_from_item(image, DOMAIN.events) if is_event(image) else None


def has_time(context: Any) -> bool:
    """Return whether an invocation has time for another record.

    ``context`` is Lambda's, or None where something else invokes the function: then it has all the
    time it needs.
    """
    return context is None or context.get_remaining_time_in_millis() >= _RECORD_MILLISECONDS
