"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictStr

from core.domain.details import BookDetails
from core.domain.isbn import to_isbn13
from core.domain.language import canonical_language
from core.domain.published import validate_published
from core.ports.input import parse_input, parse_patch, without_nulls
from core.ports.plain_text import plain_text

NOUN = "book"
MAX_TITLE_CHARACTERS = 500
MAX_DESCRIPTION_CHARACTERS = 20_000
MAX_AUTHORS = 50
MAX_AUTHOR_CHARACTERS = 200
MAX_SUBJECTS = 50
MAX_SUBJECT_CHARACTERS = 100


def _not_too_many(minimum: int, maximum: int) -> Callable[[object], object]:
    # Before the items are looked at: a body has room for 30,000 of them, each with an error.
    def check(values: object) -> object:
        if isinstance(values, list | tuple) and len(values) > maximum:
            raise ValueError(f"must name {minimum} to {maximum}")
        return values

    return check


def _names(minimum: int, maximum: int) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    # Not pydantic's own bound: of a list with a bad item that would say that it is too short as
    # well.
    def check(values: tuple[str, ...]) -> tuple[str, ...]:
        if len(values) < minimum:
            raise ValueError(f"must name {minimum} to {maximum}")
        if len(set(values)) < len(values):
            raise ValueError("must not name one twice")
        return values

    return check


_Title = Annotated[StrictStr, AfterValidator(plain_text(MAX_TITLE_CHARACTERS))]
_Author = Annotated[StrictStr, AfterValidator(plain_text(MAX_AUTHOR_CHARACTERS))]
_Subject = Annotated[StrictStr, AfterValidator(plain_text(MAX_SUBJECT_CHARACTERS))]
_Description = Annotated[
    StrictStr, AfterValidator(plain_text(MAX_DESCRIPTION_CHARACTERS, allowed="\t\n\r"))
]
_Isbn = Annotated[StrictStr, AfterValidator(to_isbn13)]
_Published = Annotated[StrictStr, AfterValidator(validate_published)]
_Language = Annotated[StrictStr, AfterValidator(canonical_language)]


_Authors = Annotated[
    tuple[_Author, ...],
    BeforeValidator(_not_too_many(1, MAX_AUTHORS)),
    AfterValidator(_names(1, MAX_AUTHORS)),
]
_Subjects = Annotated[
    tuple[_Subject, ...],
    BeforeValidator(_not_too_many(0, MAX_SUBJECTS)),
    AfterValidator(_names(0, MAX_SUBJECTS)),
]


class BookInput(BaseModel):
    """A book as a client sends it; null is the absence of a field."""

    model_config = ConfigDict(extra="forbid")

    title: _Title
    authors: _Authors
    isbn: _Isbn | None = None
    description: _Description | None = None
    published: _Published | None = None
    language: _Language | None = None
    subjects: _Subjects = ()


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed, its ISBN is an ISBN-13.
    ``null`` is the absence of a field. Raises InvalidInput with all errors.
    """
    checked = parse_input(BookInput, without_nulls(BookInput, payload), NOUN)
    return BookDetails.model_validate(checked.model_dump())


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    return parse_patch(BookInput, details, patch, NOUN)
