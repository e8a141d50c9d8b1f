"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr

from core.domain.details import BookDetails
from core.ports.input import parse_input, parse_patch, without_nulls
from core.ports.plain_text import plain_text

NOUN = "book"
MAX_TITLE_CHARACTERS = 200
MAX_LABEL_CHARACTERS = 100
MAX_REFERENCE_CHARACTERS = 100


_Title = Annotated[StrictStr, AfterValidator(plain_text(MAX_TITLE_CHARACTERS))]
_Label = Annotated[StrictStr, AfterValidator(plain_text(MAX_LABEL_CHARACTERS))]
_Reference = Annotated[StrictStr, AfterValidator(plain_text(MAX_REFERENCE_CHARACTERS))]


class _BookInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: _Title
    label: _Label | None = None
    reference: _Reference | None = None


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed. ``null`` is the absence of a field. Raises
    InvalidInput with all errors.
    """
    checked = parse_input(_BookInput, without_nulls(_BookInput, payload), NOUN)
    return BookDetails.model_validate(checked.model_dump())


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    return parse_patch(_BookInput, details, patch, NOUN)
