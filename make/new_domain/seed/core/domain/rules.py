"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr

from core.domain.details import BookDetails
from core.ports.input import merge_patch, parse_input, without_nulls

NOUN = "book"
MAX_TITLE_CHARACTERS = 200
MAX_LABEL_CHARACTERS = 100
MAX_REFERENCE_CHARACTERS = 100


def _text(max_characters: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
            raise ValueError("must not hold control characters")
        cleaned = unicodedata.normalize("NFC", value).strip()
        if not 1 <= len(cleaned) <= max_characters:
            raise ValueError(f"must have 1 to {max_characters:,} characters")
        return cleaned

    return check


class _BookInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[StrictStr, AfterValidator(_text(MAX_TITLE_CHARACTERS))]
    label: Annotated[StrictStr, AfterValidator(_text(MAX_LABEL_CHARACTERS))] | None = None
    reference: Annotated[StrictStr, AfterValidator(_text(MAX_REFERENCE_CHARACTERS))] | None = None


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed. ``null`` is the absence of a field. Raises
    InvalidInput with all errors.
    """
    checked = parse_input(_BookInput, without_nulls(_BookInput, payload), NOUN)
    return BookDetails.model_validate(checked.model_dump())


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    return parse_details(merge_patch(details, patch, NOUN))
