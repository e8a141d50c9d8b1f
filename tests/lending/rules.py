"""The rules of a loan's fields: from a request's JSON to values, with every error at once."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StrictStr

from core.ports.input import parse_input
from tests.lending.loan import Terms

NOUN = "loan"
MAX_NAME_CHARACTERS = 50


def name(text: str) -> str:
    """Return ``text`` without surrounding white space. Raises ValueError, for the client."""
    stripped = text.strip()
    if not stripped.isprintable() or not 1 <= len(stripped) <= MAX_NAME_CHARACTERS:
        raise ValueError(f"must have 1 to {MAX_NAME_CHARACTERS} printable characters")
    return stripped


def iso_date(text: str) -> str:
    """Return ``text`` when it is a date. Raises ValueError, with a message for the client."""
    try:
        if date.fromisoformat(text).isoformat() == text:  # Python reads other forms of a date too
            return text
    except ValueError:
        pass
    raise ValueError("must be a date such as 2024-05-31")


_Name = Annotated[StrictStr, AfterValidator(name)]


class _Request(BaseModel, extra="forbid"):
    borrower: _Name
    barcode: _Name
    pickup: _Name | None = None


class _Amendment(BaseModel, extra="forbid"):
    pickup: _Name | None


class _Period(BaseModel, extra="forbid"):
    due: Annotated[StrictStr, AfterValidator(iso_date)]


def parse_request(payload: object) -> Terms:
    """Return the terms that ``payload`` asks for. Raises InvalidInput with all errors."""
    return Terms(**vars(parse_input(_Request, payload, NOUN)))


def parse_pickup(payload: object) -> str | None:
    """Return the branch that ``payload`` names. Raises InvalidInput with all errors."""
    return parse_input(_Amendment, payload, NOUN).pickup


def parse_due(payload: object) -> date:
    """Return the due date in ``payload``. Raises InvalidInput with all errors."""
    return date.fromisoformat(parse_input(_Period, payload, NOUN).due)
