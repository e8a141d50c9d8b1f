"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr, WithJsonSchema

from core.domain.book import NOUN
from core.domain.details import BookDetails
from core.domain.limits import (
    MAX_LABEL_CHARACTERS,
    MAX_REFERENCE_CHARACTERS,
    MAX_TITLE_CHARACTERS,
)
from core.ports.input import parse_input, parse_patch, without_nulls
from core.ports.plain_text import plain_text, plain_text_schema

# Each rule with what JSON Schema can say of it, from the same constant.
_Title = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_TITLE_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_TITLE_CHARACTERS)),
]
_Label = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_LABEL_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_LABEL_CHARACTERS)),
]
_Reference = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_REFERENCE_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_REFERENCE_CHARACTERS)),
]


class BookInput(BaseModel):
    """A book as a client sends it; null is the absence of a field.

    The first examples of all fields are the API's example of a book, the second ones of a revision.
    """

    model_config = ConfigDict(extra="forbid")

    title: _Title = Field(examples=["A Pattern Language", "The Timeless Way of Building"])
    label: _Label | None = Field(None, examples=["first", "second"])
    reference: _Reference | None = Field(None, examples=["1977-1"])


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed. ``null`` is the absence of a field. Raises
    InvalidInput with all errors.
    """
    checked = parse_input(BookInput, without_nulls(BookInput, payload), NOUN)
    return BookDetails(**vars(checked))


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    return parse_patch(BookInput, details, patch, NOUN)
