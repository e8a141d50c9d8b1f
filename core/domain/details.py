"""What is known of a book: the content of its state, of its events and of its view."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from core.domain.isbn import ISBN_13_SCHEMA
from core.domain.language import LANGUAGE_SCHEMA
from core.domain.published import PUBLISHED_SCHEMA


class BookDetails(BaseModel):
    """What is known of a book.

    Only the types are checked here, so that every event ever stored loads again, whatever rules
    came later. A request's body becomes a ``BookDetails`` through
    ``core.domain.rules.parse_details``. The JSON Schemas promise readers the form of a field, and
    no limit: a limit may be raised.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    authors: tuple[str, ...]
    isbn: Annotated[str, WithJsonSchema(ISBN_13_SCHEMA, mode="serialization")] | None = None
    description: str | None = None
    published: Annotated[str, WithJsonSchema(PUBLISHED_SCHEMA, mode="serialization")] | None = None
    language: Annotated[str, WithJsonSchema(LANGUAGE_SCHEMA, mode="serialization")] | None = None
    subjects: tuple[str, ...] = ()
