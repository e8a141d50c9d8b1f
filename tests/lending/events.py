"""What happened to a loan, and how it is stored."""

from datetime import date
from typing import get_args

from pydantic import BaseModel

from core.ports.events import EventCodec, EventType
from tests.lending.loan import Terms


class LoanRequested(BaseModel, frozen=True, hide_input_in_errors=True):
    """A member asked for a copy."""

    terms: Terms


class RequestAmended(BaseModel, frozen=True, hide_input_in_errors=True):
    """The member will collect the copy at another branch."""

    pickup: str | None


class CopyLent(BaseModel, frozen=True, hide_input_in_errors=True):
    """The member took the copy home."""

    due: date


class LoanRenewed(BaseModel, frozen=True, hide_input_in_errors=True):
    """The member keeps the copy for longer."""

    due: date


class CopyReturned(BaseModel, frozen=True, hide_input_in_errors=True):
    """The copy came back."""


class CopyLost(BaseModel, frozen=True, hide_input_in_errors=True):
    """The copy could not be found."""


class LoanWithdrawn(BaseModel, frozen=True, hide_input_in_errors=True):
    """The member took the request back."""


LoanEvent = (
    LoanRequested
    | RequestAmended
    | CopyLent
    | LoanRenewed
    | CopyReturned
    | CopyLost
    | LoanWithdrawn
)

EVENTS: EventCodec[LoanEvent] = EventCodec(
    get_args(LoanEvent),
    {
        "LoanRequested": EventType(LoanRequested),
        "RequestAmended": EventType(RequestAmended),
        "CopyLent": EventType(CopyLent),
        "LoanRenewed": EventType(LoanRenewed),
        "CopyReturned": EventType(CopyReturned),
        "CopyLost": EventType(CopyLost),
        "LoanWithdrawn": EventType(LoanWithdrawn),
    },
)
