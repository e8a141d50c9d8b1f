"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr, ValidationError

from core.domain.book import BookDetails
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

_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of a book",
    "string_type": "must be a string",
    "model_type": "must be an object",
}


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes: NFC-normalised and trimmed.

    ``null`` is the absence of a field. Raises InvalidInput with all errors.
    """
    try:
        checked = _BookInput.model_validate(_present(payload))
    except ValidationError as error:
        raise InvalidInput(NOUN, _field_errors(error)) from error
    return BookDetails.model_validate(checked.model_dump())


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput with all errors."""
    if not isinstance(patch, Mapping):
        raise InvalidInput(NOUN, (FieldError("", _MESSAGES["model_type"]),))
    return parse_details({**details.model_dump(), **patch})


def _present(payload: object) -> object:
    # A null under a name that no book has stays, so that it is refused like any other unknown field.
    if not isinstance(payload, Mapping):
        return payload
    return {
        name: value for name, value in payload.items() if value is not None or name not in FIELDS
    }


def _field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(_pointer(tuple(e["loc"])), _message(e["type"], e["msg"], e.get("ctx", {})))
        for e in error.errors(include_url=False, include_input=False)
    )


def _message(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    return _MESSAGES.get(kind, message)


def _pointer(location: tuple[str | int, ...]) -> str:
    """Return a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
