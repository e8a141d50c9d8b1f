"""What happened to a loan, and how it is stored."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from core.ports.events import EventCodec, EventType
from tests.lending.loan import Terms


@dataclass(frozen=True, slots=True)
class LoanRequested:
    """A member asked for a copy."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class RequestAmended:
    """The member will collect the copy at another branch."""

    pickup: str | None


@dataclass(frozen=True, slots=True)
class CopyLent:
    """The member took the copy home."""

    due: date


@dataclass(frozen=True, slots=True)
class LoanRenewed:
    """The member keeps the copy for longer."""

    due: date


@dataclass(frozen=True, slots=True)
class CopyReturned:
    """The copy came back."""


@dataclass(frozen=True, slots=True)
class CopyLost:
    """The copy could not be found."""


@dataclass(frozen=True, slots=True)
class LoanWithdrawn:
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
