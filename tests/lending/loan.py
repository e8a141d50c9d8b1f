"""The state of a loan, and what readers see of it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member asks for: the copy with a barcode, to collect at a branch.

    It is the main branch unless one is named. Only the types are checked here, so that every event
    ever stored loads again.
    """

    borrower: str
    barcode: str
    pickup: str | None = None


@dataclass(frozen=True, slots=True)
class LoanDetails:
    """What readers see of a loan. It has a due date once the copy was lent."""

    state: Literal["requested", "lent", "returned", "lost"]
    terms: Terms
    due: date | None = None
    renewals: int = 0


@dataclass(frozen=True, slots=True)
class NoLoan:
    """Nothing has happened under this id yet."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A member waits for the copy."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class Lent:
    """The member has the copy."""

    terms: Terms
    due: date
    renewals: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """The copy is back. The loan stays visible."""

    lent: Lent


@dataclass(frozen=True, slots=True)
class Lost:
    """The copy cannot be found. Nobody else can borrow it unless it is returned after all."""

    lent: Lent


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The member no longer wants the copy: nothing is visible any more."""


LoanState = NoLoan | Requested | Lent | Returned | Lost | Withdrawn


def view_of(state: LoanState) -> LoanDetails | None:
    """Return what readers see of a loan in ``state``; ``restore`` is the inverse."""
    match state:
        case NoLoan() | Withdrawn():
            return None
        case Requested(terms):
            return LoanDetails(state="requested", terms=terms)
        case Lent(terms, due, renewals):
            return LoanDetails(state="lent", terms=terms, due=due, renewals=renewals)
        case Returned(Lent(terms, due, renewals)):
            return LoanDetails(state="returned", terms=terms, due=due, renewals=renewals)
        case Lost(Lent(terms, due, renewals)):
            return LoanDetails(state="lost", terms=terms, due=due, renewals=renewals)
        case _:
            assert_never(state)


def restore(details: LoanDetails) -> LoanState:
    """Return the state that ``details`` show."""
    if details.due is None:
        return Requested(details.terms)
    lent = Lent(details.terms, details.due, details.renewals)
    if details.state == "lent":
        return lent
    return Returned(lent) if details.state == "returned" else Lost(lent)
