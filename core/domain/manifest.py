"""The books in the engine's vocabulary: all that ``core.bootstrap`` hands over.

``State``, ``Command``, ``Event`` and ``Details`` are the types that ``BOOKS`` is made of.
"""

from core.domain.book import NOUN, Book, BookState, view_of
from core.domain.commands import BookCommand
from core.domain.decider import DECIDER
from core.domain.details import BookDetails
from core.domain.events import EVENTS, BookEvent
from core.domain.listing import LISTING
from core.ports.domain import Domain

State = BookState
Command = BookCommand
Event = BookEvent
Details = BookDetails

BOOKS: Domain[State, Command, Event, Details] = Domain(
    noun=NOUN,
    collection="/v1/catalog/books",
    decider=DECIDER,
    events=EVENTS,
    view=view_of,
    restore=Book,
    listing=LISTING,
    claim_labels={"isbn": "ISBN"},
)
