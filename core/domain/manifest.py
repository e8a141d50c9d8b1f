"""The books in the engine's vocabulary: all that ``core.bootstrap`` hands over.

``State``, ``Command``, ``Event`` and ``Details`` are the types that ``BOOKS`` is made of.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.domain.book import NOUN, Book, view_of
from core.domain.listing import LISTING
from core.ports.domain import Domain, WriteSide

if TYPE_CHECKING:
    from core.domain.book import BookState
    from core.domain.commands import BookCommand
    from core.domain.details import BookDetails
    from core.domain.events import BookEvent
    from core.ports.messages import PublicLanguage

    State = BookState
    Command = BookCommand
    Event = BookEvent
    Details = BookDetails


@cache
def _write_side() -> WriteSide[State, Command, Event]:
    # Imported here: what only reads books needs none of it.
    from core.domain.decider import DECIDER
    from core.domain.events import EVENTS

    return WriteSide(DECIDER, EVENTS)


@cache
def _public_language() -> PublicLanguage[Event, State]:
    from core.domain.messages import MESSAGES

    return MESSAGES


BOOKS: Domain[State, Command, Event, Details] = Domain(
    noun=NOUN,
    collection="/v1/catalog/books",
    write_side=_write_side,
    view=view_of,
    restore=Book,
    listing=LISTING,
    claim_labels={"isbn": "ISBN"},
    public_language=_public_language,
)
"""The domain as one value: all that the engine is handed of it."""
