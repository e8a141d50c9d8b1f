"""International Standard Book Numbers (ISO 2108)."""

from stdnum import isbn
from stdnum.exceptions import ValidationError


def to_isbn13(text: str) -> str:
    """Return the ISBN-13, without hyphens, of an ISBN-10 or ISBN-13 that may have hyphens or spaces.

    Raises ValueError, with a message for the client, where the form or the check digit is wrong.
    """
    try:
        return str(isbn.to_isbn13(isbn.validate(text)))
    except ValidationError as error:
        raise ValueError("must be an ISBN-10 or ISBN-13 with a right check digit") from error
