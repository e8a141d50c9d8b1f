"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr

from core.domain.book import BookDetails
from core.ports.input import NOT_AN_OBJECT, parse_input
from core.ports.refusals import FieldError, InvalidInput

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


FIELDS = frozenset(_BookInput.model_fields)


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed. ``null`` is the absence of a field. Raises
    InvalidInput with all errors.
    """
    checked = parse_input(_BookInput, _present(payload), NOUN)
    return BookDetails.model_validate(checked.model_dump())


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    if not isinstance(patch, Mapping):
        raise InvalidInput(NOUN, (FieldError("", NOT_AN_OBJECT),))
    return parse_details({**details.model_dump(), **patch})


def _present(payload: object) -> object:
    # A null under an unknown name stays, so that it is refused like any other unknown field.
    if not isinstance(payload, Mapping):
        return payload
    return {
        name: value for name, value in payload.items() if value is not None or name not in FIELDS
    }
