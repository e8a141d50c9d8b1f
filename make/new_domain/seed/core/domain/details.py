"""What is known of a book: the content of its state, of its events and of its view."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BookDetails:
    """What is known of a book.

    Only the types are checked here, so that every event ever stored loads again, whatever rules
    came later. A request's body becomes a ``BookDetails`` through
    ``core.domain.rules.parse_details``.
    """

    title: str
    label: str | None = None
    reference: str | None = None
