"""What is known of a book: the content of its state, of its events and of its view."""

from dataclasses import dataclass
from typing import Annotated

from core.domain.isbn import ISBN_13_SCHEMA
from core.domain.language import LANGUAGE_SCHEMA
from core.domain.published import PUBLISHED_SCHEMA
from core.ports.json_schema import JsonSchema


@dataclass(frozen=True, slots=True)
class BookDetails:
    """What is known of a book.

    Only the types are checked here, so that every event ever stored loads again, whatever rules
    came later. A request's body becomes a ``BookDetails`` through
    ``core.domain.rules.parse_details``. The JSON Schemas promise readers the form of a field, and
    no limit: a limit may be raised.
    """

    title: str
    authors: tuple[str, ...]
    isbn: Annotated[str, JsonSchema(ISBN_13_SCHEMA)] | None = None
    description: str | None = None
    published: Annotated[str, JsonSchema(PUBLISHED_SCHEMA)] | None = None
    language: Annotated[str, JsonSchema(LANGUAGE_SCHEMA)] | None = None
    subjects: tuple[str, ...] = ()
