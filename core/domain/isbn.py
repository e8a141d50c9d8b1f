"""International Standard Book Numbers (ISO 2108)."""

from typing import Any, Final

ISBN_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "format": "isbn",
    "pattern": "^(?:97[89][ -]?)?(?:[0-9][ -]?){9}[0-9Xx]$",
    "description": "An ISBN-10 or ISBN-13 with a right check digit, with or without hyphens.",
}
"""The JSON Schema of what ``to_isbn13`` takes; a few other separators it takes as well."""

ISBN_13_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^97[89][0-9]{10}$",
    "description": "An ISBN-13 without hyphens.",
}
"""The JSON Schema of what ``to_isbn13`` returns."""


def to_isbn13(text: str) -> str:
    """Return the ISBN-13, without hyphens, of an ISBN-10 or ISBN-13 with or without them.

    Raises ValueError, with a message for the client, where the form or the check digit is wrong.
    """
    # Imported here: few requests have an ISBN.
    from stdnum import isbn
    from stdnum.exceptions import InvalidLength, ValidationError
    from stdnum.util import clean

    try:
        number = isbn.validate(text)
        # Nine digits are a standard book number of before 1970 to the library, and to us a lost
        # leading zero.
        if len(clean(text, " -").strip()) not in (10, 13):
            raise InvalidLength
        return str(isbn.to_isbn13(number))
    except ValidationError as error:
        raise ValueError("must be an ISBN-10 or ISBN-13 with a right check digit") from error
