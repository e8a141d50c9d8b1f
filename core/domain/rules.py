"""The rules of a book: from a request's JSON to ``BookDetails``, with every error at once."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    WithJsonSchema,
)

from core.domain.book import NOUN
from core.domain.details import BookDetails
from core.domain.isbn import ISBN_SCHEMA, to_isbn13
from core.domain.language import LANGUAGE_SCHEMA, canonical_language
from core.domain.limits import (
    MAX_AUTHOR_CHARACTERS,
    MAX_AUTHORS,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_SUBJECT_CHARACTERS,
    MAX_SUBJECTS,
    MAX_TITLE_CHARACTERS,
)
from core.domain.published import PUBLISHED_SCHEMA, validate_published
from core.ports.input import parse_input, parse_patch, without_nulls
from core.ports.plain_text import plain_text, plain_text_schema

_LINES = "\t\n\r"


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


def _names_schema(minimum: int, maximum: int) -> dict[str, Any]:
    return {"minItems": minimum, "maxItems": maximum, "uniqueItems": True}


# Each rule with what JSON Schema can say of it, from the same constant.
_Title = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_TITLE_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_TITLE_CHARACTERS)),
]
_Author = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_AUTHOR_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_AUTHOR_CHARACTERS)),
]
_Authors = Annotated[
    tuple[_Author, ...],
    BeforeValidator(_not_too_many(1, MAX_AUTHORS)),
    AfterValidator(_names(1, MAX_AUTHORS)),
    Field(json_schema_extra=_names_schema(1, MAX_AUTHORS)),
]
_Isbn = Annotated[StrictStr, AfterValidator(to_isbn13), WithJsonSchema(ISBN_SCHEMA)]
_Description = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_DESCRIPTION_CHARACTERS, allowed=_LINES)),
    WithJsonSchema(plain_text_schema(MAX_DESCRIPTION_CHARACTERS, allowed=_LINES)),
]
_Published = Annotated[
    StrictStr, AfterValidator(validate_published), WithJsonSchema(PUBLISHED_SCHEMA)
]
_Language = Annotated[
    StrictStr, AfterValidator(canonical_language), WithJsonSchema(LANGUAGE_SCHEMA)
]
_Subject = Annotated[
    StrictStr,
    AfterValidator(plain_text(MAX_SUBJECT_CHARACTERS)),
    WithJsonSchema(plain_text_schema(MAX_SUBJECT_CHARACTERS)),
]
_Subjects = Annotated[
    tuple[_Subject, ...],
    BeforeValidator(_not_too_many(0, MAX_SUBJECTS)),
    AfterValidator(_names(0, MAX_SUBJECTS)),
    Field(json_schema_extra=_names_schema(0, MAX_SUBJECTS)),
]


class BookInput(BaseModel):
    """A book as a client sends it; null is the absence of a field.

    The first examples of all fields are the API's example of a book, the second ones of a revision.
    """

    model_config = ConfigDict(extra="forbid")

    title: _Title = Field(examples=["Emma", "Emma: A Novel"])
    authors: _Authors = Field(examples=[["Jane Austen"]])
    isbn: _Isbn | None = Field(None, examples=["978-0-14-143958-7"])
    description: _Description | None = Field(None, examples=["A comedy of manners in Highbury."])
    published: _Published | None = Field(None, examples=["1815", "1815-12-23"])
    language: _Language | None = Field(None, examples=["en-GB"])
    subjects: _Subjects = Field((), examples=[["Fiction", "Country life"]])


def parse_details(payload: object) -> BookDetails:
    """Return the book that ``payload``, parsed JSON, describes.

    Its texts are NFC-normalised and trimmed, its ISBN is an ISBN-13.
    ``null`` is the absence of a field. Raises InvalidInput with all errors.
    """
    checked = parse_input(BookInput, without_nulls(BookInput, payload), NOUN)
    return BookDetails(**vars(checked))


def patch_details(details: BookDetails, patch: object) -> BookDetails:
    """Return ``details`` changed by a JSON Merge Patch (RFC 7396). Raises InvalidInput."""
    return parse_patch(BookInput, details, patch, NOUN)
